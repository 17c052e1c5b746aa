"""Working time: what lies between two moments of it, and when so much of it has passed.

A calendar is kept in a time zone, so its days have 23 or 25 hours twice a year. An opening begins and ends when the
clock on the wall first shows the time, or skips it. What counts in between is time as it passes.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from userhero.kernel import clock
from userhero.projects.settings import DAYS, SlaCalendar

# A deadline that is further away than this is none; only a calendar that is nearly always closed gets there.
_MOST_DAYS = 50 * 366
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)

Opening = tuple[timedelta, timedelta]


class WorkingHours:
    """A calendar, ready to count with."""

    def __init__(self, calendar: SlaCalendar) -> None:
        self._zone = ZoneInfo(calendar.time_zone)
        self._holidays = frozenset(date.fromisoformat(day) for day in calendar.holidays)
        self._week: list[list[Opening]] = [
            [(_since_midnight(start), _since_midnight(end)) for start, end in getattr(calendar.days, day)]
            for day in DAYS
        ]

    def after(self, start: str, milliseconds: int) -> str | None:
        """The moment at which so much working time has passed since ``start``; None where that takes over 50 years.

        It lies in an opening or at its end, never later: four hours from 13:00 to 17:00 end at 17:00.
        """
        left, since = timedelta(milliseconds=milliseconds), _moment(start)
        if not left:
            return start
        for opens, closes in self._openings(since, _MOST_DAYS):
            lasts = closes - max(opens, since)
            if lasts <= timedelta(0):
                continue
            if left <= lasts:
                return clock.iso((max(opens, since) + left).timestamp())
            left -= lasts
        return None

    def between(self, start: str, end: str) -> int:
        """The milliseconds of working time from ``start`` to ``end``; 0 where ``end`` is earlier."""
        since, until = _moment(start), _moment(end)
        found = timedelta(0)
        for opens, closes in self._openings(since, (until - since).days + 3):
            found += max(timedelta(0), min(closes, until) - max(opens, since))
        return found // timedelta(milliseconds=1)

    def _openings(self, since: datetime, days: int) -> Iterator[tuple[datetime, datetime]]:
        """When work begins and ends, in UTC, from the day before ``since`` on, for so many days."""
        first = since.astimezone(self._zone).date() - _DAY
        for number in range(days + 1):
            day = first + number * _DAY
            if day not in self._holidays:
                for opens, closes in self._week[day.weekday()]:
                    yield self._in_utc(day, opens), self._in_utc(day, closes)

    def _in_utc(self, day: date, time: timedelta) -> datetime:
        wall = datetime(day.year, day.month, day.day) + time  # noqa: DTZ001  (what the clock on the wall shows)
        found = wall.replace(tzinfo=self._zone).astimezone(UTC)
        if found.astimezone(self._zone).replace(tzinfo=None) == wall:
            return found
        return self._skip(wall)

    def _skip(self, wall: datetime) -> datetime:
        """When the clocks skip a time that they never show."""
        early, late = sorted(wall.replace(tzinfo=self._zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        before = early.astimezone(self._zone).utcoffset()
        while late - early > _SECOND:
            middle = early + (late - early) / 2
            if middle.astimezone(self._zone).utcoffset() == before:
                early = middle
            else:
                late = middle
        return late.replace(microsecond=0)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _since_midnight(text: str) -> timedelta:
    hours, _, minutes = text.partition(":")
    return timedelta(hours=int(hours), minutes=int(minutes))
