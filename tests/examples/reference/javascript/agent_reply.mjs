// Add agent reply with attachment
await fetch(`${BASE}/feedback/feedback_id/comments`, {
  method: 'POST',
  headers: {
    Authorization: `Bearer ${API_KEY}`,
    'Content-Type': 'application/json',
  },
  body: JSON.stringify({
    message: 'Here is the fix',
    attachments: [attachment],
  }),
});
