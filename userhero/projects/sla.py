"""What a project promises: by when an item of a priority is first answered and by when it is done, in working time."""

from datetime import date
from functools import lru_cache

import msgspec
from msgspec import UNSET

from userhero.kernel import clock
from userhero.kernel.errors import Invalid
from userhero.kernel.zones import is_zone
from userhero.projects.settings import DAYS, Priority, SlaCalendar, SlaRule
from userhero.projects.working_hours import WorkingHours

# With fewer working hours a week, a promise of a year would lie beyond what anybody plans for.
MIN_WEEKLY_HOURS = 5
_HOUR_MS = 3_600_000

_rules = msgspec.json.Decoder(list[SlaRule]).decode


class Sla:
    """The rules of a project and its calendar, ready to reckon with.

    ``paused`` is working time, in milliseconds, in which the clock stood still.
    """

    def __init__(self, rules: str, calendar: str | None, warning_minutes: int) -> None:
        self._rules = {rule.priority: rule for rule in _rules(rules)}
        self._hours = None if calendar is None else WorkingHours(msgspec.json.decode(calendar, type=SlaCalendar))
        self._warning = warning_minutes

    def due(self, priority: Priority | None, created_at: str, paused: int = 0) -> str | None:
        """By when an item should be done; None where no rule says so."""
        rule = None if priority is None else self._rules.get(priority)
        return self._target(created_at, rule.hours if rule else 0, paused)

    def response_due(self, priority: Priority | None, created_at: str, paused: int = 0) -> str | None:
        """By when an agent should have answered first; None where no rule says so."""
        rule = None if priority is None else self._rules.get(priority)
        hours = 0 if rule is None or rule.first_response_hours is UNSET else rule.first_response_hours
        return self._target(created_at, hours, paused)

    def warn_at(self, due: str | None) -> str | None:
        """When to warn of a deadline; None where nobody wants to be warned, or there is none."""
        if due is None or not self._warning:
            return None
        try:
            return clock.shift(due, minutes=-self._warning)
        except OverflowError:
            return None

    def moved(self, due: str, paused: int) -> str:
        """A deadline moved on; at the end of the calendar it stays where it is."""
        try:
            moved = clock.shift(due, milliseconds=paused) if self._hours is None else self._hours.after(due, paused)
        except OverflowError:
            return due
        return moved or due

    def pause(self, since: str | None, now: str) -> int:
        """How long the clock has stood still, in milliseconds of working time; never negative, whatever clocks did."""
        if since is None or now <= since:
            return 0
        if self._hours is not None:
            return self._hours.between(since, now)
        return round((clock.unix(now) - clock.unix(since)) * 1000)

    def _target(self, created_at: str, hours: float, paused: int) -> str | None:
        if not hours:
            return None
        lasts = round(hours * _HOUR_MS) + paused
        if self._hours is None:
            return clock.shift(created_at, milliseconds=lasts)
        return self._hours.after(created_at, lasts)


@lru_cache(maxsize=1024)
def sla(rules: str, calendar: str | None, warning_minutes: int) -> Sla:
    """What is stored of a project's promises, ready to reckon with. The same ones are asked for over and over."""
    return Sla(rules, calendar, warning_minutes)


def kept_rule(rule: SlaRule) -> SlaRule:
    """A rule as it is stored: a target of 0 hours is none."""
    if rule.first_response_hours is UNSET or rule.first_response_hours:
        return rule
    return SlaRule(priority=rule.priority, hours=rule.hours)


def checked_calendar(calendar: SlaCalendar) -> SlaCalendar:
    """The calendar as it is stored, its holidays in order. Raises Invalid for an unknown time zone, openings that are
    empty or overlap, fewer than 5 hours a week, and dates that do not exist.
    """
    if not is_zone(calendar.time_zone):
        raise Invalid("slaCalendar.timeZone", "must be the name of an IANA time zone, such as Europe/Berlin")
    minutes = sum(_minutes(day, getattr(calendar.days, day)) for day in DAYS)
    if minutes < MIN_WEEKLY_HOURS * 60:
        raise Invalid("slaCalendar.days", f"must hold {MIN_WEEKLY_HOURS} hours a week at least")
    for number, holiday in enumerate(calendar.holidays):
        _check_date(f"slaCalendar.holidays[{number}]", holiday)
    return msgspec.structs.replace(calendar, holidays=sorted(set(calendar.holidays)))


def _minutes(day: str, openings: list[tuple[str, str]]) -> int:
    found, before = 0, "00:00"
    for number, (start, end) in enumerate(openings):
        if start >= end or start < before:
            raise Invalid(
                f"slaCalendar.days.{day}[{number}]", "must end after it begins, and begin after those before it"
            )
        found += _since_midnight(end) - _since_midnight(start)
        before = end
    return found


def _since_midnight(time: str) -> int:
    return int(time[:2]) * 60 + int(time[3:])


def _check_date(field: str, text: str) -> None:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise Invalid(field, "must be a date, such as 2026-12-25") from None
