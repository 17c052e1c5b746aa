"""``/automations``: made, listed, changed, removed; what is refused is named and writes nothing."""

from typing import Any

import pytest

from tests.automations.macros import TAG, condition, save, saved
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from userhero.kernel.db import Database


def names(caller: Tenant, **query: Any) -> list[str]:
    found = caller.get("/automations", projectId=caller.project_id, **query).json()
    assert found.keys() == {"automations", "nextCursor"}
    return [each["name"] for each in found["automations"]]


def test_the_reference_example_works(tenant: Tenants) -> None:
    """The shape of the reference, bare."""
    caller = tenant()
    assign = {"type": "assign_agent", "params": {"userId": caller.user_id}}
    made = saved(caller, assign, name="Auto-assign billing", scope="feedback.created")
    assert made.keys() == {
        "id", "workspaceId", "projectId", "name", "scope", "enabled", "priority", "systemGenerated", "conditions",
        "actions", "schedule", "runStats", "lastRunAt", "createdAt", "updatedAt",
    }  # fmt: skip
    assert made["id"].startswith("auto_")
    assert (made["enabled"], made["priority"], made["systemGenerated"]) == (True, 0, False)
    assert made["conditions"] == {"combinator": "and", "rules": []}
    assert made["actions"] == [assign]
    assert (made["runStats"], made["lastRunAt"]) == ({"matched7d": 0, "errored7d": 0}, None)
    assert caller.get(f"/automations/{made['id']}").json() == made
    listed = caller.get("/automations", projectId=caller.project_id, workspaceId=None).json()
    assert listed == {"automations": [made], "nextCursor": None}
    gone = caller.delete(f"/automations/{made['id']}")
    assert gone.data == {"id": made["id"], "deleted": True}
    check_problem(caller.get(f"/automations/{made['id']}"), "not_found")


def test_a_list_is_by_priority_and_goes_on_after_a_cursor(tenant: Tenants) -> None:
    caller = tenant()
    for number in (2, 0, 1, 1):
        saved(caller, name=str(number), priority=number)
    assert names(caller) == ["0", "1", "1", "2"]
    found, cursor = [], None
    while True:
        page = caller.get("/automations", projectId=caller.project_id, limit=1, cursor=cursor).json()
        found += page["automations"]
        cursor = page["nextCursor"]
        if cursor is None:
            break
        assert cursor == page["automations"][-1]["id"]
    assert [each["name"] for each in found] == ["0", "1", "1", "2"]
    assert len({each["id"] for each in found}) == 4


def test_filters(tenant: Tenants) -> None:
    caller = tenant()
    saved(caller, name="macro")
    saved(caller, name="off", enabled=False, scope="feedback.updated")
    saved(caller, name="daily", scope="time.scheduled", schedule={"every": 1, "unit": "days"})
    assert names(caller, scope="manual") == ["macro"]
    assert names(caller, enabled="false") == ["off"]
    assert names(caller, enabled="true", scope="time.scheduled") == ["daily"]
    assert names(caller, enabled="false", scope="time.scheduled") == []


def test_list_parameters_are_checked(tenant: Tenants) -> None:
    caller, stranger = tenant(), tenant()
    mine: dict[str, Any] = {"projectId": caller.project_id}
    other = caller.post("/projects", {"name": "Other"}).data["id"]
    elsewhere = saved(caller, projectId=other)["id"]
    check_problem(caller.get("/automations"), "bad_request", field="projectId")
    for name, value in (("limit", 0), ("limit", 101), ("limit", "x"), ("scope", "never"), ("enabled", "maybe")):
        check_problem(caller.get("/automations", **{**mine, name: value}), "bad_request", field=name)
    for cursor in ("nothing", elsewhere, saved(stranger)["id"], ""):
        check_problem(caller.get("/automations", **mine, cursor=cursor), "bad_request", field="cursor")
    check_problem(caller.get("/automations", projectId=stranger.project_id), "not_found")
    check_problem(caller.get("/automations", projectId=stranger.project_id, workspaceId=None), "not_found")


