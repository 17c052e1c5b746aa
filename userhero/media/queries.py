"""Reads of media."""

import msgspec
from sqlalchemy import bindparam, func, select

from userhero.kernel.db import Document, Statement, Transaction
from userhero.media.tables import media
from userhero.media.types import Attachment, StoredMedia
from userhero.workspaces import counts_usage

_m = media

ATTACHMENT = (
    Document()
    .plain("id", _m.c.id)
    .value("url", _m.c.url)
    .plain("type", _m.c.kind)
    .value("fileName", _m.c.file_name)
    .number("fileSize", _m.c.size)
    .plain("mimeType", _m.c.mime_type)
    .end()
)
_row = [_m.c[name] for name in StoredMedia.__struct_fields__]
_BY_TOKEN = Statement(select(*_row).where(_m.c.token == bindparam("token")))
_ATTACHMENT = Statement(select(ATTACHMENT).where(_m.c.id == bindparam("media"), _m.c.feedback_id == bindparam("owner")))
_OF_ITEM = Statement(select(ATTACHMENT).where(_m.c.feedback_id == bindparam("owner")))
_decode = msgspec.json.Decoder(Attachment).decode
_BYTES = Statement(select(func.coalesce(func.sum(_m.c.size), 0)).where(_m.c.workspace_id == bindparam("workspace")))


def find_stored(tx: Transaction, token: str) -> StoredMedia | None:
    """The file with this token, or None."""
    return tx.find(StoredMedia, _BY_TOKEN, token=token)


def list_files(tx: Transaction, feedback_id: str) -> dict[str, Attachment]:
    """The files of an item and of its messages, by their addresses."""
    found = (_decode(text) for text in tx.texts(_OF_ITEM, owner=feedback_id))
    return {file.url: file for file in found}


def find_attachment(tx: Transaction, feedback_id: str, media_id: str) -> str | None:
    """A file that was uploaded for this item, as JSON, or None."""
    found: str | None = tx.value(_ATTACHMENT, media=media_id, owner=feedback_id)
    return found


@counts_usage("storage_bytes")
def count_bytes(tx: Transaction, workspace_id: str) -> tuple[int, ...]:
    """How many bytes the workspace's media have in all."""
    return (int(tx.value(_BYTES, workspace=workspace_id)),)
