"""Telling listeners what has happened: each event once, in order, each listener at its own pace.

One row a listener says how far it has heard. It moves on in the transaction that holds the reactions, so a crash
repeats what left no trace, and loses nothing. A reaction that fails is tried again by itself, as a job, so that it
holds nobody up.
"""

from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, bindparam, literal_column, select, text, tuple_, union_all, update
from sqlalchemy.dialects.postgresql import insert

from userhero.kernel import clock, log
from userhero.kernel.db import Database, Statement, Transaction
from userhero.kernel.events import Happened, cursors, events, settled_before
from userhero.kernel.jobs.declared import Job
from userhero.kernel.jobs.listeners import Listeners
from userhero.kernel.jobs.queue import enqueue

RETRY = "events.retry"
_BATCH = 100
_FIRST_RETRY_SECONDS = 5

_e, _c = events, cursors
_shown = [
    _e.c[name]
    for name in ("turn", "position", "id", "workspace_id", "kind", "subject_id", "actor_id", "data", "created_at")
]
_settled = _e.c.turn < bindparam("settled")
# In two parts: of a comparison of pairs SQLite's index uses the first member only, and there every turn is the same.
_later = union_all(
    select(*_shown, _e.c.cause).where(_e.c.turn == bindparam("turn"), _e.c.position > bindparam("position"), _settled),
    select(*_shown, _e.c.cause).where(_e.c.turn > bindparam("turn"), _settled),
)
_AT_ONCE: ColumnElement[int] = literal_column(str(_BATCH))
# PostgreSQL would sort all that is to be heard to put the two parts in order; by pairs it reads the index.
_pairs = tuple_(_e.c.turn, _e.c.position) > tuple_(
    bindparam("turn", type_=_e.c.turn.type), bindparam("position", type_=_e.c.position.type)
)
_NEXT = {
    "sqlite": Statement(_later.order_by(text("turn"), text("position")).limit(_AT_ONCE)),
    "postgresql": Statement(
        select(*_shown, _e.c.cause).where(_pairs, _settled).order_by(_e.c.turn, _e.c.position).limit(_AT_ONCE)
    ),
}
_newest = select(_e.c.turn, _e.c.position).order_by(_e.c.turn.desc(), _e.c.position.desc())
_NEWEST = Statement(_newest.limit(literal_column("1")))
_ALL = Statement(select(_c.c.listener, _c.c.turn, _c.c.position))
_ADD = Statement(
    insert(_c).values(listener=bindparam("listener")).on_conflict_do_nothing(index_elements=[_c.c.listener])
)
_HOLD = Statement(
    select(_c.c.turn, _c.c.position).where(_c.c.listener == bindparam("name")).with_for_update(skip_locked=True)
)
_MOVE = Statement(
    update(_c)
    .where(_c.c.listener == bindparam("name"))
    .values(turn=bindparam("new_turn"), position=bindparam("new_position"))
)
_GET = Statement(select(*_shown, _e.c.cause).where(_e.c.id == bindparam("event")))

_logger = log.get("events")


class Relay:
    """Moves listeners on. Any number of relays share the work; one listener is moved by one at a time."""

    def __init__(self, listeners: dict[str, Listeners]) -> None:
        self._listeners = listeners

    def run(self, database: Database) -> bool:
        """Move every listener on by one unit of work; False where none had anything to hear."""
        moved = [database.write(partial(self._advance, name=name)) for name in database.read(self._behind)]
        return any(moved)

    def retry(self, tx: Transaction, job: Job) -> None:
        """React to one event that a listener could not react to before."""
        happened = tx.find(Happened, _GET, event=job.payload["event"])
        listeners = self._listeners.get(job.payload["listener"])
        if happened is not None and listeners is not None:
            listeners.react(tx, happened)

    def _behind(self, tx: Transaction) -> list[str]:
        """The listeners that have not heard of everything; a read, so that looking costs nothing."""
        newest = tx.one(_NEWEST)
        known = {name: (turn, position) for name, turn, position in tx.all(_ALL)}
        return [name for name in self._listeners if newest is not None and known.get(name, (0, 0)) < newest]

    def _advance(self, tx: Transaction, *, name: str) -> bool:
        tx.run(_ADD, listener=name)
        place = tx.one(_HOLD, name=name)
        if place is None:
            return False  # Another relay is at it.
        batch = tx.list(Happened, _NEXT[tx.engine], turn=place[0], position=place[1], settled=settled_before(tx))
        heard: Happened | None = None
        for happened in batch:
            self._tell(tx, self._listeners[name], happened)
            heard = happened
            if tx.turn_is_over:
                break
        if heard is None:
            return False
        tx.run(_MOVE, name=name, new_turn=heard.turn, new_position=heard.position)
        return True

    def _tell(self, tx: Transaction, listeners: Listeners, happened: Happened) -> None:
        if happened.kind not in listeners.reactions:
            return
        try:
            with tx.savepoint():
                listeners.react(tx, happened)
        except Exception:
            _logger.exception("reaction failed", listener=listeners.name, id=happened.id, kind=happened.kind)
            payload: dict[str, Any] = {"listener": listeners.name, "event": happened.id}
            enqueue(tx, RETRY, payload, run_at=clock.shift(tx.now, seconds=_FIRST_RETRY_SECONDS))
