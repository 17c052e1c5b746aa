"""Automations that time sets off: when they look, at what, and once for each item until it changes."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.automations.macros import TAG, condition, saved
from tests.support.clock import Clock
from tests.support.tenants import Tenant, Tenants
from tests.support.work import catch_up, settle
from userhero.automations.actions.scan import SCAN
from userhero.kernel.db import Database
from userhero.kernel.jobs import enqueue

HOURLY = {"every": 1, "unit": "hours"}
WAITING = {"id": "waiting", "label": "Waiting", "category": "pending"}


@pytest.fixture
def look(database: Database, clock: Clock) -> Callable[[float], None]:
    """Some hours later, what is due then has been done."""

    def wait(hours: float) -> None:
        clock.advance(hours * 3600)
        database.write(lambda tx: enqueue(tx, "automations.schedule", {}))
        catch_up(database, "automations.schedule", SCAN)

    return wait


def scheduled(caller: Tenant, *actions: dict[str, Any], **fields: Any) -> Any:
    return saved(caller, *actions, **{"scope": "time.scheduled", "schedule": HOURLY, **fields})


def note(text: str) -> dict[str, Any]:
    return {"type": "add_note", "params": {"content": text}}


def tags_of(caller: Tenant, item: Any) -> list[str]:
    found: list[str] = caller.get(f"/feedback/{item['id']}").data["tags"]
    return found


def runs_of(caller: Tenant, automation: Any) -> list[Any]:
    found: list[Any] = caller.get(f"/automations/{automation['id']}/runs").json()["runs"]
    return found


def test_it_looks_every_so_often_and_not_before(tenant: Tenants, look: Callable[[float], None]) -> None:
    caller = tenant()
    automation = scheduled(caller)
    item = caller.new_feedback()
    look(0.9)
    assert tags_of(caller, item) == []
    look(0.2)
    assert tags_of(caller, item) == ["seen"]
    (run,) = runs_of(caller, automation)
    assert (run["outcome"], run["actor"]["system"]) == ("matched", True)
    assert caller.get(f"/automations/{automation['id']}").json()["lastRunAt"] == run["runAt"]


def test_it_looks_at_open_and_pending_items_only(tenant: Tenants, look: Callable[[float], None]) -> None:
    caller = tenant()
    caller.patch(f"/projects/{caller.project_id}", {"statuses": [WAITING]})
    scheduled(caller)
    items = {status: caller.new_feedback() for status in ("new", "in-progress", "waiting", "resolved", "archived")}
    for status, item in items.items():
        caller.patch(f"/feedback/{item['id']}", {"status": status})
    look(1)
    seen = {status for status, item in items.items() if tags_of(caller, item)}
    assert seen == {"new", "in-progress", "waiting"}


def test_it_acts_once_for_an_item_until_that_changes(tenant: Tenants, look: Callable[[float], None]) -> None:
    caller = tenant()
    automation = scheduled(caller, note("Still open"))
    item = caller.new_feedback()
    for _ in range(3):
        look(1)
    assert len(runs_of(caller, automation)) == 1
    caller.patch(f"/feedback/{item['id']}", {"priority": "high"})
    for _ in range(2):
        look(1)
    assert len(runs_of(caller, automation)) == 2


def test_a_change_counts_after_the_clock_was_set_back(
    tenant: Tenants, look: Callable[[float], None], clock: Clock
) -> None:
    caller = tenant()
    automation = scheduled(caller, note("Still open"))
    item = caller.new_feedback()
    look(5)
    clock.advance(hours=-3)
    caller.patch(f"/feedback/{item['id']}", {"priority": "high"})
    look(4)
    assert len(runs_of(caller, automation)) == 2


def test_an_item_that_does_not_match_yet_is_looked_at_again(tenant: Tenants, look: Callable[[float], None]) -> None:
    """Age grows without any change of the item."""
    caller = tenant()
    automation = scheduled(caller, conditions=condition("updatedAt", "older_than", 2.5))
    item = caller.new_feedback()
    look(1)
    look(1)
    assert tags_of(caller, item) == []
    look(1)
    assert tags_of(caller, item) == ["seen"]
    assert len(runs_of(caller, automation)) == 1


def test_missed_looks_are_made_up_for_by_one_and_the_grid_stays(
    tenant: Tenants, look: Callable[[float], None], clock: Clock
) -> None:
    caller = tenant()
    automation = scheduled(caller, note("Looked"))
    item = caller.new_feedback()
    look(5.5)
    assert len(runs_of(caller, automation)) == 1
    clock.advance(1)
    caller.patch(f"/feedback/{item['id']}", {"priority": "low"})
    look(0.4)
    assert len(runs_of(caller, automation)) == 1
    look(0.2)
    assert len(runs_of(caller, automation)) == 2


def test_switched_off_it_rests_and_switched_on_it_starts_anew(tenant: Tenants, look: Callable[[float], None]) -> None:
    caller = tenant()
    automation = scheduled(caller)
    path, item = f"/automations/{automation['id']}", caller.new_feedback()
    caller.patch(path, {"enabled": False})
    look(3)
    assert tags_of(caller, item) == []
    caller.patch(path, {"enabled": True})
    look(0.9)
    assert tags_of(caller, item) == []
    look(0.2)
    assert tags_of(caller, item) == ["seen"]


def test_a_new_schedule_counts_from_when_it_is_set(tenant: Tenants, look: Callable[[float], None]) -> None:
    caller = tenant()
    automation = scheduled(caller, schedule={"every": 2, "unit": "days"})
    item = caller.new_feedback()
    caller.patch(f"/automations/{automation['id']}", {"schedule": HOURLY})
    look(1)
    assert tags_of(caller, item) == ["seen"]


def test_as_a_macro_it_looks_no_more(tenant: Tenants, look: Callable[[float], None]) -> None:
    caller = tenant()
    automation = scheduled(caller)
    item = caller.new_feedback()
    caller.patch(f"/automations/{automation['id']}", {"scope": "manual", "schedule": None})
    look(2)
    assert tags_of(caller, item) == []


def test_what_it_changes_sets_off_others_but_not_itself(tenant: Tenants, look: Callable[[float], None]) -> None:
    caller = tenant()
    first = scheduled(caller, {"type": "set_priority", "params": {"priority": "urgent"}})
    second = saved(caller, TAG, scope="feedback.updated", conditions=condition("priority", "equals", "urgent"))
    item = caller.new_feedback()
    look(1)
    assert tags_of(caller, item) == ["seen"]
    assert (len(runs_of(caller, first)), len(runs_of(caller, second))) == (1, 1)


def test_more_items_than_a_page(tenant: Tenants, look: Callable[[float], None], database: Database) -> None:
    caller = tenant()
    automation = scheduled(caller, conditions=condition("category", "equals", "bug"))
    actor_items = [caller.new_feedback(category="bug" if number % 20 == 0 else "other") for number in range(1040)]
    look(1)
    shown = caller.get(f"/automations/{automation['id']}").json()
    assert shown["runStats"]["matched7d"] == 52
    assert all((tags_of(caller, item) == ["seen"]) is (item["category"] == "bug") for item in actor_items[::20])


def test_a_missed_deadline_is_a_run_of_the_system_s_automation(
    tenant: Tenants, clock: Clock, database: Database
) -> None:
    caller = tenant()
    caller.patch(f"/projects/{caller.project_id}", {"slaRules": [{"priority": "urgent", "hours": 4}]})
    item = caller.new_feedback(priority="urgent")
    clock.advance(4 * 3600 + 1)
    database.write(lambda tx: enqueue(tx, "feedback.check_deadlines", {}))
    catch_up(database, "feedback.check_deadlines")
    settle(database)
    listed = caller.get("/automations", projectId=caller.project_id, includeSystem="true").json()["automations"]
    (system,) = [each for each in listed if each["systemGenerated"]]
    (run,) = runs_of(caller, system)
    assert (run["outcome"], run["feedbackId"], run["actionsExecuted"]) == ("matched", item["id"], [])
    assert run["actor"] == {"userId": None, "name": "SLA", "system": True}
    assert (system["runStats"], system["lastRunAt"]) == ({"matched7d": 1, "errored7d": 0}, run["runAt"])
    assert caller.get(f"/automations/{system['id']}").json() == system
