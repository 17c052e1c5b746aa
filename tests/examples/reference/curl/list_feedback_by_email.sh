# List feedback by user email
curl "https://userhero.co/api/v1/feedback?workspaceId=ws_123&userEmail=user@example.com" \
  -H "Authorization: Bearer sk_live_your_key"
