"""Noticing that a deadline is near or has passed."""

from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, bindparam, literal_column, select, text, update

from userhero.feedback.tables import AWAITED, WARNED, WATCHED, feedback
from userhero.feedback.types import FirstResponseBreached, SlaBreached, SlaWarning
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.events import emit_all
from userhero.projects import Priority

# As many as are marked in some thousandths of a second: a unit marks more until its turn is over.
CHUNK = 100

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
    """Mark the items that are overdue, until the unit has taken its time; True where there may be more.

    Their ``updatedAt`` stays: nobody touched them.
    """
    return _part_by_part(tx, _MISSED, announce_breaches)


def mark_late_responses(tx: Transaction) -> bool:
    """The same for items that nobody has answered in time."""
    return _part_by_part(tx, _LATE, _announce_late_responses)


def warn_of_deadlines(tx: Transaction) -> bool:
    """Write down that the deadlines of open items are near, once for each deadline, until the unit has taken its time;
    True where there may be more.
    """
    return _part_by_part(tx, _NEAR, _announce_warnings)


def announce_breaches(tx: Transaction, missed: list[Missed]) -> None:
    """Write down that the deadlines of items have passed."""
    emit_all(
        tx,
        (
            (item.workspace_id, SlaBreached(**_shown(item), due_date=item.due_date, breached_at=tx.now))
            for item in missed
        ),
    )


def _announce_late_responses(tx: Transaction, late: list[Missed]) -> None:
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


def _announce_warnings(tx: Transaction, near: list[Missed]) -> None:
    emit_all(tx, ((item.workspace_id, SlaWarning(**_shown(item), due_date=item.due_date)) for item in near))


def _part_by_part(tx: Transaction, mark: Statement, announce: Callable[[Transaction, list[Missed]], None]) -> bool:
    """Mark and announce; True where the turn was over before there was nothing left."""
    while True:
        marked = tx.list(Missed, mark, now=tx.now)
        announce(tx, sorted(marked, key=_in_order))
        if len(marked) < CHUNK:
            return False
        if tx.turn_is_over:
            return True


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
