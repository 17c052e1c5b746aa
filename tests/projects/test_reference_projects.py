"""The list of projects, and what goes with one that is removed."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.clock import Clock
from tests.support.problems import check_problem, rows_of
from tests.support.tenants import Tenant, Tenants
from userhero.kernel.db import Database, Transaction
from userhero.projects import NewProject, create_project
from userhero.workspaces import act_as


@pytest.fixture
def caller(tenant: Tenants) -> Tenant:
    return tenant()


def test_a_thousand_projects_come_whole_and_more_in_pages(caller: Tenant, database: Database, clock: Clock) -> None:
    def make(*numbers: int) -> None:
        def unit(tx: Transaction) -> None:
            actor = act_as(tx, caller.email)
            for number in numbers:
                create_project(tx, actor, NewProject(workspace_id=caller.workspace_id, name=f"{number}"))

        database.write(unit)

    clock.advance(1)
    make(*range(999))
    whole = caller.get("/projects").json()
    # Those of one moment are in the order of their ids.
    order = sorted(((each["createdAt"], each["id"]) for each in whole["data"]), reverse=True)
    assert [(each["createdAt"], each["id"]) for each in whole["data"]] == order
    names = [each["name"] for each in whole["data"]]
    assert (sorted(names[:-1]), names[-1]) == (sorted(str(number) for number in range(999)), "My App")
    assert whole["pagination"]["hasMore"] is False
    clock.advance(1)
    make(999)
    more = caller.get("/projects").json()
    assert [each["name"] for each in more["data"]] == ["999", *names[:-1]]
    rest = caller.get("/projects", cursor=more["pagination"]["nextCursor"]).json()
    assert [each["name"] for each in rest["data"]] == ["My App"]
    assert caller.get("/projects", page=51).data == rest["data"], "20 a page where only the page is said"


def test_the_workspace_must_be_named(caller: Tenant) -> None:
    check_problem(caller.get("/projects", workspaceId=None), "bad_request", field="workspaceId")
    check_problem(caller.request("POST", "/projects", json={"name": "x"}), "bad_request", field="workspaceId")
    path = f"/projects/{caller.project_id}"
    check_problem(caller.request("PATCH", path, json={"name": "x"}), "bad_request", field="workspaceId")
    assert caller.get(path, workspaceId=None).data == caller.get(path).data
    assert caller.delete(path, workspaceId=None).data["id"] == caller.project_id


# By what lies below a project: how it is made, and the path at which it can be read.
BELOW: dict[str, Callable[[Tenant, str], str]] = {
    "item": lambda caller, project: f"/feedback/{new_item(caller, project)['id']}",
    "comments": lambda caller, project: f"/feedback/{new_item(caller, project)['id']}/comments",
    "notes": lambda caller, project: f"/feedback/{new_item(caller, project)['id']}/notes",
    "number": lambda caller, project: f"/feedback/number/{new_item(caller, project)['ticketNumber']}",
    "widget": lambda caller, project: f"/widgets/{caller.get('/widgets', projectId=project).data[0]['id']}",
    "automation": lambda caller, project: f"/automations/{new_automation(caller, project)}",
    "project": lambda caller, project: f"/projects/{project}",
}


def new_item(caller: Tenant, project: str) -> Any:
    item = caller.post("/feedback", {"projectId": project, "message": "x", "userEmail": "a@example.com"}).data
    caller.post(f"/feedback/{item['id']}/comments", {"message": "x"})
    caller.post(f"/feedback/{item['id']}/notes", {"content": "x"})
    return item


def new_automation(caller: Tenant, project: str) -> str:
    action = {"type": "add_tag", "params": {"tag": "a"}}
    body = {"projectId": project, "name": "Triage", "scope": "manual", "actions": [action]}
    return str(caller.post("/automations", body).json()["id"])


def test_everything_below_a_project_goes_with_it_and_nothing_else(caller: Tenant, database: Database) -> None:
    gone, kept = (caller.post("/projects", {"name": name}).data["id"] for name in ("Gone", "Kept"))
    paths = {project: [make(caller, project) for make in BELOW.values()] for project in (gone, kept)}
    for path in paths[gone] + paths[kept]:
        assert caller.get(path).status == 200, path
    answer = caller.delete(f"/projects/{gone}")
    assert (answer.status, answer.json()) == (200, {"data": {"id": gone, "deleted": True}})
    for path in paths[gone]:
        check_problem(caller.get(path), "not_found")
    for path in paths[kept]:
        assert caller.get(path).status == 200, path
    assert gone not in [each["id"] for each in caller.get("/projects").data]
    for path in ("/feedback", "/widgets", "/automations"):
        check_problem(caller.get(path, projectId=gone), "not_found")
    left = {name: [row for row in rows if gone in row] for name, rows in rows_of(database, caller).items()}
    assert {name for name, rows in left.items() if rows} <= {"events", "audit_log"}, left
    assert {each["projectId"] for each in caller.get("/feedback").data} == {kept}
