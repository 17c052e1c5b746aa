"""Automations, lists of them and their runs as the reference draws them, field by field and parameter by parameter."""

from typing import Any

import pytest

from tests.automations.macros import TAG, condition, run, saved
from tests.support.clock import Clock
from tests.support.fields import check_fields
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from userhero.kernel.db import Database

AUTOMATION = {
    "id": "string",
    "name": "string",
    "scope": "string",
    "enabled": "boolean",
    "priority": "integer",
    "systemGenerated": "boolean",
    "conditions": "object",
    "actions": "objects",
    "runStats": "object",
    "lastRunAt": "time?",
    "createdAt": "time",
    "updatedAt": "time",
    # Besides what the reference has:
    "workspaceId": "string",
    "projectId": "string",
    "schedule": "object?",
}
RESULT = {"runId": "string", "outcome": "string", "actionsExecuted": "objects"}
RUN = {
    "id": "string",
    "outcome": "string",
    "runAt": "time",
    "feedbackId": "string",
    "actionsExecuted": "objects",
    "actor": "object",
}
ACTOR = {"userId": "string?", "name": "string", "system": "boolean"}
DAILY = {"every": 1, "unit": "days"}
# By scope: what an automation with it needs besides.
SCOPES: dict[str, dict[str, Any]] = {
    "feedback.created": {},
    "feedback.updated": {},
    "time.scheduled": {"schedule": DAILY},
    "manual": {},
}


@pytest.fixture
def caller(tenant: Tenants) -> Tenant:
    return tenant()


def listed(caller: Tenant, **query: Any) -> Any:
    answer = caller.get("/automations", projectId=caller.project_id, **query)
    assert answer.status == 200, answer
    found = answer.json()
    check_fields(found, {"automations": "objects", "nextCursor": "string?"})
    return found


def check_automation(caller: Tenant, automation: Any) -> None:
    """The automation is whole, and the same alone and in the list."""
    check_fields(automation, AUTOMATION)
    check_fields(automation["conditions"], {"combinator": "string", "rules": "objects"})
    check_fields(automation["runStats"], {"matched7d": "integer", "errored7d": "integer"})
    for action in automation["actions"]:
        check_fields(action, {"type": "string", "params": "object"})
    if automation["schedule"] is not None:
        check_fields(automation["schedule"], {"every": "integer", "unit": "string"})
    assert caller.get(f"/automations/{automation['id']}").json() == automation
    assert caller.get(f"/automations/{automation['id']}", workspaceId=None).json() == automation
    (found,) = [each for each in listed(caller, includeSystem="true")["automations"] if each["id"] == automation["id"]]
    assert found == automation


@pytest.mark.parametrize("scope", SCOPES)
def test_a_new_one_with_what_it_needs(caller: Tenant, clock: Clock, scope: str) -> None:
    made = saved(caller, TAG, name="Tag", scope=scope, **SCOPES[scope])
    check_automation(caller, made)
    assert made == {
        "id": made["id"],
        "workspaceId": caller.workspace_id,
        "projectId": caller.project_id,
        "name": "Tag",
        "scope": scope,
        "enabled": True,
        "priority": 0,
        "systemGenerated": False,
        "conditions": {"combinator": "and", "rules": []},
        "actions": [TAG],
        "schedule": SCOPES[scope].get("schedule"),
        "runStats": {"matched7d": 0, "errored7d": 0},
        "lastRunAt": None,
        "createdAt": clock.now(),
        "updatedAt": clock.now(),
    }


def test_one_with_everything_that_has_run(caller: Tenant, clock: Clock) -> None:
    tree = {
        "combinator": "or",
        "rules": [
            {"field": "category", "operator": "equals", "value": "bug"},
            {"combinator": "and", "rules": [{"field": "rating", "operator": "is_set"}]},
        ],
    }
    second = {"type": "set_priority", "params": {"priority": "high"}}
    made = saved(caller, TAG, second, name="Triage", enabled=True, priority=7, conditions=tree)
    assert (made["priority"], made["conditions"], made["actions"]) == (7, tree, [TAG, second])
    clock.advance(60)
    run(caller, made["id"], caller.new_feedback(category="bug")["id"])
    after = caller.get(f"/automations/{made['id']}").json()
    assert after == {**made, "lastRunAt": clock.now(), "runStats": {"matched7d": 1, "errored7d": 0}}
    check_automation(caller, after)


