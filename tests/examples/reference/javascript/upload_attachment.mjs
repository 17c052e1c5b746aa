// Upload a conversation attachment
const attForm = new FormData();
attForm.append('file', fs.createReadStream('screenshot.png'));
attForm.append('feedbackId', 'feedback_id');
const attRes = await fetch(`${BASE}/feedback/upload?workspaceId=ws_123`, {
  method: 'POST',
  headers: { Authorization: `Bearer ${API_KEY}` },
  body: attForm,
});
const attachment = (await attRes.json()).data;
