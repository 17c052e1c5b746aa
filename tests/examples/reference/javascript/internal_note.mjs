// Add internal note
await fetch(`${BASE}/feedback/feedback_id/notes`, {
  method: 'POST',
  headers: {
    Authorization: `Bearer ${API_KEY}`,
    'Content-Type': 'application/json',
  },
  body: JSON.stringify({
    content: 'Escalated to engineering',
  }),
});
