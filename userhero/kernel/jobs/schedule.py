"""Work that is due every so many seconds, on a grid that does not drift: an hourly job is due on the hour, UTC.

One row a schedule says when it is next due. Whoever moves it on, by compare-and-set, asks for the job: two runners
never ask for the same tick. Ticks that were missed are made up for by one.
"""

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from userhero.kernel import clock
from userhero.kernel.db import Statement, Transaction, columns, metadata
from userhero.kernel.jobs.declared import Kind
from userhero.kernel.jobs.queue import enqueue

_SKEW_SECONDS = 600

schedules = Table("schedules", metadata, columns.identifier("kind"), columns.time("next_at"))
_s = schedules

_ALL = Statement(select(_s.c.kind, _s.c.next_at))
_ADD = Statement(
    insert(_s)
    .values(kind=bindparam("kind"), next_at=bindparam("next_at"))
    .on_conflict_do_nothing(index_elements=[_s.c.kind])
)
_MOVE = Statement(
    update(_s).where(_s.c.kind == bindparam("name"), _s.c.next_at == bindparam("seen")).values(next_at=bindparam("new"))
)


class Schedule:
    """The kinds that are due by themselves."""

    def __init__(self, kinds: list[Kind]) -> None:
        self._every = {kind.name: kind.every for kind in kinds if kind.every is not None}

    def is_any_due(self, tx: Transaction) -> bool:
        """True where ``tick`` has something to do; a read."""
        known = self._known(tx)
        return any(_is_due(tx.now, every, known.get(name)) for name, every in self._every.items())

    def tick(self, tx: Transaction) -> None:
        """Ask for the job of each schedule that is due, and set when it is next due."""
        known = self._known(tx)
        for name, every in self._every.items():
            seen, following = known.get(name), _next_on_grid(tx.now, every)
            if not _is_due(tx.now, every, seen):
                continue
            if seen is None:
                moved = tx.run(_ADD, kind=name, next_at=following)
            else:
                moved = tx.run(_MOVE, name=name, seen=seen, new=following)
            if moved:
                enqueue(tx, name, {}, key="schedule")

    def _known(self, tx: Transaction) -> dict[str, str]:
        return dict(tx.all(_ALL))


def _is_due(now: str, every: int, next_at: str | None) -> bool:
    """True where the time has come, where it was never set, and where it was set by a clock that was ahead of ours.

    Another machine's clock may be ahead of ours a little, and have had this tick already: that does not count.
    """
    if next_at is None or next_at <= now:
        return True
    return next_at > clock.shift(_next_on_grid(now, every), seconds=max(every, _SKEW_SECONDS))


def _next_on_grid(now: str, every: int) -> str:
    """The first multiple of ``every`` seconds (from 1970 on) after ``now``."""
    return clock.iso((clock.unix(now) // every + 1) * every)
