"""The line of units that wait for SQLite's writer, and who is next.

Those that somebody waits for come first, those of work in the background when there is nobody else. Where somebody
always waits, the background gets a sixteenth of the writer's time: it goes on, and those who wait hardly notice.
"""

import asyncio
import queue
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from userhero.kernel import clock
from userhero.kernel.db.database import Unit

_GROUP = 64
# What the background took is followed by so many times as much for the others.
_OTHERS = 15
# No piece of work in the background is put off for longer.
_LONGEST_PAUSE_SECONDS = 0.25
# After so many at once more are on their way: whoever was answered asks again. So long the next are waited for.
_MANY, _SOON_SECONDS = 8, 0.002


class Waiting:
    """A unit in the line, and whom to tell. ``is_behind``: it is work in the background."""

    __slots__ = ("error", "future", "is_behind", "loop", "result", "unit")

    def __init__(
        self, unit: Unit[Any], future: Any, loop: asyncio.AbstractEventLoop | None, *, is_behind: bool = False
    ) -> None:
        self.unit = unit
        self.future = future
        self.loop = loop
        self.is_behind = is_behind
        self.result: Any = None
        self.error: BaseException | None = None

    def settle(self) -> None:
        """Tell what came of it."""
        if self.future.cancelled():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class Line:
    """Filled by any thread, emptied by one, which does one group before it asks for the next."""

    def __init__(self, monotonic: Callable[[], float] = clock.monotonic) -> None:
        self._monotonic = monotonic
        self._queue: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._front: deque[Waiting] = deque()
        self._behind: deque[Waiting] = deque()
        self._ended = False
        self._are_many = False
        # Since when the background has its turn, and when it may have the next although others wait: monotonic seconds.
        self._turn_since: float | None = None
        self._next_turn = 0.0

    def put(self, waiting: Waiting) -> None:
        """Add a unit at its end."""
        self._queue.put(waiting)

    def end(self) -> None:
        """Nothing is added any more."""
        self._queue.put(None)

    @property
    def is_awaited(self) -> bool:
        """True where others wait for the unit at hand to end."""
        return bool(self._front) or not self._queue.empty()

    def next_group(self) -> list[Waiting]:
        """Those whose turn it is, 64 at the most: waits until there are some. Empty once it has ended."""
        if self._turn_since is not None:
            taken = self._monotonic() - self._turn_since
            self._next_turn = self._monotonic() + min(taken * _OTHERS, _LONGEST_PAUSE_SECONDS)
            self._turn_since = None
        if not (self._front or self._behind or self._ended):
            self._sort(self._queue.get())
        self._gather()
        if not self._front and self._are_many and not self._has_turn and not self._ended:
            with suppress(queue.Empty):
                self._sort(self._queue.get(timeout=_SOON_SECONDS))
            self._gather()
        if self._behind and (not self._front or self._has_turn):
            self._turn_since = self._monotonic()
            return _first(self._behind)
        self._are_many = len(self._front) >= _MANY
        return _first(self._front)

    @property
    def _has_turn(self) -> bool:
        return self._monotonic() >= self._next_turn

    def _gather(self) -> None:
        while not self._queue.empty():
            self._sort(self._queue.get())

    def _sort(self, waiting: Waiting | None) -> None:
        if waiting is None:
            self._ended = True
        elif waiting.is_behind:
            self._behind.append(waiting)
        else:
            self._front.append(waiting)


def _first(line: deque[Waiting]) -> list[Waiting]:
    return [line.popleft() for _ in range(min(_GROUP, len(line)))]
