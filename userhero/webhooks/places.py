"""Who may send now: endpoints that may be slow leave most threads to those that are known to be quick."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from userhero.kernel import clock
from userhero.webhooks.actions.outcome import SLOW_MS
from userhero.webhooks.delivery_types import Lane, Pace

# Of the eight jobs that a process does at once outside, so many may wait for endpoints that were slow last time, and so
# many for those that were never sent to.
_DOUBTFUL_AT_ONCE = 3
# How long a host is doubted that was slow for one endpoint: many may have theirs there, and would each find out alone.
_DOUBT_SECONDS = 60.0
_DOUBTED_AT_MOST = 1000


class Places:
    """The places of one process, and the hosts that were slow lately."""

    def __init__(self) -> None:
        self._limited: dict[Pace | None, threading.BoundedSemaphore] = {
            "slow": threading.BoundedSemaphore(_DOUBTFUL_AT_ONCE),
            None: threading.BoundedSemaphore(_DOUBTFUL_AT_ONCE),
        }
        self._lock = threading.Lock()
        self._doubted: dict[str, float] = {}

    @contextmanager
    def take(self, lane: Lane) -> Iterator[bool]:
        """Whether there is a place for an exchange with the endpoint, which is held inside."""
        pace = "slow" if lane.pace == "quick" and self._is_doubted(lane.url) else lane.pace
        places = self._limited.get(pace)
        if places is None:
            yield True
            return
        taken = places.acquire(blocking=False)
        try:
            yield taken
        finally:
            if taken:
                places.release()

    def note(self, url: str, duration_ms: int) -> None:
        """Remember how long an exchange took: a host is doubted for a minute, or until it is quick again."""
        host, now = urlsplit(url).netloc, clock.monotonic()
        with self._lock:
            self._doubted.pop(host, None)
            if duration_ms < SLOW_MS:
                return
            if len(self._doubted) >= _DOUBTED_AT_MOST:
                del self._doubted[next(iter(self._doubted))]
            self._doubted[host] = now + _DOUBT_SECONDS

    def _is_doubted(self, url: str) -> bool:
        with self._lock:
            return clock.monotonic() < self._doubted.get(urlsplit(url).netloc, 0.0)
