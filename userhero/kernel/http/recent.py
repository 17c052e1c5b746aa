"""Answers given a moment ago.

Whoever asks the same again, while nobody has committed anything, would get the same bytes: they are sent as they are,
without asking the database. Requests count against the rate limit all the same. Pages that poll, and portals that many
look at, ask like that.
"""

import hashlib
from collections.abc import Callable, Hashable
from typing import NamedTuple

from userhero.kernel import clock
from userhero.kernel.actor import Actor
from userhero.kernel.http.answers import Answer
from userhero.kernel.http.limits import Quota
from userhero.kernel.http.request import Request

# What depends on the time as well is never older than this.
MAX_AGE_SECONDS = 1.0
MAX_BYTES = 16 * 1024 * 1024
# What it takes to remember an answer, however short it is; and how many questions, to know what is asked again.
_OVERHEAD = 1024
_QUESTIONS = 10_000


class Asked(NamedTuple):
    """A question, and the state of the data at which it was asked."""

    key: bytes
    version: Hashable


class Remembered(NamedTuple):
    """An answer, for whom, and from when until when it may be given, in Unix seconds."""

    actor: Actor
    answer: Answer
    since: float
    until: float


class Recent:
    """The last answers to what was asked more than once, 16 MiB at the most.

    Most questions are not. To keep their answers as well would take a third of what working them out takes: each
    then lies in memory of its own, where the processor's cache would have had that of the one before.

    ``version`` changes whenever anybody commits anything; ``count`` counts a request of a credential.
    """

    def __init__(self, version: Callable[[], Hashable], count: Callable[[str], Quota]) -> None:
        self.count = count
        self._version = version
        self._of_version: Hashable = None
        self._known: dict[bytes, Remembered] = {}
        self._once: set[bytes] = set()
        self._bytes = 0

    def asked(self, request: Request) -> Asked | None:
        """What the request asks; None where it does not say once who asks, or where that was not asked before."""
        credentials = request.all(b"authorization")
        if len(credentials) != 1:
            return None
        text = b"\0".join((request.path.encode(), request.query, credentials[0]))
        key = hashlib.blake2b(text, digest_size=20).digest()
        if key in self._once:
            return Asked(key, self._version())
        if len(self._once) >= _QUESTIONS:
            self._once.clear()
        self._once.add(key)
        return None

    def find(self, asked: Asked) -> Remembered | None:
        """What was answered a moment ago, if anything."""
        if asked.version != self._of_version:
            self._forget(asked.version)
        found = self._known.get(asked.key)
        return found if found is not None and found.since <= clock.seconds() < found.until else None

    def keep(self, asked: Asked, actor: Actor, answer: Answer) -> None:
        """Remember an answer that was worked out after the question was asked."""
        size = len(answer.body) + _OVERHEAD
        if self._bytes + size > MAX_BYTES:
            self._forget(asked.version)
        if asked.version == self._of_version and size <= MAX_BYTES:
            before = self._known.get(asked.key)
            self._bytes += size - (0 if before is None else len(before.answer.body) + _OVERHEAD)
            now = clock.seconds()
            ends = now + MAX_AGE_SECONDS if actor.expires_at is None else clock.unix(actor.expires_at)
            self._known[asked.key] = Remembered(actor, answer, now, min(now + MAX_AGE_SECONDS, ends))

    def _forget(self, version: Hashable) -> None:
        self._known.clear()
        self._bytes = 0
        self._of_version = version
