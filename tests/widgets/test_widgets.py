"""``/widgets``: made, listed, changed, removed, with and without naming the workspace."""

from typing import Any

import pytest

from tests.support.clock import Clock
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from userhero.kernel.db import Database


def create(caller: Tenant, **fields: Any) -> Any:
    return caller.post("/widgets", {"projectId": caller.project_id, "name": "Feedback Button", **fields})


def test_the_reference_example_works(tenant: Tenants) -> None:
    caller = tenant()
    made = create(caller, config={"type": "modal"}, styling={"primaryColor": "#6366f1"})
    assert made.status == 201
    widget = made.data
    assert widget.keys() == {
        "id", "workspaceId", "projectId", "name", "enabled", "config", "styling", "createdAt", "updatedAt",
    }  # fmt: skip
    assert widget["id"].startswith("w_")
    assert (widget["workspaceId"], widget["projectId"]) == (caller.workspace_id, caller.project_id)
    assert (widget["config"], widget["styling"]) == ({"type": "modal"}, {"primaryColor": "#6366f1"})
    assert caller.get(f"/widgets/{widget['id']}").data == widget
    change = {"name": "Updated Widget", "enabled": False, "config": {"type": "popover"}}
    changed = caller.patch(f"/widgets/{widget['id']}", change).data
    assert {name: changed[name] for name in change} == change
    assert changed["styling"] == widget["styling"]
    assert caller.delete(f"/widgets/{widget['id']}").data == {"id": widget["id"], "deleted": True}
    check_problem(caller.get(f"/widgets/{widget['id']}"), "not_found")


def test_a_project_starts_with_one_and_lists_are_newest_first(tenant: Tenants, clock: Clock) -> None:
    caller = tenant()
    made: list[str] = []
    for number in range(3):
        clock.advance(1)
        made.append(create(caller, name=str(number)).data["id"])
    assert [widget["id"] for widget in caller.get("/widgets").data] == [*reversed(made), caller.widget_id]
    first = caller.get("/widgets", pageSize=2, includeTotal="true").json()
    assert (first["pagination"]["total"], first["pagination"]["hasMore"]) == (4, True)
    rest = caller.get("/widgets", pageSize=2, cursor=first["pagination"]["nextCursor"]).data
    assert [widget["id"] for widget in rest] == [made[0], caller.widget_id]


def test_a_list_can_be_of_one_project(tenant: Tenants) -> None:
    caller, stranger = tenant(), tenant()
    other = caller.post("/projects", {"name": "Other"}).data["id"]
    mine = [widget["id"] for widget in caller.get("/widgets", projectId=caller.project_id).data]
    assert mine == [caller.widget_id]
    assert len(caller.get("/widgets", projectId=other, workspaceId=None).data) == 1
    check_problem(caller.get("/widgets", projectId=stranger.project_id), "not_found")
    check_problem(caller.get("/widgets", projectId="proj_nothing"), "not_found")
    check_problem(caller.get("/widgets", workspaceId=None), "bad_request", field="workspaceId")


def test_the_workspace_need_not_be_named_and_is_checked_where_it_is(tenant: Tenants, database: Database) -> None:
    caller, stranger = tenant(), tenant()
    body = {"projectId": caller.project_id, "name": "Mine"}
    widget = caller.request("POST", "/widgets", json=body).data["id"]
    path = f"/widgets/{widget}"
    assert caller.get(path, workspaceId=None).status == 200
    assert caller.request("PATCH", path, json={"name": "New"}).data["name"] == "New"
    theirs = stranger.workspace_id
    with unchanged(database, caller, stranger):
        check_problem(caller.get(path, workspaceId=theirs), "not_found")
        check_problem(caller.patch(path, {"workspaceId": theirs, "name": "x"}), "not_found")
        check_problem(caller.delete(path, workspaceId=theirs), "not_found")
        check_problem(caller.post("/widgets", {**body, "workspaceId": theirs}), "not_found")
        for call in (stranger.get(path), stranger.patch(path, {"name": "x"}), stranger.delete(path)):
            check_problem(call, "not_found")
    assert caller.delete(path, workspaceId=None).status == 200


def test_defaults(tenant: Tenants) -> None:
    widget = create(tenant(), config=None, styling=None).data
    assert (widget["enabled"], widget["config"], widget["styling"]) == (True, {"type": "modal"}, {})


def test_other_keys_are_kept_and_null_removes_one(tenant: Tenants) -> None:
    caller = tenant()
    widget = create(caller, config={"type": "inline", "texts": {"title": "Hi"}, "a": 1}, styling={"z": [1]}).data
    path = f"/widgets/{widget['id']}"
    changed = caller.patch(path, {"config": {"a": None, "b": 2}, "styling": {"primaryColor": "#ABCDEF"}}).data
    assert changed["config"] == {"type": "inline", "texts": {"title": "Hi"}, "b": 2}
    assert changed["styling"] == {"z": [1], "primaryColor": "#ABCDEF"}


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"name": " "}, "name"),
        ({"name": "n" * 201}, "name"),
        ({"config": {"type": "banner"}}, "config.type"),
        ({"config": {"type": 1}}, "config.type"),
        ({"config": {"type": []}}, "config.type"),
        ({"config": "modal"}, "config"),
        ({"styling": {"primaryColor": "red"}}, "styling.primaryColor"),
        ({"styling": {"primaryColor": "#12345"}}, "styling.primaryColor"),
        ({"styling": {"primaryColor": "#6366f1;}"}}, "styling.primaryColor"),
        ({"styling": {"primaryColor": "#6366f1\n"}}, "styling.primaryColor"),
        ({"styling": {"primaryColor": 1}}, "styling.primaryColor"),
        ({"config": {"text": "x" * 16 * 1024}}, "config"),
        ({"styling": {"text": "x" * 16 * 1024}}, "styling"),
        ({"enabled": "yes"}, "enabled"),
        ({"color": "red"}, "color"),
    ],
)
def test_what_breaks_a_rule_is_refused(tenant: Tenants, database: Database, fields: Any, where: str) -> None:
    caller = tenant()
    with unchanged(database, caller):
        check_problem(create(caller, **fields), "bad_request", field=where)
        check_problem(caller.patch(f"/widgets/{caller.widget_id}", fields), "bad_request", field=where)


def test_the_last_widget_may_go_and_its_feedback_stays(tenant: Tenants) -> None:
    caller = tenant()
    item = caller.new_feedback(widgetId=caller.widget_id)
    assert caller.delete(f"/widgets/{caller.widget_id}").status == 200
    assert caller.get("/widgets").data == []
    assert caller.get(f"/feedback/{item['id']}").data["widgetId"] == caller.widget_id
