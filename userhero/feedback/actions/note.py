"""Adding internal notes."""

import msgspec

from userhero.conversations import Author, write_note
from userhero.feedback.message_types import NewNote, NoteCreated
from userhero.feedback.queries import get_row
from userhero.feedback.tables import feedback
from userhero.feedback.types import FeedbackRow
from userhero.feedback.words import index_feedback
from userhero.kernel import richtext
from userhero.kernel.actor import Actor
from userhero.kernel.db import Changes, Transaction
from userhero.kernel.errors import Invalid
from userhero.kernel.events import emit
from userhero.workspaces import Access, find_member

MAX_CONTENT = 5000

_changes = Changes(feedback)
_list = msgspec.json.Decoder(list[str]).decode


def add_note(tx: Transaction, actor: Actor, feedback_id: str, new: NewNote) -> str:
    """Add a note by the actor; returns it as JSON. Whom it mentions watches the item from now on.

    Raises NotFound, or Invalid where a value breaks a rule or somebody mentioned is no member.
    """
    access, row = get_row(tx, actor, feedback_id, new.workspace_id)
    content, html = _content(new)
    mentions = _mentioned(tx, access, new)
    author = Author(type="agent", name=actor.name, email=actor.email, user_id=actor.user_id)
    written = write_note(tx, (row.workspace_id, row.id), author, content, html, new.attachments or [])
    index_feedback(tx, row.id)
    _changes.apply(tx, row.id, _watchers(row, mentions))
    event = NoteCreated(
        id=written.id,
        feedback_id=row.id,
        project_id=row.project_id,
        ticket_number=row.ticket_number,
        content=content,
        author_name=author.name,
        author_email=author.email,
        mentions=mentions,
        attachments=written.attachments,
        created_at=tx.now,
    )
    emit(tx, row.workspace_id, event, actor_id=actor.user_id)
    return written.document


def _content(new: NewNote) -> tuple[str, str | None]:
    """Plain text and HTML: the text as given, else what the HTML shows."""
    html = richtext.sanitised(new.content_html).strip() if new.content_html else ""
    shown = richtext.plain(html)
    text = (new.content or "").strip() or shown
    if len(text) > MAX_CONTENT or len(shown) > MAX_CONTENT:
        field = "content" if len((new.content or "").strip()) > MAX_CONTENT else "contentHtml"
        raise Invalid(field, f"must have {MAX_CONTENT} characters at the most")
    if not text and not new.attachments:
        raise Invalid("content", "is required where there are no attachments")
    return text, html if shown else None


def _mentioned(tx: Transaction, access: Access, new: NewNote) -> list[str]:
    mentions = list(dict.fromkeys(new.mentions or []))
    for user_id in mentions:
        if find_member(tx, access, user_id) is None:
            raise Invalid("mentions", "must be members of the workspace")
    return mentions


def _watchers(row: FeedbackRow, mentions: list[str]) -> dict[str, str]:
    known = _list(row.watcher_ids)
    added = [user_id for user_id in mentions if user_id not in known]
    return {"watcher_ids": msgspec.json.encode([*known, *added]).decode()} if added else {}
