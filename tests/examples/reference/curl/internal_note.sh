# Add internal note
curl -X POST "https://userhero.co/api/v1/feedback/feedback_id/notes" \
  -H "Authorization: Bearer sk_live_your_key" \
  -H "Content-Type: application/json" \
  -d '{"content": "Escalated to engineering"}'
