"""Deadlines in working time, the first answer, and warnings, as callers meet them."""

from functools import partial
from typing import Any

import pytest

from tests.support.clock import Clock
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from tests.support.work import finish
from userhero.kernel.db import Database, Statement
from userhero.kernel.events import events
from userhero.kernel.jobs import enqueue

OFFICE = {
    "timeZone": "Europe/Berlin",
    "days": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    "holidays": ["2026-12-25"],
}
RULES = [{"priority": "urgent", "hours": 4, "firstResponseHours": 1}, {"priority": "low", "hours": 40}]
WAITING = {"id": "waiting", "label": "Waiting", "category": "pending"}


@pytest.fixture
def caller(tenant: Tenants, clock: Clock) -> Tenant:
    made = tenant()
    clock.set("2026-12-23T15:00:00.000Z")  # Wednesday, four in the afternoon in Berlin
    made.patch(f"/projects/{made.project_id}", {"slaRules": RULES, "slaCalendar": OFFICE, "statuses": [WAITING]})
    return made


def change(caller: Tenant, item: Any, **fields: Any) -> Any:
    return caller.patch(f"/feedback/{item['id']}", fields).data


def check(database: Database) -> None:
    """Do what is done every minute."""
    for kind in ("feedback.check_deadlines", "feedback.check_responses", "feedback.warn"):
        database.write(partial(enqueue, kind=kind, payload={}))
        finish(database, kind)


def told(database: Database, caller: Tenant, kind: str) -> list[str]:
    clause = events.select().where(events.c.workspace_id == caller.workspace_id, events.c.kind == kind)
    return [row[4] for row in database.read(lambda tx: tx.all(Statement(clause)))]


def test_hours_are_working_hours(caller: Tenant) -> None:
    assert caller.new_feedback(priority="urgent")["dueDate"] == "2026-12-24T11:00:00.000Z"
    # Five days of work: the 24th, then after Christmas Day and a weekend the 28th to the 31st, less the hour today.
    assert caller.new_feedback(priority="low")["dueDate"] == "2026-12-31T15:00:00.000Z"


def test_a_pause_counts_in_working_time(caller: Tenant, clock: Clock) -> None:
    item = caller.new_feedback(priority="urgent")
    change(caller, item, status="waiting")
    clock.set("2026-12-24T10:00:00.000Z")  # an hour of work yesterday, two today
    assert change(caller, item, status="new")["dueDate"] == "2026-12-24T14:00:00.000Z"
    assert change(caller, item, priority="low")["dueDate"] == "2027-01-01T10:00:00.000Z"


def test_a_calendar_that_changes_touches_no_deadline_that_is_there(caller: Tenant) -> None:
    item = caller.new_feedback(priority="urgent")
    caller.patch(f"/projects/{caller.project_id}", {"slaCalendar": None})
    assert caller.get(f"/feedback/{item['id']}").data["dueDate"] == item["dueDate"]
    assert caller.new_feedback(priority="urgent")["dueDate"] == "2026-12-23T19:00:00.000Z"


def test_people_are_warned_once_for_each_deadline(caller: Tenant, clock: Clock, database: Database) -> None:
    item, kind = caller.new_feedback(priority="urgent"), "feedback.sla_warning"
    clock.set("2026-12-24T09:59:00.000Z")
    check(database)
    assert told(database, caller, kind) == []
    clock.set("2026-12-24T10:00:00.000Z")
    check(database)
    check(database)
    assert told(database, caller, kind) == [item["id"]]
    change(caller, item, dueDate="2026-12-24T16:00:00.000Z")
    check(database)
    clock.set("2026-12-24T15:00:00.000Z")
    check(database)
    assert told(database, caller, kind) == [item["id"]] * 2


def test_nobody_is_warned_of_what_is_done_or_missed_or_not_to_be_told(
    caller: Tenant, clock: Clock, database: Database
) -> None:
    change(caller, caller.new_feedback(priority="urgent"), status="resolved")
    missed = caller.new_feedback(priority="urgent")
    caller.patch(f"/projects/{caller.project_id}", {"slaWarningMinutes": 0})
    quiet = caller.new_feedback(priority="urgent")
    assert quiet["dueDate"] == missed["dueDate"]
    clock.set("2026-12-24T11:00:00.000Z")
    check(database)
    assert told(database, caller, "feedback.sla_warning") == []


