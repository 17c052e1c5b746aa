"""What exports hold of media: what is known of each file, and where it lies in the store."""

from typing import Any

import msgspec
from sqlalchemy import Select, bindparam, func, literal_column

from userhero.kernel.db import Document
from userhero.kernel.db.extract import Extract
from userhero.media.examine import stored_name
from userhero.media.tables import media

_m = media

_document = (
    Document()
    .plain("id", _m.c.id)
    .value("feedbackId", _m.c.feedback_id)
    .value("projectId", _m.c.project_id)
    .value("url", _m.c.url)
    .plain("type", _m.c.kind)
    .value("fileName", _m.c.file_name)
    .number("fileSize", _m.c.size)
    .plain("mimeType", _m.c.mime_type)
    .plain("sha256", _m.c.sha256)
    .plain("createdAt", _m.c.created_at)
    .value("path", func.concat(literal_column("'media/'"), _m.c.id, literal_column("'/'"), _m.c.file_name))
    .end()
)


class ExtractedFile(msgspec.Struct, rename="camel", frozen=True):
    """A file as its document says: ``path`` is its place in an export."""

    url: str
    path: str
    file_size: int

    @property
    def name(self) -> str:
        """Its name in the store."""
        return stored_name(self.url.rsplit("/", 2)[1])


read_extracted = msgspec.json.Decoder(ExtractedFile).decode


def media_extract(items: Select[Any]) -> Extract:
    """Files that are attached to something; a customer's are those of ``items``."""
    return Extract(
        "media",
        _document,
        [_m.c.size, _m.c.id],
        of_workspace=[
            _m.c.workspace_id == bindparam("workspace"),
            _m.c.attached_at.is_not(None),
            _m.c.created_at <= bindparam("until"),
        ],
        of_customer=[_m.c.feedback_id.in_(items)],
    )
