"""When digests are due."""

from userhero.kernel import clock
from userhero.notifications.preferences import Preferences

_HOUR, _DAY = 3600, 86400


def digest_at(preferences: Preferences, now: str) -> str:
    """When somebody's next digest is due: on the hour, or at their hour of the day, UTC."""
    if preferences.digest == "hourly":
        return next_hour(now)
    return _next(now, _DAY, preferences.digest_hour * _HOUR)


def next_hour(now: str) -> str:
    """The next full hour."""
    return _next(now, _HOUR, 0)


def _next(now: str, every: int, offset: int) -> str:
    """The first moment after ``now`` that is ``offset`` seconds after a multiple of ``every`` (from 1970 on)."""
    return clock.iso(((clock.unix(now) - offset) // every + 1) * every + offset)
