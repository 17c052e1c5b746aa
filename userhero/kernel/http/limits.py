"""At most so many requests in any 60 seconds, exactly: a sliding log of the moments of accepted requests.

One process keeps its log in memory. With several processes the log is a row in an UNLOGGED table, changed in one
statement under its own lock. See semantics in docs/api: refused requests leave no trace, so they never push
the reset out.
"""

from collections import deque
from math import ceil
from threading import Lock
from typing import NamedTuple, Protocol

from sqlalchemy import text

from userhero.kernel import clock
from userhero.kernel.db import Statement, Transaction

WINDOW = 60.0
# Each takes a kilobyte. Whoever comes from more addresses than that within a minute is no longer counted by address.
MOST_KEYS = 20_000


class Quota(NamedTuple):
    """Where a key stands. ``reset`` is the Unix time at which ``remaining`` next grows."""

    accepted: bool
    limit: int
    remaining: int
    reset: float

    def headers(self, now: float) -> list[tuple[bytes, bytes]]:
        """The three headers of the reference and the two of the IETF draft (ratelimit-headers)."""
        seconds = max(0, ceil(self.reset - now))
        return [
            (b"x-ratelimit-limit", b"%d" % self.limit),
            (b"x-ratelimit-remaining", b"%d" % self.remaining),
            (b"x-ratelimit-reset", b"%d" % ceil(self.reset)),
            (b"ratelimit-policy", b'"default";q=%d;w=60' % self.limit),
            (b"ratelimit", b'"default";r=%d;t=%d' % (self.remaining, seconds)),
        ]


class Limiter(Protocol):
    """Counts requests of a key."""

    def hit(self, tx: Transaction, key: str) -> Quota:
        """Accept or refuse one more request of ``key`` now."""
        ...


class MemoryLimiter:
    """The log of one process, of ``MOST_KEYS`` keys at the most: the one that came first goes for the next one."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._accepted: dict[str, deque[float]] = {}
        self._swept = 0.0
        self._lock = Lock()

    def hit(self, tx: Transaction, key: str) -> Quota:
        """See ``Limiter.hit``. Readers and the writer ask from threads of their own."""
        del tx
        return self.count(key)

    def count(self, key: str) -> Quota:
        """The same without a transaction, which it has no need of."""
        with self._lock:
            return self._hit(key, clock.seconds())

    def _hit(self, key: str, now: float) -> Quota:
        accepted = self._accepted.get(key)
        if accepted is None:
            self._sweep(now)
            if len(self._accepted) >= MOST_KEYS:
                del self._accepted[next(iter(self._accepted))]
            accepted = self._accepted[key] = deque()
        while accepted and not now - WINDOW < accepted[0] <= now:
            accepted.popleft()
        fits = len(accepted) < self.limit
        if fits:
            accepted.append(now)
        return Quota(fits, self.limit, self.limit - len(accepted), accepted[0] + WINDOW)

    def _sweep(self, now: float) -> None:
        """Forget the keys that have been silent for a window, now and then."""
        if now - self._swept < WINDOW:
            return
        self._swept = now
        silent = [key for key, accepted in self._accepted.items() if accepted and accepted[-1] <= now - WINDOW]
        for key in silent:
            del self._accepted[key]


# The table exists on PostgreSQL only (migrations/versions). Processes may be a little apart in time, so a moment just
# ahead of ours counts; one that is a window ahead was written before the clock stepped back, and does not.
_HIT = Statement(
    text(
        """
        INSERT INTO rate_limits AS log (key, accepted, fits) VALUES (:key, ARRAY[CAST(:now AS float8)], true)
        ON CONFLICT (key) DO UPDATE SET (accepted, fits) = (
            SELECT CASE WHEN count(*) < :limit
                        THEN array_append(coalesce(array_agg(moment ORDER BY moment), '{}'), CAST(:now AS float8))
                        ELSE array_agg(moment ORDER BY moment) END,
                   count(*) < :limit
            FROM unnest(log.accepted) AS moment
            WHERE moment > CAST(:now AS float8) - 60 AND moment < CAST(:now AS float8) + 60
        )
        RETURNING fits, cardinality(accepted), accepted[1]
        """
    )
)


class DatabaseLimiter:
    """One log for all processes and nodes, in PostgreSQL. Must be given a transaction that commits by itself."""

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def hit(self, tx: Transaction, key: str) -> Quota:
        """See ``Limiter.hit``."""
        row = tx.one(_HIT, key=key, now=clock.seconds(), limit=self.limit)
        assert row is not None, "an upsert returns its row"
        fits, used, oldest = row
        return Quota(fits, self.limit, max(0, self.limit - used), oldest + WINDOW)
