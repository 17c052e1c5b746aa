"""Working time, held against a count of every minute."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from userhero.kernel import clock
from userhero.projects.settings import DAYS, SlaCalendar, Week
from userhero.projects.working_hours import WorkingHours

OFFICE: dict[str, Any] = {day: [("09:00", "17:00")] for day in DAYS[:5]}
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"]
# Around the days on which clocks change, and a leap day.
STARTS = [datetime(2024, 2, 28), datetime(2026, 3, 7), datetime(2026, 3, 28), datetime(2026, 10, 3), datetime(2026, 10, 24), datetime(2026, 10, 31)]  # fmt: skip  # noqa: DTZ001, E501
MINUTE = timedelta(minutes=1)


Days = dict[str, list[tuple[str, str]]]


def calendar(zone: str = "UTC", holidays: Sequence[str] = (), **days: Any) -> WorkingHours:
    return WorkingHours(SlaCalendar(time_zone=zone, days=Week(**days), holidays=list(holidays)))


def text(moment: datetime) -> str:
    return clock.iso(moment.replace(tzinfo=UTC).timestamp())


def openings(pairs: list[tuple[int, int]]) -> list[tuple[str, str]]:
    return [(f"{start // 60:02}:{start % 60:02}", f"{end // 60:02}:{end % 60:02}") for start, end in pairs]


@st.composite
def days(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Openings on whole half hours, in order."""
    marks = sorted(draw(st.sets(st.integers(0, 48), max_size=6)))
    return openings([(start * 30, end * 30) for start, end in zip(marks[::2], marks[1::2], strict=False)])


@st.composite
def weeks(draw: st.DrawFn) -> Days:
    week: Days = {day: draw(days()) for day in DAYS}
    week[draw(st.sampled_from(DAYS))] = [("00:00", "24:00")]
    return week


@cache
def shown_at(zone: str, day: date, time: str) -> datetime:
    """The first minute on or after which the clock on the wall shows a time of a day, found by watching it."""
    wall = datetime(day.year, day.month, day.day) + timedelta(hours=int(time[:2]), minutes=int(time[3:]))  # noqa: DTZ001
    watch = (wall.replace(tzinfo=ZoneInfo(zone)) - timedelta(hours=3)).astimezone(UTC)
    while watch.astimezone(ZoneInfo(zone)).replace(tzinfo=None) < wall:
        watch += MINUTE
    return watch


@given(st.sampled_from(ZONES), weeks(), st.sampled_from(STARTS), st.integers(0, 4 * 1440), st.integers(0, 2 * 1440))
def test_it_counts_the_minutes_that_are_worked_in(
    zone: str, week: Days, base: datetime, offset: int, length: int
) -> None:
    holiday = base.date() + timedelta(days=1)
    hours = calendar(zone, [holiday.isoformat()], **week)
    start = base.replace(tzinfo=UTC) + offset * MINUTE
    open_times = [
        (shown_at(zone, day, opens), shown_at(zone, day, closes))
        for day in (base.date() + timedelta(days=number) for number in range(-2, 10))
        for opens, closes in week[DAYS[day.weekday()]]
        if day != holiday
    ]
    minutes = (start + number * MINUTE for number in range(length))
    worked = [minute for minute in minutes if any(opens <= minute < closes for opens, closes in open_times)]
    assert hours.between(text(start), text(start + length * MINUTE)) == len(worked) * 60_000
    if worked:
        assert hours.after(text(start), len(worked) * 60_000) == text(worked[-1] + MINUTE)


@given(weeks(), st.sampled_from(ZONES), st.integers(0, 10**7), st.integers(0, 10**7))
def test_one_count_after_the_other_is_their_sum(week: Days, zone: str, first: int, second: int) -> None:
    """So it does not matter when a pause is added."""
    hours, start = calendar(zone, (), **week), "2026-03-27T10:00:00.000Z"
    middle = hours.after(start, first)
    assert middle is not None
    assert hours.after(middle, second) == hours.after(start, first + second)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        # Friday afternoon to Monday morning.
        ("2026-11-20T16:00:00.000Z", 4, "2026-11-23T12:00:00.000Z"),
        # Before opening, and at its very end.
        ("2026-11-23T03:00:00.000Z", 8, "2026-11-23T17:00:00.000Z"),
        ("2026-11-23T17:00:00.000Z", 1, "2026-11-24T10:00:00.000Z"),
        # Over a holiday.
        ("2026-12-24T16:00:00.000Z", 2, "2026-12-28T10:00:00.000Z"),
    ],
)
def test_an_office(start: str, hours: float, end: str) -> None:
    office = calendar("UTC", ["2026-12-25"], **OFFICE)
    assert office.after(start, int(hours * 3_600_000)) == end


@pytest.mark.case("DUR-19")
def test_night_shifts_have_an_hour_less_or_more_when_clocks_change() -> None:
    night = calendar("Europe/Berlin", sun=[("00:00", "06:00")])
    assert night.between("2026-03-28T12:00:00.000Z", "2026-03-30T12:00:00.000Z") == 5 * 3_600_000
    assert night.between("2026-10-24T12:00:00.000Z", "2026-10-26T12:00:00.000Z") == 7 * 3_600_000


def test_an_opening_in_the_hour_that_is_skipped_is_none() -> None:
    skipped = calendar("Europe/Berlin", sun=[("02:15", "02:45")])
    assert skipped.between("2026-03-28T12:00:00.000Z", "2026-03-30T12:00:00.000Z") == 0


def test_what_takes_longer_than_anybody_waits_is_no_deadline() -> None:
    assert calendar(mon=[("09:00", "09:01")]).after("2026-11-23T00:00:00.000Z", 8760 * 3_600_000) is None
