"""When a delivery that failed is tried again."""

from datetime import UTC
from email.utils import parsedate_to_datetime
from random import SystemRandom

from userhero.kernel import clock

# Seconds after the attempt before; after the last of them the delivery has failed for good (semantics, section 15).
DELAYS = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
# A tenth more or less by chance, so that what failed together does not come back together.
JITTER = 0.1
# Who asks for patience gets as much as the schedule itself has.
LONGEST_WAIT = DELAYS[-1]

_chance = SystemRandom()


def next_delay(attempts: int, asked: float) -> float | None:
    """Seconds until the next attempt once ``attempts`` have failed; None where that was the last.

    ``asked`` is what the receiver asked for, in seconds: it is never less.
    """
    if attempts > len(DELAYS):
        return None
    return max(DELAYS[attempts - 1] * _chance.uniform(1 - JITTER, 1 + JITTER), asked)


def asked_delay(retry_after: str | None, now: str) -> float:
    """The seconds that a ``Retry-After`` asks for (RFC 9110, 10.2.3), a day at the most; 0 for what is none."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:10]), LONGEST_WAIT))
    try:
        moment = parsedate_to_datetime(text).replace(tzinfo=UTC).timestamp()
    except (ValueError, OverflowError):
        return 0.0
    return min(max(moment - clock.unix(now), 0.0), float(LONGEST_WAIT))
