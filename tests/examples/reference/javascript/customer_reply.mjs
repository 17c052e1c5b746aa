// Add customer reply on behalf of end-user
await fetch(`${BASE}/feedback/feedback_id/comments`, {
  method: 'POST',
  headers: {
    Authorization: `Bearer ${API_KEY}`,
    'Content-Type': 'application/json',
  },
  body: JSON.stringify({
    message: 'The issue is still happening',
    authorType: 'customer',
    authorName: 'John Doe',
    authorEmail: 'john@example.com',
  }),
});
