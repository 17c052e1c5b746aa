# Upload a conversation attachment
with open("screenshot.png", "rb") as f:
    att_res = requests.post(
        f"{BASE}/feedback/upload",
        headers=headers,
        params={"workspaceId": "ws_123"},
        data={"feedbackId": "feedback_id"},
        files={"file": ("screenshot.png", f, "image/png")},
    )
attachment = att_res.json()["data"]
