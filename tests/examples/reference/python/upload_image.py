# Upload an image
with open("screenshot.png", "rb") as f:
    upload_res = requests.post(
        f"{BASE}/feedback/upload",
        headers=headers,
        params={"workspaceId": "ws_123"},
        files={"file": ("screenshot.png", f, "image/png")},
    )
url = upload_res.json()["data"]["url"]
