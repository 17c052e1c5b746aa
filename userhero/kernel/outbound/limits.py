"""How long a request may take, and how much of an answer is read."""

import msgspec

from userhero.kernel import clock


class Caps(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of one request, in seconds and bytes. What comes after the last byte that is read is abandoned.

    ``lookup_seconds`` and ``connect_seconds`` are for all the host's addresses together, ``exchange_seconds`` is for
    everything from the look-up to the last byte. ``head_bytes`` is for status line and headers.
    """

    lookup_seconds: float = 5.0
    connect_seconds: float = 5.0
    exchange_seconds: float = 15.0
    head_bytes: int = 32 * 1024
    body_bytes: int = 64 * 1024

    @property
    def wire_bytes(self) -> int:
        """What is read at the most, framing included: a chunk of one byte arrives as six."""
        return self.head_bytes + 2 * self.body_bytes


class Deadline:
    """The end of an exchange, some seconds from now."""

    def __init__(self, seconds: float) -> None:
        self._start = clock.monotonic()
        self._end = self._start + seconds

    def left(self) -> float:
        """Seconds until then. Raises TimeoutError where none are left."""
        left = self._end - clock.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def spent_ms(self) -> int:
        """Milliseconds since the start."""
        return round((clock.monotonic() - self._start) * 1000)