CHANGES: dict[str, Any] = {
    "name": "Renamed",
    "enabled": False,
    "priority": 3,
    "conditions": condition("rating", "less_than", 3),
    "actions": [{"type": "set_public", "params": {"isPublic": True}}],
    "scope": "feedback.updated",
}


@pytest.mark.parametrize("field", CHANGES)
def test_a_change_of_one_field_leaves_the_others(caller: Tenant, clock: Clock, field: str) -> None:
    made = saved(caller)
    clock.advance(60)
    answer = caller.request("PATCH", f"/automations/{made['id']}", json={field: CHANGES[field]})
    assert (answer.status, answer.json()) == (200, {**made, field: CHANGES[field], "updatedAt": clock.now()})
    check_automation(caller, answer.json())


def test_what_a_new_one_needs(caller: Tenant, database: Database) -> None:
    whole = {"projectId": caller.project_id, "name": "Tag", "scope": "manual", "actions": [TAG]}
    with unchanged(database, caller):
        for field in whole:
            body = {name: value for name, value in whole.items() if name != field}
            check_problem(caller.request("POST", "/automations", json=body), "bad_request", field=field)
    assert caller.request("POST", "/automations", json=whole).status == 201


@pytest.fixture(scope="module")
def filled(tenant: Tenants) -> Tenant:
    """A project with an active automation and an inactive one for each scope, in this order, and an SLA rule."""
    caller = tenant()
    for place, (scope, more) in enumerate(SCOPES.items()):
        for enabled in (True, False):
            order = 2 * place + (not enabled)
            saved(caller, name=f"{scope} {enabled}", scope=scope, enabled=enabled, priority=order, **more)
    rules = [{"priority": "urgent", "hours": 4}]
    assert caller.patch(f"/projects/{caller.project_id}", {"slaRules": rules}).status == 200
    return caller


def names(caller: Tenant, **query: Any) -> list[str]:
    return [each["name"] for each in listed(caller, **query)["automations"]]


@pytest.mark.parametrize("scope", SCOPES)
def test_the_list_of_one_scope(filled: Tenant, scope: str) -> None:
    assert names(filled, scope=scope) == [f"{scope} True", f"{scope} False"]
    assert names(filled, scope=scope, enabled="true") == [f"{scope} True"]
    assert names(filled, scope=scope, enabled="false") == [f"{scope} False"]


def test_the_list_of_those_that_are_active_or_not(filled: Tenant) -> None:
    assert names(filled) == [f"{scope} {enabled}" for scope in SCOPES for enabled in (True, False)]
    assert names(filled, enabled="true") == [f"{scope} True" for scope in SCOPES]
    assert names(filled, enabled="false") == [f"{scope} False" for scope in SCOPES]


def test_those_of_sla_rules_are_listed_when_asked_for(filled: Tenant) -> None:
    assert names(filled, includeSystem="false") == names(filled)
    system, *others = listed(filled, includeSystem="true")["automations"]
    assert [each["name"] for each in others] == names(filled)
    assert {each["systemGenerated"] for each in others} == {False}
    assert system["systemGenerated"] is True
    assert system["conditions"]["rules"][0] == {"field": "priority", "operator": "equals", "value": "urgent"}
    check_automation(filled, system)
    check_problem(
        filled.get("/automations", projectId=filled.project_id, includeSystem="maybe"),
        "bad_request",
        field="includeSystem",
    )


def test_a_page_holds_50_unless_asked_otherwise_and_100_at_the_most(caller: Tenant) -> None:
    made = [saved(caller, priority=number)["id"] for number in range(101)]
    assert [each["id"] for each in listed(caller)["automations"]] == made[:50]
    assert listed(caller)["nextCursor"] == made[49]
    assert [each["id"] for each in listed(caller, cursor=made[49])["automations"]] == made[50:100]
    most = listed(caller, limit=100)
    assert ([each["id"] for each in most["automations"]], most["nextCursor"]) == (made[:100], made[99])
    rest = listed(caller, limit=100, cursor=most["nextCursor"])
    assert ([each["id"] for each in rest["automations"]], rest["nextCursor"]) == (made[100:], None)
    for limit in (0, 101, -1, "x"):
        answer = caller.get("/automations", projectId=caller.project_id, limit=limit)
        check_problem(answer, "bad_request", field="limit")


