"""Removing an item."""

from msgspec import UnsetType
from sqlalchemy import bindparam, delete

from userhero.customers import forget_feedback
from userhero.feedback.queries import get_row
from userhero.feedback.tables import feedback
from userhero.feedback.types import FeedbackDeleted
from userhero.kernel import audit
from userhero.kernel.actor import Actor
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.events import emit

_DELETE = Statement(delete(feedback).where(feedback.c.id == bindparam("feedback")))


def delete_feedback(tx: Transaction, actor: Actor, feedback_id: str, workspace_id: str | UnsetType) -> None:
    """Remove an item and what hangs on it; its ticket number is not given again. Raises NotFound."""
    _, row = get_row(tx, actor, feedback_id, workspace_id)
    tx.run(_DELETE, feedback=row.id)
    forget_feedback(tx, row.customer_id)
    event = FeedbackDeleted(id=row.id, project_id=row.project_id, ticket_number=row.ticket_number)
    emit(tx, row.workspace_id, event, actor_id=actor.user_id)
    # Nothing that it said: whoever wrote it may have asked for that to be forgotten.
    subject = audit.Subject(row.id, f"#{row.ticket_number}")
    audit.record(tx, actor, row.workspace_id, "feedback.deleted", subject, before={"projectId": row.project_id})
