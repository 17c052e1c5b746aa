# Upload an audio file
with open("recording.webm", "rb") as f:
    audio_res = requests.post(
        f"{BASE}/feedback/upload",
        headers=headers,
        params={"workspaceId": "ws_123"},
        files={"file": ("recording.webm", f, "audio/webm")},
    )
audio_url = audio_res.json()["data"]["url"]
