"""When digests are due."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from userhero.kernel import clock
from userhero.notifications.preferences import Preferences

_HOUR = 3600


def digest_at(preferences: Preferences, now: str) -> str:
    """When somebody's next digest is due: on the hour, or at their hour of the day where they are."""
    if preferences.digest == "hourly":
        return next_hour(now)
    zone = ZoneInfo(preferences.time_zone)
    today = datetime.fromtimestamp(clock.unix(now), zone).date()
    days = (datetime.combine(today + timedelta(days=each), time(preferences.digest_hour), zone) for each in range(3))
    # An hour that clocks skip in spring is the one after it, and of one that comes twice it is the first.
    return next(due for due in (clock.iso(day.astimezone(UTC).timestamp()) for day in days) if due > now)


def next_hour(now: str) -> str:
    """The next full hour."""
    return clock.iso((clock.unix(now) // _HOUR + 1) * _HOUR)
