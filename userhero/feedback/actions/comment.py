"""Adding to the conversation with the customer."""

from typing import Any

import msgspec
from sqlalchemy import bindparam, select

from userhero.conversations import Author, Written, write_comment
from userhero.customers import find_email, note_sight
from userhero.feedback.actions.change import change_feedback
from userhero.feedback.message_types import CommentCreated, NewComment
from userhero.feedback.queries import get_row
from userhero.feedback.tables import feedback
from userhero.feedback.types import FeedbackChange, FeedbackRow
from userhero.feedback.words import index_feedback
from userhero.kernel import clock
from userhero.kernel.actor import Actor
from userhero.kernel.db import Changes, Statement, Transaction
from userhero.kernel.errors import Forbidden, Invalid
from userhero.kernel.events import emit
from userhero.projects import get_in_workspace
from userhero.workspaces import Access

MAX_MESSAGE, MAX_NAME = 2000, 200

_f = feedback
_STATE = Statement(select(_f.c.customer_comments_enabled, _f.c.resolved_at).where(_f.c.id == bindparam("feedback")))
_changes = Changes(feedback)


class _State(msgspec.Struct, array_like=True):
    comments_enabled: bool
    resolved_at: str | None


def add_comment(tx: Transaction, actor: Actor, feedback_id: str, new: NewComment) -> str:
    """Add a comment by the actor, or by a customer on whose behalf the actor writes; returns it as JSON.

    A customer's comment on a resolved item reopens it within the project's reopen window. Raises NotFound, Invalid, or
    Forbidden where the item takes no comments.
    """
    access, row = get_row(tx, actor, feedback_id, new.workspace_id)
    state = tx.find(_State, _STATE, feedback=row.id)
    assert state is not None, "the row is there and locked"
    if not state.comments_enabled:
        raise Forbidden("Customer comments are switched off for this feedback item.")
    author = _author(actor, new)
    message = _message(new)
    written = write_comment(tx, (row.workspace_id, row.id), author, message, new.attachments or [])
    index_feedback(tx, row.id)
    is_reply = author.type == "customer"
    _changes.apply(tx, row.id, {"last_customer_reply_at": tx.now} if is_reply else _answered(tx, actor, row))
    _announce(tx, actor, row, author, message, written)
    if is_reply:
        note_sight(tx, row.workspace_id, author.email)
    if is_reply and row.status_category == "resolved":
        _reopen(tx, actor, access, row, state.resolved_at or row.updated_at)
    return written.document


def _answered(tx: Transaction, actor: Actor, row: FeedbackRow) -> dict[str, Any]:
    """What the first answer by a person changes; an automation's is none."""
    if row.responded_at is not None or actor.via == "system":
        return {}
    return {"responded_at": tx.now}


def _author(actor: Actor, new: NewComment) -> Author:
    """A customer is who the request says; an agent is whose key it is."""
    if new.author_type == "agent":
        return Author(type="agent", name=actor.name, email=actor.email, user_id=actor.user_id)
    name = (new.author_name or "").strip()
    if not 1 <= len(name) <= MAX_NAME:
        raise Invalid("authorName", f"must have 1 to {MAX_NAME} characters for a customer")
    if new.author_email is None:
        raise Invalid("authorEmail", "is required for a customer")
    email = find_email(new.author_email)
    if email is None:
        raise Invalid("authorEmail", "must be an e-mail address")
    return Author(type="customer", name=name, email=email)


def _message(new: NewComment) -> str:
    text = (new.message or "").strip()
    if len(text) > MAX_MESSAGE:
        raise Invalid("message", f"must have {MAX_MESSAGE} characters at the most")
    if not text and not new.attachments:
        raise Invalid("message", "is required where there are no attachments")
    return text


def _reopen(tx: Transaction, actor: Actor, access: Access, row: FeedbackRow, resolved_at: str) -> None:
    project = get_in_workspace(tx, access, row.project_id)
    if tx.now <= clock.shift(resolved_at, days=project.reopen_window_days):
        change_feedback(tx, actor, row.id, FeedbackChange(workspace_id=row.workspace_id, status="reopened"))


def _announce(tx: Transaction, actor: Actor, row: FeedbackRow, author: Author, message: str, written: Written) -> None:
    said: dict[str, Any] = {"message": message, "author_type": author.type, "author_name": author.name}
    event = CommentCreated(
        id=written.id,
        feedback_id=row.id,
        project_id=row.project_id,
        ticket_number=row.ticket_number,
        author_email=author.email,
        attachments=written.attachments,
        created_at=tx.now,
        **said,
    )
    emit(tx, row.workspace_id, event, actor_id=actor.user_id)