def test_a_change_leaves_the_rest_as_it_is(tenant: Tenants) -> None:
    caller = tenant()
    made = saved(caller, conditions=condition("category", "equals", "bug"), priority=3)
    path = f"/automations/{made['id']}"
    changed = caller.patch(path, {"enabled": False, "name": " Renamed "}).json()
    assert changed == {**made, "enabled": False, "name": "Renamed", "updatedAt": changed["updatedAt"]}
    assert caller.patch(path, {"conditions": None}).json()["conditions"] == {"combinator": "and", "rules": []}
    stale = caller.get(path).header("etag")
    assert stale is not None
    caller.patch(path, {"priority": 4})
    check_problem(caller.patch(path, {"priority": 5}, headers=[("if-match", stale)]), "precondition_failed")


def test_a_schedule_goes_with_its_scope(tenant: Tenants) -> None:
    caller = tenant()
    every = {"every": 4, "unit": "hours"}
    check_problem(save(caller, scope="time.scheduled"), "bad_request", field="schedule")
    check_problem(save(caller, schedule=every), "bad_request", field="schedule")
    made = saved(caller, scope="time.scheduled", schedule=every)
    path = f"/automations/{made['id']}"
    assert made["schedule"] == every
    assert caller.patch(path, {"scope": "time.scheduled"}).json()["schedule"] == every
    check_problem(caller.patch(path, {"schedule": None}), "bad_request", field="schedule")
    assert caller.patch(path, {"scope": "manual"}).json()["schedule"] is None
    check_problem(caller.patch(path, {"scope": "time.scheduled"}), "bad_request", field="schedule")
    for wrong in ({"every": 0, "unit": "hours"}, {"every": 1, "unit": "minutes"}, {"every": 1.5, "unit": "days"}):
        refused = save(caller, scope="time.scheduled", schedule=wrong)
        check_problem(refused, "bad_request")


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"name": " "}, "name"),
        ({"name": "n" * 201}, "name"),
        ({"scope": "sometimes"}, "scope"),
        ({"priority": -1}, "priority"),
        ({"priority": 1.5}, "priority"),
        ({"enabled": "yes"}, "enabled"),
        ({"actions": []}, "actions"),
        ({"actions": [TAG] * 21}, "actions"),
        ({"colour": "red"}, "colour"),
        ({"conditions": {"combinator": "xor", "rules": []}}, "conditions.combinator"),
        ({"conditions": {"combinator": "and", "rules": {}}}, "conditions.rules"),
        ({"conditions": {"combinator": "and", "rules": [], "not": True}}, "conditions.not"),
        ({"conditions": {"rules": [{"field": "category"}]}}, "conditions.rules[0].operator"),
    ],
)
def test_what_breaks_a_rule_is_refused(tenant: Tenants, database: Database, fields: Any, where: str) -> None:
    caller = tenant()
    made = saved(caller)
    with unchanged(database, caller):
        check_problem(save(caller, **fields), "bad_request", field=where)
        check_problem(caller.patch(f"/automations/{made['id']}", fields), "bad_request", field=where)