def test_filters_hold_on_every_page(caller: Tenant) -> None:
    for number in range(6):
        scope = "feedback.created" if number < 4 else "manual"
        saved(caller, name=f"{number}", enabled=number % 2 == 0, scope=scope, priority=number)
    first = listed(caller, scope="feedback.created", enabled="true", limit=1)
    second = listed(caller, scope="feedback.created", enabled="true", limit=1, cursor=first["nextCursor"])
    assert [each["automations"][0]["name"] for each in (first, second)] == ["0", "2"]
    assert second["nextCursor"] is None


def test_the_project_must_be_named(caller: Tenant) -> None:
    other = caller.post("/projects", {"name": "Other"}).data["id"]
    here, there = saved(caller), saved(caller, projectId=other)
    for workspace_id in (None, caller.workspace_id):
        check_problem(caller.get("/automations", workspaceId=workspace_id), "bad_request", field="projectId")
        answer = caller.get("/automations", projectId=other, workspaceId=workspace_id)
        assert answer.json() == {"automations": [there], "nextCursor": None}
    assert listed(caller)["automations"] == [here]


def outcome_of(caller: Tenant, *actions: Any, **fields: Any) -> Any:
    """What a run of such a macro answers, and its entry in the history."""
    macro = saved(caller, *actions, **fields)
    answer = run(caller, macro["id"], caller.new_feedback(category="bug")["id"])
    assert answer.status == 200, answer
    result = answer.json()
    history = caller.get(f"/automations/{macro['id']}/runs")
    (entry,) = history.json()["runs"]
    assert history.json().keys() == {"runs"}
    check_fields(result, RESULT)
    check_fields(entry, RUN)
    check_fields(entry["actor"], ACTOR, filled=True)
    assert (entry["id"], entry["outcome"], entry["actionsExecuted"]) == tuple(result.values())
    return result


def test_each_outcome(caller: Tenant) -> None:
    matched = outcome_of(caller, TAG, {"type": "set_status", "params": {"status": "resolved"}})
    done = [{"type": "add_tag", "success": True}, {"type": "set_status", "success": True}]
    assert (matched["outcome"], matched["actionsExecuted"]) == ("matched", done)
    missed = outcome_of(caller, TAG, conditions=condition("category", "equals", "idea"))
    assert (missed["outcome"], missed["actionsExecuted"]) == ("no-match", [])


def test_an_action_that_fails_says_why(caller: Tenant) -> None:
    """Here a status that the project had when the macro was saved, and has no more."""
    project = f"/projects/{caller.project_id}"
    caller.patch(project, {"statuses": [{"id": "waiting", "label": "Waiting", "category": "pending"}]})
    macro = saved(caller, {"type": "set_status", "params": {"status": "waiting"}}, TAG)
    assert caller.patch(project, {"statuses": []}).status == 200
    item = caller.new_feedback()
    result = run(caller, macro["id"], item["id"]).json()
    failed, done = result["actionsExecuted"]
    assert result["outcome"] == "error"
    check_fields(failed, {"type": "string", "success": "boolean", "error": "string"})
    assert (failed["type"], failed["success"]) == ("set_status", False)
    assert "is not a status of the project" in failed["error"]
    assert done == {"type": "add_tag", "success": True}
    after = caller.get(f"/feedback/{item['id']}").data
    assert (after["status"], after["tags"]) == ("new", ["seen"])
    assert caller.get(f"/automations/{macro['id']}/runs").json()["runs"][0]["actionsExecuted"] == [failed, done]
    assert caller.get(f"/automations/{macro['id']}").json()["runStats"] == {"matched7d": 0, "errored7d": 1}


@pytest.mark.parametrize("scope", [scope for scope in SCOPES if scope != "manual"])
def test_only_macros_are_run_by_hand(caller: Tenant, database: Database, scope: str) -> None:
    automation, item = saved(caller, scope=scope, **SCOPES[scope]), caller.new_feedback()
    with unchanged(database, caller):
        check_problem(run(caller, automation["id"], item["id"]), "bad_request")
    caller.patch(f"/automations/{automation['id']}", {"scope": "manual"})
    assert run(caller, automation["id"], item["id"]).json()["outcome"] == "matched"


def test_an_item_must_be_named(caller: Tenant, database: Database) -> None:
    path = f"/automations/{saved(caller)['id']}/run"
    with unchanged(database, caller):
        check_problem(caller.request("POST", path, json={}), "bad_request", field="feedbackId")
        for wrong in (None, 7, True):
            answer = caller.request("POST", path, json={"feedbackId": wrong})
            check_problem(answer, "bad_request", field="feedbackId")
