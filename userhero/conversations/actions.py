"""Writes on messages. Who may write, and what follows from it, is for the slice whose thread it is."""

import msgspec

from userhero.conversations.queries import shown
from userhero.conversations.tables import messages
from userhero.conversations.types import AttachmentReference, Author, Channel
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
    comment_id = f"cc_{int(clock.unix(tx.now))}_{ids.random_base62(12)}"
    members = {"id": comment_id, "message": message, "authorType": author.type, "authorName": author.name}
    return _write(tx, thread, "comment", author, message, None, members, files)


def write_note(
    tx: Transaction,
    thread: tuple[str, str],
    author: Author,
    content: str,
    html: str | None,
    files: list[AttachmentReference],
) -> Written:
    """Add an internal note; ``html`` has been sanitised. Raises as ``write_comment`` does."""
    note_id = ids.new_uuid()
    members = {"id": note_id, "content": content, "authorName": author.name, "authorEmail": author.email}
    return _write(tx, thread, "note", author, content, html, members, files)


def _write(
    tx: Transaction,
    thread: tuple[str, str],
    channel: Channel,
    author: Author,
    text: str,
    html: str | None,
    members: dict[str, str],
    files: list[AttachmentReference],
) -> Written:
    workspace_id, thread_id = thread
    attachments = f"[{','.join(attach(tx, thread_id, [file.id for file in files]))}]"
    raw = msgspec.Raw(attachments.encode())
    document = _encode({**members, "attachments": raw, "createdAt": tx.now}).decode().removesuffix("}")
    tx.run(
        _INSERT,
        id=members["id"],
        workspace_id=workspace_id,
        thread_id=thread_id,
        channel=channel,
        author_type=author.type,
        author_id=author.user_id,
        author_name=author.name,
        author_email=author.email,
        text=text,
        html=html,
        attachments=attachments,
        document=document,
        created_at=tx.now,
    )
    ending = f',"contentHtml":{_encode(html).decode()}}}' if channel == "note" else "}"
    return Written(members["id"], shown(document + ending), _attachments(attachments))