@pytest.mark.parametrize(
    ("action", "where"),
    [
        ({"type": "explode", "params": {}}, "type"),
        ({"type": "set_status"}, "params"),
        ({"type": "set_status", "params": {"status": "on-fire"}}, "params.status"),
        ({"type": "set_status", "params": {"status": "new", "more": 1}}, "params.more"),
        ({"type": "set_category", "params": {"category": "c" * 65}}, "params.category"),
        ({"type": "set_category", "params": {"category": ""}}, "params.category"),
        ({"type": "set_priority", "params": {"priority": "huge"}}, "params.priority"),
        ({"type": "add_tag", "params": {"tag": " "}}, "params.tag"),
        ({"type": "remove_tag", "params": {"tag": "t" * 51}}, "params.tag"),
        ({"type": "assign_agent", "params": {"userId": "user_nobody"}}, "params.userId"),
        ({"type": "add_note", "params": {"content": " "}}, "params.content"),
        ({"type": "add_note", "params": {"content": "{{feedback.secret}}"}}, "params.content"),
        ({"type": "add_note", "params": {"content": "{{ config.__class__ }}"}}, "params.content"),
        ({"type": "send_reply", "params": {"message": "m" * 2001}}, "params.message"),
        ({"type": "send_notification", "params": {"channel": "fax", "to": "a", "message": "m"}}, "params.channel"),
        ({"type": "send_notification", "params": {"channel": "email", "to": "x", "message": "m"}}, "params.to"),
        (
            {"type": "send_notification", "params": {"channel": "slack", "to": "#a\r\nbcc: b", "message": "m"}},
            "params.to",
        ),
        ({"type": "set_public", "params": {"isPublic": "yes"}}, "params.isPublic"),
        ({"type": "move_to_workflow", "params": {"workflowId": "a b"}}, "params.workflowId"),
    ],
)
def test_bad_actions_are_refused_and_named(tenant: Tenants, database: Database, action: Any, where: str) -> None:
    caller = tenant()
    with unchanged(database, caller):
        check_problem(save(caller, TAG, action), "bad_request", field=f"actions[1].{where}")


def test_system_automations_show_the_sla_rules_and_are_read_only(tenant: Tenants, database: Database) -> None:
    """One for each rule, as soon as there are rules; listed where asked for."""
    caller, stranger = tenant(), tenant()
    saved(caller, name="mine")
    rules = [{"priority": "high", "hours": 24}, {"priority": "urgent", "hours": 4}, {"priority": "low", "hours": 0}]
    caller.patch(f"/projects/{caller.project_id}", {"slaRules": rules})
    assert names(caller) == ["mine"]
    assert names(caller, includeSystem="true") == ["SLA: high within 24 h", "SLA: urgent within 4 h", "mine"]
    assert names(caller, includeSystem="true", scope="manual") == ["mine"]
    found, cursor = [], None
    for _ in range(3):
        query: dict[str, Any] = {"projectId": caller.project_id, "includeSystem": "true", "limit": 1, "cursor": cursor}
        page = caller.get("/automations", **query).json()
        found += page["automations"]
        cursor = page["nextCursor"]
    assert [each["systemGenerated"] for each in found] == [True, True, False]
    assert cursor is None
    path = f"/automations/{found[0]['id']}"
    assert caller.get(path).json() == found[0]
    assert caller.get(path + "/runs").json() == {"runs": []}
    item = caller.new_feedback()
    with unchanged(database, caller):
        check_problem(caller.patch(path, {"enabled": False}), "forbidden")
        check_problem(caller.delete(path), "forbidden")
        check_problem(caller.post(path + "/run", {"feedbackId": item["id"]}), "bad_request", naming="macros")
        check_problem(stranger.get(path, workspaceId=None), "not_found")
        check_problem(stranger.request("DELETE", path), "not_found")
    assert caller.post(path.replace("high", "medium") + "/run", {"feedbackId": item["id"]}).status == 404


def test_the_plan_limits_active_automations(tenant: Tenants, database: Database) -> None:
    caller = tenant(plan="pro")
    made = [saved(caller)["id"] for _ in range(100)]
    off = saved(caller, enabled=False)["id"]
    with unchanged(database, caller):
        check_problem(save(caller), "forbidden", naming="100")
        check_problem(caller.patch(f"/automations/{off}", {"enabled": True}), "forbidden")
    assert caller.get(f"/workspace/{caller.workspace_id}/usage").data["usage"]["automations"] == 100
    caller.patch(f"/automations/{made[0]}", {"enabled": False})
    assert caller.patch(f"/automations/{off}", {"enabled": True}).status == 200
    assert caller.patch(f"/automations/{off}", {"enabled": True, "priority": 1}).status == 200


def test_they_go_with_their_project(tenant: Tenants) -> None:
    caller = tenant()
    other = caller.post("/projects", {"name": "Other"}).data["id"]
    made = saved(caller, projectId=other)["id"]
    assert caller.delete(f"/projects/{other}").status == 200
    check_problem(caller.get(f"/automations/{made}"), "not_found")
