# List comments
curl "https://userhero.co/api/v1/feedback/feedback_id/comments" \
  -H "Authorization: Bearer sk_live_your_key"
