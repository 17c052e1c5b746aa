"""Noticing that a deadline has passed."""

import msgspec
from sqlalchemy import bindparam, literal_column, select, text, update

from userhero.feedback.tables import WATCHED, feedback
from userhero.feedback.types import SlaBreached
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.events import emit
from userhero.projects import Priority

# As many as a unit of work marks in a few hundredths of a second: other writers wait no longer than that.
CHUNK = 1000

_f = feedback
_due = feedback.alias("due")


class Missed(msgspec.Struct, array_like=True, frozen=True):
    """An item whose deadline has passed."""

    id: str
    workspace_id: str
    project_id: str
    ticket_number: int
    status: str
    priority: Priority | None
    assignee_id: str | None
    due_date: str


_next = (
    select(_due.c.id)
    .where(text(WATCHED), _due.c.due_date <= bindparam("now"))
    .order_by(_due.c.due_date, _due.c.id)
    .limit(literal_column(str(CHUNK)))
    .with_for_update(skip_locked=True)
)
_MARK = Statement(
    update(_f)
    .where(_f.c.id.in_(_next))
    .values(sla_breached=True)
    .returning(*(_f.c[name] for name in Missed.__struct_fields__))
)


def mark_missed_deadlines(tx: Transaction) -> bool:
    """Mark the items that are overdue, at most 1,000 of them; True where there may be more.

    Their ``updatedAt`` stays: nobody touched them.
    """
    missed = tx.list(Missed, _MARK, now=tx.now)
    missed.sort(key=lambda item: (item.due_date, item.id))
    announce_breaches(tx, missed)
    return len(missed) == CHUNK


def announce_breaches(tx: Transaction, missed: list[Missed]) -> None:
    """Write down that the deadlines of items have passed."""
    for item in missed:
        emit(tx, item.workspace_id, _breached(item, tx.now))


def _breached(item: Missed, now: str) -> SlaBreached:
    return SlaBreached(
        id=item.id,
        project_id=item.project_id,
        ticket_number=item.ticket_number,
        status=item.status,
        priority=item.priority,
        assignee_id=item.assignee_id,
        due_date=item.due_date,
        breached_at=now,
    )
