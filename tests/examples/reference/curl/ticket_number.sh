curl https://userhero.co/api/v1/feedback/number/245?workspaceId=ws_123 \
  -H "Authorization: Bearer sk_live_your_key"
