# Upload conversation attachment
curl -X POST "https://userhero.co/api/v1/feedback/upload?workspaceId=ws_123" \
  -H "Authorization: Bearer sk_live_your_key" \
  -F "file=@screenshot.png" \
  -F "feedbackId=feedback_id"