def test_the_first_answer_has_a_target_of_its_own(caller: Tenant, clock: Clock, database: Database) -> None:
    late, answered = (caller.new_feedback(priority="urgent") for _ in range(2))
    caller.post(f"/feedback/{answered['id']}/comments", {"message": "We look into it."})
    noted = caller.new_feedback(priority="urgent")
    caller.post(f"/feedback/{noted['id']}/notes", {"content": "Not an answer."})
    theirs = {"message": "Hello?", "authorType": "customer", "authorName": "John", "authorEmail": "john@example.com"}
    caller.post(f"/feedback/{noted['id']}/comments", theirs)
    clock.set("2026-12-23T16:00:01.000Z")
    check(database)
    check(database)
    kind = "feedback.first_response_breached"
    assert sorted(told(database, caller, kind)) == sorted([late["id"], noted["id"]])
    for item in (late, answered, noted):
        assert caller.get(f"/feedback/{item['id']}").data["slaBreached"] is False


def test_the_target_of_the_first_answer_waits_while_the_item_does(
    caller: Tenant, clock: Clock, database: Database
) -> None:
    item = caller.new_feedback(priority="urgent")
    change(caller, item, status="waiting")
    clock.set("2026-12-24T09:00:00.000Z")
    check(database)
    change(caller, item, status="new")
    clock.set("2026-12-24T09:59:59.000Z")
    check(database)
    assert told(database, caller, "feedback.first_response_breached") == []
    clock.set("2026-12-24T10:00:01.000Z")
    check(database)
    assert told(database, caller, "feedback.first_response_breached") == [item["id"]]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"timeZone": "Mars/Olympus"}, "slaCalendar.timeZone"),
        ({"timeZone": "../../etc/passwd"}, "slaCalendar.timeZone"),
        ({"days": {"mon": [["09:00", "09:00"]]}}, "slaCalendar.days.mon[0]"),
        ({"days": {"mon": [["09:00", "12:00"], ["11:00", "17:00"]]}}, "slaCalendar.days.mon[1]"),
        ({"days": {"mon": [["09:00", "13:59"]]}}, "slaCalendar.days"),
        ({"days": {}}, "slaCalendar.days"),
        ({"days": {"mon": [["9:00", "17:00"]]}}, "slaCalendar.days.mon"),
        ({"days": {"mon": [["00:00", "24:01"]]}}, "slaCalendar.days.mon"),
        ({"days": {"monday": []}}, "monday"),
        ({"holidays": ["2026-02-29"]}, "slaCalendar.holidays[0]"),
        ({"holidays": ["soon"]}, "slaCalendar.holidays"),
    ],
)
def test_calendars_that_make_no_sense(caller: Tenant, database: Database, change: Any, field: str) -> None:
    with unchanged(database, caller):
        answer = caller.patch(f"/projects/{caller.project_id}", {"slaCalendar": {**OFFICE, **change}})
        check_problem(answer, "bad_request", naming=field)


def test_minutes_of_warning_have_limits(caller: Tenant) -> None:
    for minutes in (0, 10_080):
        path = f"/projects/{caller.project_id}"
        assert caller.patch(path, {"slaWarningMinutes": minutes}).data["slaWarningMinutes"] == minutes
    for wrong in (-1, 10_081, 1.5, "60"):
        check_problem(caller.patch(path, {"slaWarningMinutes": wrong}), "bad_request", naming="slaWarningMinutes")


def test_around_midnight_and_on_every_day(caller: Tenant) -> None:
    always = {
        **OFFICE,
        "days": {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
    }
    project = caller.patch(f"/projects/{caller.project_id}", {"slaCalendar": {**always, "holidays": []}}).data
    assert project["slaCalendar"]["days"]["sun"] == [["00:00", "24:00"]]
    assert caller.new_feedback(priority="low")["dueDate"] == "2026-12-25T07:00:00.000Z"
