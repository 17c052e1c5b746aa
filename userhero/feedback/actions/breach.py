"""Noticing that a deadline is near or has passed."""

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, bindparam, literal_column, select, text, update

from userhero.feedback.tables import AWAITED, WARNED, WATCHED, feedback
from userhero.feedback.types import FirstResponseBreached, SlaBreached, SlaWarning
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.events import emit_all
from userhero.projects import Priority

# As many as a unit of work marks in some hundredths of a second: other writers wait no longer than that.
CHUNK = 200

_f = feedback
_due = feedback.alias("due")


class Missed(msgspec.Struct, array_like=True, frozen=True):
    """An item whose deadline is near or has passed: the one it shows, or that of the first answer."""

    id: str
    workspace_id: str
    project_id: str
    ticket_number: int
    status: str
    priority: Priority | None
    assignee_id: str | None
    due_date: str


def _mark(condition: str, time: ColumnElement[Any], shown: ColumnElement[Any], **values: Any) -> Statement:
    """Marks the items that meet a condition and whose time has come, the earliest first, and returns them."""
    found = (
        select(_due.c.id)
        .where(text(condition), time <= bindparam("now"))
        .order_by(time, _due.c.id)
        .limit(literal_column(str(CHUNK)))
        .with_for_update(skip_locked=True)
    )
    returned = [_f.c[name] for name in Missed.__struct_fields__[:-1]]
    return Statement(update(_f).where(_f.c.id.in_(found)).values(**values).returning(*returned, shown))


_MISSED = _mark(WATCHED, _due.c.due_date, _f.c.due_date, sla_breached=True)
_LATE = _mark(AWAITED, _due.c.response_due_at, _f.c.response_due_at, response_breached=True)
# What is overdue already needs no warning.
_NEAR = _mark(f"{WARNED} AND due.due_date > :now", _due.c.warn_at, _f.c.due_date, warn_at=None)


def mark_missed_deadlines(tx: Transaction) -> bool:
    """Mark the items that are overdue, at most 200 of them; True where there may be more.

    Their ``updatedAt`` stays: nobody touched them.
    """
    missed = tx.list(Missed, _MISSED, now=tx.now)
    announce_breaches(tx, sorted(missed, key=_in_order))
    return len(missed) == CHUNK


def mark_late_responses(tx: Transaction) -> bool:
    """The same for items that nobody has answered in time."""
    late = sorted(tx.list(Missed, _LATE, now=tx.now), key=_in_order)
    emit_all(
        tx,
        (
            (
                item.workspace_id,
                FirstResponseBreached(**_shown(item), response_due_at=item.due_date, breached_at=tx.now),
            )
            for item in late
        ),
    )
    return len(late) == CHUNK


def warn_of_deadlines(tx: Transaction) -> bool:
    """Write down that the deadlines of open items are near, once for each deadline, at most 200; True where there may
    be more.
    """
    near = sorted(tx.list(Missed, _NEAR, now=tx.now), key=_in_order)
    emit_all(tx, ((item.workspace_id, SlaWarning(**_shown(item), due_date=item.due_date)) for item in near))
    return len(near) == CHUNK


def announce_breaches(tx: Transaction, missed: list[Missed]) -> None:
    """Write down that the deadlines of items have passed."""
    emit_all(
        tx,
        (
            (item.workspace_id, SlaBreached(**_shown(item), due_date=item.due_date, breached_at=tx.now))
            for item in missed
        ),
    )


def _in_order(item: Missed) -> tuple[str, str]:
    return item.due_date, item.id


def _shown(item: Missed) -> dict[str, Any]:
    """What the events say of the item itself."""
    return {
        "id": item.id,
        "project_id": item.project_id,
        "ticket_number": item.ticket_number,
        "status": item.status,
        "priority": item.priority,
        "assignee_id": item.assignee_id,
    }
