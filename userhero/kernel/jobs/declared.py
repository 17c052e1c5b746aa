"""Kinds of jobs as slices declare them, and the table of them all."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from userhero.kernel.db import Database, Transaction

_KIND = re.compile(r"[a-z_]+(\.[a-z_]+)+")


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of work as its handler sees it. ``attempts`` counts this one."""

    id: str
    kind: str
    payload: dict[str, Any]
    attempts: int


Handler = Callable[[Transaction, Job], None]
OutsideHandler = Callable[[Database, Job], None]
H = TypeVar("H", bound=Handler)
W = TypeVar("W", bound=OutsideHandler)


class Kind(msgspec.Struct, frozen=True):
    """What to do for a kind of job: ``handler`` in a transaction, or ``outside`` of any. ``every`` is in seconds; None
    for work that is only done when asked for.
    """

    name: str
    handler: Handler | None
    every: int | None
    outside: OutsideHandler | None = None


class Jobs:
    """The kinds of jobs of one slice."""

    def __init__(self) -> None:
        self.all: list[Kind] = []

    def on(self, kind: str, *, every: int | None = None) -> Callable[[H], H]:
        """Declare the handler of a kind (``feedback.remind``). With ``every``, it is also done every so many seconds.

        The handler runs in one transaction, which it must not outlast: nothing that waits for the network.
        """
        _check(kind, every)

        def declare(handler: H) -> H:
            self.all.append(Kind(kind, handler, every))
            return handler

        return declare

    def outside(self, kind: str, *, every: int | None = None) -> Callable[[W], W]:
        """Declare the handler of a kind that waits for something else than the database: files, the network.

        It runs outside any transaction and opens short ones of its own. It is done again from its start where it fails
        or its process ends, and must be done within four minutes: what is left, it asks for as another job.
        """
        _check(kind, every)

        def declare(handler: W) -> W:
            self.all.append(Kind(kind, None, every, handler))
            return handler

        return declare


def _check(kind: str, every: int | None) -> None:
    if not _KIND.fullmatch(kind):
        raise ValueError(f"{kind!r} is no kind of job: write slice.verb")
    if every is not None and every < 1:
        raise ValueError(f"{kind}: every {every} seconds is too often")
