"""What happened, as rows written in the transaction in which it happened.

Everything that follows from a change (notifications, webhooks, automations, live updates) reads these rows, so
nothing follows from a change that was rolled back, and nothing is forgotten by a crash.
"""

from collections.abc import Iterable
from typing import Any, ClassVar

import msgspec
from sqlalchemy import (
    ColumnElement,
    Index,
    Table,
    bindparam,
    delete,
    func,
    literal_column,
    null,
    select,
    text,
    tuple_,
    update,
)

from userhero.kernel import clock, ids
from userhero.kernel.db import Statement, Transaction, columns, insertion, metadata
from userhero.kernel.db.functions import unindexed
from userhero.kernel.db.traces import Traces

events = Table(
    "events",
    metadata,
    columns.sequence("position"),
    columns.words("id"),
    columns.words("workspace_id"),
    columns.words("kind"),
    columns.words("subject_id"),
    columns.optional("actor_id"),
    columns.words("data"),
    columns.time("created_at"),
    # The transaction that wrote the row, where transactions run side by side; see docs/adr/0005-events-in-order.md.
    columns.given("turn"),
    columns.optional("cause"),
    Index("uq_events_id", "id", unique=True),
    Index("ix_events_workspace_id_turn_position", "workspace_id", "turn", "position"),
    Index("ix_events_turn_position", "turn", "position"),
    Index("ix_events_created_at", "created_at"),
)
cursors = Table(
    "event_cursors",
    metadata,
    columns.identifier("listener"),
    columns.count("turn"),
    columns.count("position"),
)

_e = events
_INSERT = insertion(events, "id", "workspace_id", "kind", "subject_id", "actor_id", "data", "created_at", "cause")
KEPT_DAYS, CHUNK = 30, 500
# What is left of an event that told of somebody who was erased.
ERASED = "erased"
_newest = select(func.max(_e.c.position)).scalar_subquery()
# A listener that lags by a month keeps what it has not heard of; the newest row stays, since SQLite counts on from it.
_heard = (
    ~select(cursors.c.listener)
    .where(tuple_(cursors.c.turn, cursors.c.position) < tuple_(_e.c.turn, _e.c.position))
    .exists()
)
_old = (
    select(_e.c.position)
    .where(_e.c.created_at <= bindparam("before"), _e.c.position < _newest, _heard)
    .order_by(_e.c.created_at)
    .limit(literal_column(str(CHUNK)))
)
_PURGE = Statement(delete(_e).where(_e.c.position.in_(_old)))
_LAST_TURN = Statement(select(func.max(_e.c.turn)))
_THIS_TURN = Statement(text("SELECT (pg_current_xact_id()::text)::bigint"))
# Sessions show the lower half of their transaction's number only.
_OLDEST_TURN = Statement(
    text(
        "SELECT min(:turn - lag) FROM ("
        "SELECT (:turn - (backend_xid::text)::bigint) % 4294967296 AS lag FROM pg_stat_activity "
        "WHERE datname = current_database() AND backend_xid IS NOT NULL"
        ") AS under_way WHERE lag < 2147483648"
    )
)
_START_OVER = (Statement(update(_e).values(turn=0)), Statement(update(cursors).values(turn=0)))
# What only names what is gone by its id goes on telling of that.
HARMLESS = ("feedback.deleted", "customer.deleted", "customer.merged")
_told: list[ColumnElement[str]] = [literal_column(f"'{kind}'") for kind in (*HARMLESS, ERASED)]
# The row stays: whoever has read as far as this event goes on from it. Nobody is told of it any more.
TRACES = Traces(
    _e.c.position,
    _e.c.created_at,
    [_e.c.subject_id, _e.c.data],
    of_workspace=[unindexed(_e.c.workspace_id) == bindparam("workspace"), _e.c.kind.not_in(_told)],
    forget=Statement(
        update(_e)
        .where(_e.c.position == bindparam("trace"))
        .values(kind=literal_column(f"'{ERASED}'"), data=literal_column("'{}'"), actor_id=null())
    ),
)
_LISTENERS = Statement(select(cursors.c.listener).with_for_update())
_encode = msgspec.json.Encoder().encode


class Event(msgspec.Struct, rename="camel", kw_only=True):
    """The base of every event: ``kind`` is its name (``feedback.created``), its fields are what listeners get."""

    kind: ClassVar[str]

    id: str


class Happened(msgspec.Struct, array_like=True, frozen=True):
    """An event as listeners get it: ``data`` is its JSON; ``cause`` the ids of what led to it, oldest first."""

    turn: int
    position: int
    id: str
    workspace_id: str
    kind: str
    subject_id: str
    actor_id: str | None
    data: str
    created_at: str
    causes: str | None

    @property
    def cause(self) -> tuple[str, ...]:
        """The automations that led to it, one after the other."""
        return tuple(self.causes.split(",")) if self.causes else ()


def emit(tx: Transaction, workspace_id: str, event: Event, *, actor_id: str | None = None) -> str:
    """Write the event into the unit of work; returns the event's id. Only actions call this."""
    row = _row(tx, workspace_id, event, actor_id)
    tx.run(_INSERT, **row)
    return str(row["id"])


def emit_all(tx: Transaction, happened: Iterable[tuple[str, Event]]) -> None:
    """Write many events, each with its workspace, in their order: what nobody did, such as the passing of deadlines."""
    tx.run_each(_INSERT, [_row(tx, workspace_id, event, None) for workspace_id, event in happened])


def _row(tx: Transaction, workspace_id: str, event: Event, actor_id: str | None) -> dict[str, Any]:
    return {
        "id": ids.new("evt"),
        "workspace_id": workspace_id,
        "kind": event.kind,
        "subject_id": event.id,
        "actor_id": actor_id,
        "data": _encode(event).decode(),
        "created_at": tx.now,
        "cause": ",".join(tx.cause) or None,
    }


def settled_before(tx: Transaction) -> int:
    """The turn before which no event can still appear: what reads events in order asks for lower ones only.

    It is that of the oldest transaction under way in this database, this one included: on the same server other
    databases may have some that take hours. See docs/adr/0005-events-in-order.md.
    """
    if tx.engine == "sqlite":
        return 1
    turn: int = tx.value(_THIS_TURN)
    oldest: int | None = tx.value(_OLDEST_TURN, turn=turn)
    return turn if oldest is None else min(turn, oldest)


def keep_order(tx: Transaction) -> bool:
    """Let the events that are stored come before those to come, where the database was put into another PostgreSQL
    server, which counts its transactions from the start; True where that was needed.
    """
    if tx.engine == "sqlite" or (tx.value(_LAST_TURN) or 0) <= tx.value(_THIS_TURN):
        return False
    for statement in _START_OVER:
        tx.run(statement)
    return True


def await_listeners(tx: Transaction) -> None:
    """Wait until whoever has begun to react to events has ended: what they write can be seen after this unit."""
    tx.all(_LISTENERS)


def purge(tx: Transaction) -> bool:
    """Forget events after 30 days, at most 500 at once; True where there may be more."""
    return tx.run(_PURGE, before=clock.shift(tx.now, days=-KEPT_DAYS)) == CHUNK
