"""SLA deadlines: where they come from, when they stand still, and who notices that one has passed."""

import json
from typing import Any

import pytest

from tests.support.clock import Clock
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from tests.support.work import finish
from userhero.feedback import NewFeedback, submit_feedback
from userhero.feedback.actions.breach import CHUNK
from userhero.kernel import clock as product_clock
from userhero.kernel.db import Database, Statement, Transaction
from userhero.kernel.events import events
from userhero.kernel.jobs import enqueue
from userhero.server.composition import job_table
from userhero.workspaces import act_as

CHECK = "feedback.check_deadlines"
RULES = [{"priority": "urgent", "hours": 4}, {"priority": "high", "hours": 24}, {"priority": "low", "hours": 0.5}]
WAITING = {"id": "waiting", "label": "Waiting", "category": "pending"}


@pytest.fixture
def caller(tenant: Tenants, clock: Clock) -> Tenant:
    """A tenant whose project has SLA rules and a status in which their clock stands still."""
    made = tenant()
    made.patch(f"/projects/{made.project_id}", {"slaRules": RULES, "statuses": [WAITING]})
    return made


def change(caller: Tenant, item: Any, **fields: Any) -> Any:
    return caller.patch(f"/feedback/{item['id']}", fields).data


def hours_after(item: Any, hours: float) -> str:
    return product_clock.shift(item["createdAt"], hours=hours)


def check(database: Database) -> None:
    """Do what is done every minute."""
    database.write(lambda tx: enqueue(tx, CHECK, {}))
    finish(database, CHECK)


def breaches(database: Database, caller: Tenant) -> list[str]:
    clause = events.select().where(
        events.c.workspace_id == caller.workspace_id, events.c.kind == "feedback.sla_breached"
    )
    return [row[4] for row in database.read(lambda tx: tx.all(Statement(clause)))]


def test_a_new_item_is_due_by_its_priority(caller: Tenant) -> None:
    for priority, hours in (("urgent", 4), ("high", 24), ("low", 0.5)):
        item = caller.new_feedback(priority=priority)
        assert item["dueDate"] == hours_after(item, hours)
        assert item["slaBreached"] is False
    assert caller.new_feedback(priority="medium")["dueDate"] is None
    assert caller.new_feedback()["dueDate"] is None


def test_the_deadline_follows_the_priority(caller: Tenant, clock: Clock) -> None:
    item = caller.new_feedback(priority="urgent")
    clock.advance(hours=1)
    assert change(caller, item, priority="high")["dueDate"] == hours_after(item, 24)
    assert change(caller, item, priority="medium")["dueDate"] is None
    assert change(caller, item, priority="urgent")["dueDate"] == hours_after(item, 4)
    assert change(caller, item, priority=None)["dueDate"] is None


def test_a_deadline_set_by_hand_stays(caller: Tenant) -> None:
    item = caller.new_feedback(priority="urgent")
    by_hand = hours_after(item, 100)
    assert change(caller, item, dueDate=by_hand)["dueDate"] == by_hand
    assert change(caller, item, priority="high")["dueDate"] == by_hand


def test_a_deadline_that_is_cleared_is_left_to_the_rules_again(caller: Tenant) -> None:
    item = caller.new_feedback(priority="urgent")
    change(caller, item, dueDate=hours_after(item, 100))
    assert change(caller, item, dueDate=None)["dueDate"] is None
    assert change(caller, item, tags=["a"])["dueDate"] is None
    assert change(caller, item, priority="high")["dueDate"] == hours_after(item, 24)


def test_date_and_priority_together_mean_the_date(caller: Tenant) -> None:
    item = caller.new_feedback()
    assert change(caller, item, priority="urgent", dueDate=hours_after(item, 9))["dueDate"] == hours_after(item, 9)


@pytest.mark.case("JSON-07")
@pytest.mark.parametrize(
    "text", ["", " ", "tomorrow", "2024-02-30", "9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00", "1" * 64]
)
def test_what_is_no_time_is_refused(caller: Tenant, database: Database, text: str) -> None:
    item = caller.new_feedback()
    with unchanged(database, caller):
        check_problem(caller.patch(f"/feedback/{item['id']}", {"dueDate": text}), "bad_request", field="dueDate")


def test_new_rules_are_for_what_is_computed_from_now_on(caller: Tenant) -> None:
    item = caller.new_feedback(priority="urgent")
    caller.patch(f"/projects/{caller.project_id}", {"slaRules": [{"priority": "urgent", "hours": 1}]})
    assert caller.get(f"/feedback/{item['id']}").data["dueDate"] == hours_after(item, 4)
    assert change(caller, item, priority="high")["dueDate"] is None
    assert change(caller, item, priority="urgent")["dueDate"] == hours_after(item, 1)


