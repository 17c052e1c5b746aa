"""Writes on messages. Who may write, and what follows from it, is for the slice whose thread it is."""

from collections.abc import Sequence
from typing import Any

import msgspec

from userhero.conversations.queries import shown
from userhero.conversations.tables import messages
from userhero.conversations.types import AttachmentReference, Author, Channel, PastMessage
from userhero.kernel import clock, ids
from userhero.kernel.db import Transaction, insertion
from userhero.media import Attachment, attach

_INSERT = insertion(
    messages,
    "id", "workspace_id", "thread_id", "channel", "author_type", "author_id", "author_name", "author_email", "text",
    "html", "attachments", "document", "created_at",
)  # fmt: skip
_encode = msgspec.json.Encoder().encode
_attachments = msgspec.json.Decoder(list[Attachment]).decode


class Written(msgspec.Struct, frozen=True):
    """A message just written: its id, its JSON, and its attachments."""

    id: str
    document: str
    attachments: list[Attachment]


def write_comment(
    tx: Transaction, thread: tuple[str, str], author: Author, message: str, files: list[AttachmentReference]
) -> Written:
    """Add to the conversation with the customer. ``thread`` is the workspace and the id of what it is about.

    Raises Invalid for an attachment that was not uploaded for this thread, or that comes twice.
    """
    return _write(tx, thread, "comment", author, message, None, files)


def write_note(
    tx: Transaction,
    thread: tuple[str, str],
    author: Author,
    content: str,
    html: str | None,
    files: list[AttachmentReference],
) -> Written:
    """Add an internal note; ``html`` has been sanitised. Raises as ``write_comment`` does."""
    return _write(tx, thread, "note", author, content, html, files)


def record_messages(tx: Transaction, written: Sequence[PastMessage]) -> None:
    """Put messages that were written elsewhere, long ago, into their threads, in the order given."""
    tx.run_each(_INSERT, [_row(message, "[]") for message in written])


def _write(
    tx: Transaction,
    thread: tuple[str, str],
    channel: Channel,
    author: Author,
    text: str,
    html: str | None,
    files: list[AttachmentReference],
) -> Written:
    workspace_id, thread_id = thread
    attachments = f"[{','.join(attach(tx, thread_id, [file.id for file in files]))}]"
    message = PastMessage(
        workspace_id=workspace_id,
        thread_id=thread_id,
        channel=channel,
        author=author,
        text=text,
        html=html,
        created_at=tx.now,
    )
    row = _row(message, attachments)
    tx.run(_INSERT, **row)
    ending = f',"contentHtml":{_encode(html).decode()}}}' if channel == "note" else "}"
    return Written(row["id"], shown(row["document"] + ending), _attachments(attachments))


def _row(message: PastMessage, attachments: str) -> dict[str, Any]:
    """A message as it is stored, its JSON without the end."""
    author, created_at = message.author, message.created_at
    if message.channel == "comment":
        message_id = f"cc_{int(clock.unix(created_at))}_{ids.random_base62(12)}"
        members = {"message": message.text, "authorType": author.type, "authorName": author.name}
    else:
        message_id = ids.new_uuid()
        members = {"content": message.text, "authorName": author.name, "authorEmail": author.email}
    raw = msgspec.Raw(attachments.encode())
    document = _encode({"id": message_id, **members, "attachments": raw, "createdAt": created_at})
    return {
        "id": message_id,
        "workspace_id": message.workspace_id,
        "thread_id": message.thread_id,
        "channel": message.channel,
        "author_type": author.type,
        "author_id": author.user_id,
        "author_name": author.name,
        # Who is a customer may be known by name only.
        "author_email": (author.email or None) if author.type == "customer" else author.email,
        "text": message.text,
        "html": message.html,
        "attachments": attachments,
        "document": document.decode().removesuffix("}"),
        "created_at": created_at,
    }
