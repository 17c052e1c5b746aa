// List feedback
const res = await fetch(`${BASE}/feedback?workspaceId=ws_123`, {
  headers: { Authorization: `Bearer ${API_KEY}` },
});
const { data } = await res.json();
