# Add customer reply on behalf of end-user
requests.post(f"{BASE}/feedback/feedback_id/comments", headers=headers, json={
    "message": "The issue is still happening",
    "authorType": "customer",
    "authorName": "John Doe",
    "authorEmail": "john@example.com",
})
