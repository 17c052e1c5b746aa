// List feedback by user email
const userRes = await fetch(`${BASE}/feedback?workspaceId=ws_123&userEmail=user@example.com`, {
  headers: { Authorization: `Bearer ${API_KEY}` },
});
