"""Removing an item."""

from msgspec import UnsetType
from sqlalchemy import bindparam, delete, func, literal_column, select

from userhero.customers import forget_feedback
from userhero.feedback.queries import get_row
from userhero.feedback.tables import feedback
from userhero.feedback.types import FeedbackDeleted
from userhero.kernel import audit
from userhero.kernel.actor import Actor
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.events import emit

CHUNK = 500

_f = feedback
_one = _f.c.id == bindparam("feedback")
_FACTS = Statement(select(_f.c.workspace_id, _f.c.project_id, _f.c.ticket_number, _f.c.customer_id).where(_one))
_is_older = (_f.c.workspace_id == bindparam("workspace"), _f.c.created_at < bindparam("before"))
_OLDER = Statement(
    select(_f.c.id).where(*_is_older).order_by(_f.c.created_at, _f.c.id).limit(literal_column(str(CHUNK)))
)
_COUNT_OLDER = Statement(select(func.count()).select_from(_f).where(*_is_older))
_DELETE = Statement(delete(_f).where(_one))


def list_older(tx: Transaction, workspace_id: str, before: str) -> list[str]:
    """The ids of the oldest items of a workspace that were made before a time, 500 at the most."""
    return tx.texts(_OLDER, workspace=workspace_id, before=before)


def count_older(tx: Transaction, workspace_id: str, before: str) -> int:
    """How many items of a workspace were made before a time."""
    return int(tx.value(_COUNT_OLDER, workspace=workspace_id, before=before))


def delete_feedback(tx: Transaction, actor: Actor, feedback_id: str, workspace_id: str | UnsetType) -> None:
    """Remove an item and what hangs on it; its ticket number is not given again. Raises NotFound."""
    _, row = get_row(tx, actor, feedback_id, workspace_id)
    remove_item(tx, row.id, actor_id=actor.user_id)
    # Nothing that it said: whoever wrote it may have asked for that to be forgotten.
    subject = audit.Subject(row.id, f"#{row.ticket_number}")
    audit.record(tx, actor, row.workspace_id, "feedback.deleted", subject, before={"projectId": row.project_id})


def remove_item(tx: Transaction, feedback_id: str, *, actor_id: str | None = None) -> None:
    """The same for work that goes on by itself in a workspace that was entered when it was asked for. An item that is
    gone already is fine.
    """
    row = tx.one(_FACTS, feedback=feedback_id)
    if row is None:
        return
    workspace_id, project_id, ticket_number, customer_id = row
    tx.run(_DELETE, feedback=feedback_id)
    forget_feedback(tx, customer_id)
    event = FeedbackDeleted(id=feedback_id, project_id=project_id, ticket_number=ticket_number)
    emit(tx, workspace_id, event, actor_id=actor_id)
