# List feedback by user email
res = requests.get(f"{BASE}/feedback", headers=headers, params={
    "workspaceId": "ws_123",
    "userEmail": "user@example.com",
})
