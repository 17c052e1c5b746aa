# Add internal note
requests.post(f"{BASE}/feedback/feedback_id/notes", headers=headers, json={
    "content": "Escalated to engineering",
})
