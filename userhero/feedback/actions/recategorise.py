"""Items follow the statuses of their project: a status in use stays, and a new category is theirs as well.

The first few hundred items follow in the transaction that changes the status, the others in jobs of a few hundredths of
a second each. Nothing is announced: the status of no item has changed.
"""

from typing import NamedTuple

import msgspec
from sqlalchemy import bindparam, func, literal_column, select, tuple_, update

from userhero.feedback.tables import feedback
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.errors import Conflict
from userhero.kernel.jobs import enqueue
from userhero.projects import Category, Sla, StatusesChanged, find_sla, hold_statuses, on_statuses_changed

JOB = "feedback.recategorise"
CHUNK = 300
# Counting further would keep other writers waiting, and says no more.
_MOST = 10_000

_f = feedback
_in_status = (
    _f.c.workspace_id == bindparam("workspace"),
    _f.c.status == bindparam("status"),
    _f.c.project_id == bindparam("project"),
)
_some = select(_f.c.id).where(*_in_status).limit(literal_column(str(_MOST))).subquery()
_COUNT = Statement(select(func.count()).select_from(_some))


class Place(msgspec.Struct, kw_only=True):
    """Where a walk through the items in a status stands: after the item made at ``at`` with ``id``."""

    workspace: str
    project: str
    status: str
    at: str = ""
    id: str = ""


class _Item(msgspec.Struct, array_like=True):
    id: str
    created_at: str
    status_category: Category
    due_date: str | None
    response_due_at: str | None
    warn_at: str | None
    pending_since: str | None
    paused_ms: int
    resolved_at: str | None


_NEXT = Statement(
    select(*(_f.c[name] for name in _Item.__struct_fields__))
    .where(*_in_status, tuple_(_f.c.created_at, _f.c.id) > tuple_(bindparam("at"), bindparam("id")))
    .order_by(_f.c.created_at, _f.c.id)
    .limit(literal_column(str(CHUNK)))
    .with_for_update()
)
_MOVE = Statement(
    update(_f)
    .where(_f.c.id == bindparam("item"))
    .values(
        status_category=bindparam("category"),
        due_date=bindparam("due"),
        response_due_at=bindparam("response_due"),
        warn_at=bindparam("warn"),
        pending_since=bindparam("since"),
        paused_ms=bindparam("paused"),
        resolved_at=bindparam("resolved"),
    )
)


class _Clock(NamedTuple):
    due: str | None
    response_due: str | None
    warn: str | None
    since: str | None
    paused: int


@on_statuses_changed
def follow_statuses(tx: Transaction, change: StatusesChanged) -> None:
    """Let the project's items follow. Raises Conflict, with how many there are, where a status that goes has items."""
    for status in change.gone:
        place = Place(workspace=change.workspace_id, project=change.project_id, status=status)
        found = int(tx.value(_COUNT, workspace=place.workspace, project=place.project, status=status))
        if found:
            many = f"{found:,}" if found < _MOST else f"{_MOST:,} or more"
            raise Conflict(f"The status {status} is in use by {many} feedback items; move them to another one first.")
    for status, category in change.moved.items():
        place = Place(workspace=change.workspace_id, project=change.project_id, status=status)
        _move_some(tx, place, category)


def move_more(tx: Transaction, place: Place) -> None:
    """Go on with a walk, in the category that the status has by now."""
    category = next((each.category for each in hold_statuses(tx, place.project) if each.id == place.status), None)
    if category is not None:
        _move_some(tx, place, category)


def _move_some(tx: Transaction, place: Place, category: Category) -> None:
    where = msgspec.to_builtins(place)
    items, promised = tx.list(_Item, _NEXT, **where), find_sla(tx, place.project)
    for item in items:
        if item.status_category != category:
            clock = _clock(promised, item, category, tx.now)
            resolved = tx.now if category == "resolved" else item.resolved_at
            tx.run(_MOVE, item=item.id, category=category, resolved=resolved, **clock._asdict())
    if len(items) == CHUNK:
        last = items[-1]
        enqueue(tx, JOB, where | {"at": last.created_at, "id": last.id})


def _clock(promised: Sla, item: _Item, category: Category, now: str) -> _Clock:
    """The deadlines as they would be had the item changed its status by itself."""
    if category == "pending":
        return _Clock(item.due_date, item.response_due_at, item.warn_at, now, item.paused_ms)
    if item.status_category != "pending":
        return _Clock(item.due_date, item.response_due_at, item.warn_at, None, item.paused_ms)
    waited = promised.pause(item.pending_since, now)
    due = promised.moved(item.due_date, waited) if item.due_date else None
    response_due = promised.moved(item.response_due_at, waited) if item.response_due_at else None
    return _Clock(due, response_due, promised.warn_at(due), None, item.paused_ms + waited)
