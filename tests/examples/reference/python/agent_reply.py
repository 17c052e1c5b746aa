# Add agent reply with attachment
requests.post(f"{BASE}/feedback/feedback_id/comments", headers=headers, json={
    "message": "Here is the fix",
    "attachments": [attachment],
})
