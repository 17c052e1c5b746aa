"""The widget as the reference draws it: every field, what makes one, what a change changes, which list it is on."""

from typing import Any

import pytest

from tests.support.clock import Clock
from tests.support.fields import check_fields
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from userhero.kernel.db import Database, Transaction
from userhero.projects.widgets_actions import create_widget
from userhero.projects.widgets_types import NewWidget
from userhero.workspaces import act_as

WIDGET = {
    "id": "string",
    "workspaceId": "string",
    "projectId": "string",
    "name": "string",
    "enabled": "boolean",
    "config": "object",
    "styling": "object",
    "createdAt": "time",
    "updatedAt": "time",
}
TYPES = ["modal", "popover", "floating", "inline"]
CHANGES: dict[str, Any] = {
    "name": "Updated Widget",
    "enabled": False,
    "config": {"type": "popover"},
    "styling": {"primaryColor": "#123456"},
}


@pytest.fixture
def caller(tenant: Tenants) -> Tenant:
    return tenant()


def create(caller: Tenant, **fields: Any) -> Any:
    answer = caller.post("/widgets", {"projectId": caller.project_id, "name": "Feedback Button", **fields})
    assert (answer.status, answer.json().keys()) == (201, {"data"})
    return answer.data


def everywhere(caller: Tenant, widget: Any) -> Any:
    """The widget as every read shows it, which is the same."""
    single = caller.get(f"/widgets/{widget['id']}").data
    of_project = {"projectId": widget["projectId"]}
    for query in ({}, of_project, {**of_project, "workspaceId": None}):
        assert [each for each in caller.get("/widgets", **query).data if each["id"] == widget["id"]] == [single]
    check_fields(single, WIDGET, filled=True)
    return single


def test_a_widget_with_nothing_but_a_name(caller: Tenant, clock: Clock) -> None:
    widget = create(caller)
    check_fields(widget, WIDGET, filled=True)
    assert {name: value for name, value in widget.items() if name != "id"} == {
        "workspaceId": caller.workspace_id,
        "projectId": caller.project_id,
        "name": "Feedback Button",
        "enabled": True,
        "config": {"type": "modal"},
        "styling": {},
        "createdAt": clock.now(),
        "updatedAt": clock.now(),
    }
    assert everywhere(caller, widget) == widget


def test_a_widget_with_everything(caller: Tenant, clock: Clock) -> None:
    sent = {
        "name": "Feedback Button",
        "enabled": False,
        "config": {"type": "inline", "texts": {"title": "Hi"}},
        "styling": {"primaryColor": "#6366f1", "radius": 4},
    }
    widget = create(caller, **sent)
    assert {name: widget[name] for name in sent} == sent
    assert everywhere(caller, widget) == widget
    clock.advance(60)
    answer = caller.patch(f"/widgets/{widget['id']}", {**CHANGES, "enabled": True})
    assert (answer.status, answer.json().keys()) == (200, {"data"})
    after = answer.data
    assert after == widget | {
        "name": "Updated Widget",
        "enabled": True,
        "config": {"type": "popover", "texts": {"title": "Hi"}},
        "styling": {"primaryColor": "#123456", "radius": 4},
        "updatedAt": clock.now(),
    }
    assert everywhere(caller, widget) == after


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_one_thing_leaves_the_others(caller: Tenant, name: str) -> None:
    widget = create(caller, styling={"primaryColor": "#6366f1"})
    change = {name: CHANGES[name]}
    after = caller.patch(f"/widgets/{widget['id']}", change).data
    assert after == widget | change | {"updatedAt": after["updatedAt"]}


@pytest.mark.parametrize("kind", TYPES)
def test_each_type(caller: Tenant, kind: str) -> None:
    assert everywhere(caller, create(caller, config={"type": kind}))["config"] == {"type": kind}
    path = f"/widgets/{caller.widget_id}"
    assert caller.patch(path, {"config": {"type": kind}}).data["config"] == {"type": kind}


@pytest.mark.parametrize("missing", ["projectId", "name"])
@pytest.mark.parametrize("null", [False, True])
def test_what_a_new_one_needs(caller: Tenant, database: Database, missing: str, null: bool) -> None:
    body = {"projectId": caller.project_id, "name": "x"}
    del body[missing]
    with unchanged(database, caller):
        answer = caller.post("/widgets", body | ({missing: None} if null else {}))
        check_problem(answer, "bad_request", field=missing)


@pytest.mark.parametrize("name", ["name", "enabled", "config", "styling", "projectId"])
def test_what_a_change_can_not_do(caller: Tenant, database: Database, name: str) -> None:
    with unchanged(database, caller):
        value = caller.project_id if name == "projectId" else None
        check_problem(caller.patch(f"/widgets/{caller.widget_id}", {name: value}), "bad_request", field=name)


def test_a_widget_stays_in_its_project(caller: Tenant, tenant: Tenants, database: Database) -> None:
    other = caller.post("/projects", {"name": "Other"}).data["id"]
    ours = create(caller, projectId=other)
    assert ours["id"] in [each["id"] for each in caller.get("/widgets", projectId=other).data]
    assert ours["id"] not in [each["id"] for each in caller.get("/widgets", projectId=caller.project_id).data]
    assert {each["projectId"] for each in caller.get("/widgets").data} == {caller.project_id, other}
    stranger = tenant()
    with unchanged(database, caller, stranger):
        for project in (stranger.project_id, "proj_nothing", ""):
            check_problem(caller.post("/widgets", {"projectId": project, "name": "x"}), "not_found")


def test_a_removed_widget_is_gone(caller: Tenant) -> None:
    widget = create(caller)
    path = f"/widgets/{widget['id']}"
    answer = caller.delete(path)
    assert (answer.status, answer.json()) == (200, {"data": {"id": widget["id"], "deleted": True}})
    for gone in (caller.get(path), caller.patch(path, {"name": "x"}), caller.delete(path)):
        check_problem(gone, "not_found")
    assert [each["id"] for each in caller.get("/widgets").data] == [caller.widget_id]
    check_problem(caller.post("/feedback", {
        "projectId": caller.project_id, "message": "x", "widgetId": widget["id"],
    }), "not_found")  # fmt: skip


def test_a_thousand_widgets_come_whole_and_more_in_pages(caller: Tenant, database: Database, clock: Clock) -> None:
    def make(*numbers: int) -> None:
        def unit(tx: Transaction) -> None:
            actor = act_as(tx, caller.email)
            for number in numbers:
                create_widget(tx, actor, NewWidget(project_id=caller.project_id, name=f"{number}"))

        clock.advance(1)
        database.write(unit)

    make(*range(999))
    queries: list[dict[str, Any]] = [{}, {"projectId": caller.project_id}]
    for query in queries:
        whole = caller.get("/widgets", **query).json()
        assert [each["id"] for each in whole["data"]][999:] == [caller.widget_id]
        assert {each["name"] for each in whole["data"][:999]} == {f"{number}" for number in range(999)}
        assert whole["pagination"]["hasMore"] is False
    make(999)
    for query in queries:
        more = caller.get("/widgets", **query).json()
        assert (len(more["data"]), more["data"][0]["name"]) == (1000, "999")
        rest = caller.get("/widgets", cursor=more["pagination"]["nextCursor"], **query).json()
        assert [each["id"] for each in rest["data"]] == [caller.widget_id]
        assert caller.get("/widgets", page=51, **query).data == rest["data"], "20 a page where only the page is said"