def test_the_clock_stands_still_while_an_item_is_pending(caller: Tenant, clock: Clock, database: Database) -> None:
    item = caller.new_feedback(priority="urgent")
    clock.advance(hours=1)
    assert change(caller, item, status="waiting")["dueDate"] == hours_after(item, 4)
    clock.advance(hours=10)
    check(database)
    assert caller.get(f"/feedback/{item['id']}").data["slaBreached"] is False
    back = change(caller, item, status="in-progress")
    assert back["dueDate"] == hours_after(item, 14)
    clock.advance(hours=1)
    change(caller, item, status="waiting")
    clock.advance(hours=2)
    assert change(caller, item, status="new")["dueDate"] == hours_after(item, 16)


def test_pauses_count_when_the_priority_changes_later(caller: Tenant, clock: Clock) -> None:
    item = caller.new_feedback(priority="urgent")
    change(caller, item, status="waiting")
    clock.advance(hours=3)
    change(caller, item, priority="high")
    clock.advance(hours=2)
    assert change(caller, item, status="new")["dueDate"] == hours_after(item, 24 + 5)
    assert change(caller, item, priority="urgent")["dueDate"] == hours_after(item, 4 + 5)


def test_a_date_set_while_pending_moves_by_what_is_left_of_the_pause(caller: Tenant, clock: Clock) -> None:
    item = caller.new_feedback(priority="urgent")
    change(caller, item, status="waiting")
    clock.advance(hours=3)
    change(caller, item, dueDate=hours_after(item, 50))
    clock.advance(hours=2)
    assert change(caller, item, status="new")["dueDate"] == hours_after(item, 52)


def test_a_new_category_of_the_status_starts_and_ends_pauses_too(caller: Tenant, clock: Clock) -> None:
    item = caller.new_feedback(priority="urgent")
    change(caller, item, status="waiting")
    clock.advance(hours=3)
    path = f"/projects/{caller.project_id}"
    caller.patch(path, {"statuses": [{**WAITING, "category": "open"}]})
    assert caller.get(f"/feedback/{item['id']}").data["dueDate"] == hours_after(item, 7)
    caller.patch(path, {"statuses": [WAITING]})
    clock.advance(hours=2)
    assert change(caller, item, status="new")["dueDate"] == hours_after(item, 9)


@pytest.mark.case("DUR-19")
def test_a_clock_that_is_set_back_moves_no_deadline_back(caller: Tenant, clock: Clock) -> None:
    item = caller.new_feedback(priority="urgent")
    change(caller, item, status="waiting")
    clock.advance(hours=-1)
    assert change(caller, item, status="new")["dueDate"] == hours_after(item, 4)


def test_a_missed_deadline_is_noticed_once_and_for_good(caller: Tenant, clock: Clock, database: Database) -> None:
    item = caller.new_feedback(priority="urgent")
    clock.advance(hours=4, seconds=-1)
    check(database)
    assert caller.get(f"/feedback/{item['id']}").data["slaBreached"] is False
    clock.advance(seconds=61)
    check(database)
    found = caller.get(f"/feedback/{item['id']}").data
    assert found["slaBreached"] is True
    assert found["updatedAt"] == item["updatedAt"]
    assert breaches(database, caller) == [item["id"]]
    assert [each["id"] for each in caller.get("/feedback", slaBreached="true").data] == [item["id"]]
    clock.advance(minutes=5)
    check(database)
    assert change(caller, item, dueDate=hours_after(item, 1000))["slaBreached"] is True
    assert breaches(database, caller) == [item["id"]]


@pytest.mark.parametrize("status", ["resolved", "archived", "waiting"])
def test_only_open_items_miss_deadlines(caller: Tenant, clock: Clock, database: Database, status: str) -> None:
    item = caller.new_feedback(priority="urgent")
    change(caller, item, status=status)
    clock.advance(hours=5)
    check(database)
    assert caller.get(f"/feedback/{item['id']}").data["slaBreached"] is False
    assert breaches(database, caller) == []


def test_a_deadline_in_the_past_is_missed_at_once(caller: Tenant, database: Database) -> None:
    item = caller.new_feedback()
    assert change(caller, item, dueDate="2020-01-01")["slaBreached"] is True
    assert breaches(database, caller) == [item["id"]]
    other = caller.new_feedback()
    assert change(caller, other, dueDate="2020-01-01", status="resolved")["slaBreached"] is False
    assert change(caller, other, status="reopened")["slaBreached"] is True


def test_however_many_are_due(caller: Tenant, clock: Clock, database: Database) -> None:
    new = NewFeedback(workspace_id=caller.workspace_id, project_id=caller.project_id, message="x", priority="urgent")

    def submit_many(tx: Transaction) -> set[str]:
        actor = act_as(tx, caller.email)
        return {json.loads(submit_feedback(tx, actor, new))["id"] for _ in range(CHUNK + 20)}

    items = database.write(submit_many)
    clock.advance(hours=5)
    check(database)
    assert set(breaches(database, caller)) == items
    assert caller.count(slaBreached="true") == len(items)


def test_deadlines_are_checked_every_minute() -> None:
    assert job_table().kinds[CHECK].every == 60
