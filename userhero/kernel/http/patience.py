"""Giving up on clients that take too long, without arming a timer for each request.

Arming one costs more than the rest of reading a small body, and nearly none ever goes off. Instead, everyone who
waits is noted, and one look a second ends those whose time is up. So a wait may last a second longer than it says.
"""

import asyncio
from types import TracebackType
from typing import Self
from weakref import WeakKeyDictionary

_LOOK_SECONDS = 1.0


class Waiting:
    """A ``with`` block that is left early, quietly, once its time is up; ``expired`` then says so."""

    __slots__ = ("_others", "_task", "deadline", "expired")

    def __init__(self, others: "set[Waiting]", deadline: float) -> None:
        task = asyncio.current_task()
        assert task is not None, "only tasks wait"
        self._others = others
        self._task = task
        self.deadline = deadline
        self.expired = False

    def __enter__(self) -> Self:
        """Start to count."""
        self._others.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Stop to count; swallows the cancellation that time has asked for, and no other."""
        self._others.discard(self)
        return self.expired and kind is asyncio.CancelledError and self._task.uncancel() <= 0

    def expire(self) -> None:
        """Leave the block."""
        self.expired = True
        self._task.cancel()


_waiting: "WeakKeyDictionary[asyncio.AbstractEventLoop, set[Waiting]]" = WeakKeyDictionary()


def within(seconds: float) -> Waiting:
    """The block of a ``with`` in which to wait for at most so many seconds."""
    loop = asyncio.get_running_loop()
    others = _waiting.get(loop)
    if others is None:
        others = _waiting[loop] = set()
        loop.call_later(_LOOK_SECONDS, _look, loop, others)
    return Waiting(others, loop.time() + seconds)


def _look(loop: asyncio.AbstractEventLoop, waiting: set[Waiting]) -> None:
    now = loop.time()
    for each in [each for each in waiting if each.deadline <= now and not each.expired]:
        each.expire()
    loop.call_later(_LOOK_SECONDS, _look, loop, waiting)
