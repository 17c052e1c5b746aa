// Create feedback with attachment and audio
await fetch(`${BASE}/feedback`, {
  method: 'POST',
  headers: {
    Authorization: `Bearer ${API_KEY}`,
    'Content-Type': 'application/json',
  },
  body: JSON.stringify({
    workspaceId: 'ws_123',
    projectId: 'proj_456',
    message: 'Feature request from API',
    screenshotUrl: url,
    audioUrl: audioUrl,
  }),
});
