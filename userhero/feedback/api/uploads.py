"""``/feedback/upload``."""

from userhero.feedback.actions.upload import take_file
from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction
from userhero.kernel.http.answers import Json
from userhero.kernel.http.inputs import Input
from userhero.kernel.http.routing import Routes
from userhero.media import UPLOADS, Attachment, Examined, UploadedMedia, UploadFields

routes = Routes("Media")


@routes.upload("/feedback/upload", scope="feedback:write", accept=UPLOADS)
def upload_file(
    tx: Transaction, actor: Actor, query: Input, body: UploadFields, upload: Examined
) -> Json[UploadedMedia | Attachment]:
    """Upload an image, an audio or a video file.

    The answer's `url` goes into `screenshotUrl`, `attachmentUrl`, `audioUrl` or `videoUrl` of new feedback. With
    `feedbackId` the answer is an attachment object for comments and notes on that item.
    """
    found = take_file(tx, actor, body, upload, query.workspace_id or body.workspace_id)
    if found.attachment is not None:
        return Json(found.attachment)
    return Json.of(UploadedMedia(upload.url, upload.mime_type, upload.size))
