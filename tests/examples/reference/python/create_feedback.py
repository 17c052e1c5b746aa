# Create feedback with attachment and audio
requests.post(f"{BASE}/feedback", headers=headers, json={
    "workspaceId": "ws_123",
    "projectId": "proj_456",
    "message": "Bug from CI pipeline",
    "screenshotUrl": url,
    "audioUrl": audio_url,
})
