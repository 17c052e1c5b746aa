# List projects
curl "https://userhero.co/api/v1/projects?workspaceId=ws_123" \
  -H "Authorization: Bearer sk_live_your_key"
