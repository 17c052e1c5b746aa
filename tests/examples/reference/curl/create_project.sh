# Create project with idempotency
curl -X POST "https://userhero.co/api/v1/projects" \
  -H "Authorization: Bearer sk_live_your_key" \
  -H "Content-Type: application/json" \
  -H "Idempotency-Key: create-proj-001" \
  -d '{"workspaceId": "ws_123", "name": "New Project"}'
