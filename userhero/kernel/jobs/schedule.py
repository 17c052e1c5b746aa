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
        return any(self._is_off(tx.now, name, known.get(name)) for name in self._every)

    def tick(self, tx: Transaction) -> None:
        """Ask for the job of each schedule that is due, and set when it is next due."""
        known = self._known(tx)
        for name, every in self._every.items():
            seen, following = known.get(name), _next_on_grid(tx.now, every)
            if seen is None:
                tx.run(_ADD, kind=name, next_at=following)
            elif self._is_off(tx.now, name, seen):
                moved = tx.run(_MOVE, name=name, seen=seen, new=following)
                if moved and seen <= tx.now:
                    enqueue(tx, name, {}, key="schedule")

    def _known(self, tx: Transaction) -> dict[str, str]:
        return dict(tx.all(_ALL))

    def _is_off(self, now: str, name: str, seen: str | None) -> bool:
        """Due, unknown as yet, or further away than two ticks.

        The last happens where the clock was ahead, or the interval was longer, when it was set. One tick more than the
        grid says is no reason: another machine's clock may be a little ahead of ours, and have had this tick already.
        """
        every = self._every[name]
        return seen is None or seen <= now or seen > clock.shift(_next_on_grid(now, every), seconds=every)


def _next_on_grid(now: str, every: int) -> str:
    """The first multiple of ``every`` seconds (from 1970 on) after ``now``."""
    return clock.iso((clock.unix(now) // every + 1) * every)
