"""Workflows themselves: their types, their columns, their limits, and what goes with them."""

from typing import Any

import pytest
from sqlalchemy import bindparam, func, select

from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenants
from tests.workflows.boards import ISSUES, add, count_of, items_of, move, new_rule, new_workflow, take
from userhero.kernel.db import Database, Statement, Transaction
from userhero.workflows.tables import intake_rules, workflow_activity, workflow_items, workflows

_COUNTS = {
    table: Statement(select(func.count()).select_from(table).where(table.c.workspace_id == bindparam("workspace")))
    for table in (workflows, workflow_items, workflow_activity, intake_rules)
}
SETS = {
    "issues": ["Open", "In Progress", "Resolved", "Closed"],
    "tickets": ["New", "Awaiting Response", "In Progress", "Resolved", "Closed"],
    "leads": ["New", "Contacted", "Qualified", "Proposal", "Won", "Lost"],
}


@pytest.mark.parametrize("kind", SETS)
def test_a_type_brings_its_statuses(tenant: Tenants, kind: str) -> None:
    """Section 9.1 of the product."""
    caller = tenant()
    body = {"projectId": caller.project_id, "name": " Board ", "type": kind, "description": " What for "}
    made = caller.post("/workflows", body)
    assert made.status == 201
    assert made.data == {
        "id": made.data["id"],
        "workspaceId": caller.workspace_id,
        "projectId": caller.project_id,
        "name": "Board",
        "description": "What for",
        "type": kind,
        "statuses": made.data["statuses"],
        "itemCount": 0,
        "createdAt": made.data["createdAt"],
        "updatedAt": made.data["createdAt"],
    }
    assert [status["label"] for status in made.data["statuses"]] == SETS[kind]
    assert caller.get(f"/workflows/{made.data['id']}").data == made.data


def test_they_are_listed_by_project_and_by_workspace(tenant: Tenants) -> None:
    caller = tenant()
    other = caller.post("/projects", {"name": "Other"}).data["id"]
    ours = [new_workflow(caller, name=str(number)) for number in range(3)]
    theirs = new_workflow(caller, projectId=other)

    def listed(**query: Any) -> list[str]:
        return [each["id"] for each in caller.get("/workflows", **query).data]

    assert sorted(listed()) == sorted([*ours, theirs])
    assert sorted(listed(projectId=caller.project_id, workspaceId=None)) == sorted(ours)
    assert listed(projectId=other) == [theirs]
    assert len(listed(pageSize=2, page=2)) == 2
    check_problem(caller.get("/workflows", workspaceId=None), "bad_request", field="workspaceId")


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"name": " "}, "name"),
        ({"name": "n" * 201}, "name"),
        ({"type": "epics"}, "type"),
        ({"description": "d" * 2001}, "description"),
        ({"statuses": []}, "statuses"),
        ({"color": "red"}, "color"),
    ],
)
def test_what_breaks_a_rule_is_refused(tenant: Tenants, database: Database, fields: Any, where: str) -> None:
    caller = tenant()
    with unchanged(database, caller):
        body = {"projectId": caller.project_id, "name": "Board", "type": "issues", **fields}
        check_problem(caller.post("/workflows", body), "bad_request", field=where)


def test_columns_are_added_renamed_and_reordered(tenant: Tenants) -> None:
    caller = tenant()
    workflow_id = new_workflow(caller)
    given = [
        {"id": "triage", "label": " Triage ", "category": "todo"},
        {"id": "closed", "label": "Dropped", "category": "canceled"},
        {"id": "open", "label": "Open", "category": "todo"},
    ]
    after = caller.patch(f"/workflows/{workflow_id}", {"statuses": given, "name": "New", "description": None}).data
    assert after["statuses"] == [{**given[0], "label": "Triage"}, *given[1:]]
    assert (after["name"], after["description"]) == ("New", None)
    assert add(caller, workflow_id)["status"] == "triage", "items start in the first column"


@pytest.mark.parametrize(
    ("statuses", "where"),
    [
        ([], "statuses"),
        ([{"id": "a", "label": "A", "category": "todo"}] * 2, "statuses[1].id"),
        ([{"id": "a", "label": " ", "category": "todo"}], "statuses[0].label"),
        ([{"id": "a", "label": "l" * 51, "category": "todo"}], "statuses[0].label"),
        ([{"id": "A b", "label": "A", "category": "todo"}], "statuses[0].id"),
        ([{"id": "a", "label": "A", "category": "pending"}], "statuses[0].category"),
        ([{"id": f"s{number}", "label": "A", "category": "todo"} for number in range(21)], "statuses"),
    ],
)
def test_bad_columns_are_refused(tenant: Tenants, database: Database, statuses: Any, where: str) -> None:
    caller = tenant()
    workflow_id = new_workflow(caller)
    with unchanged(database, caller):
        check_problem(caller.patch(f"/workflows/{workflow_id}", {"statuses": statuses}), "bad_request", field=where)


def test_a_column_in_use_stays(tenant: Tenants, database: Database) -> None:
    """For the sake of items, and of what rules give to new ones."""
    caller = tenant()
    workflow_id = new_workflow(caller)
    found = caller.get(f"/workflows/{workflow_id}").data["statuses"]
    item = add(caller, workflow_id, status="resolved")
    rule = new_rule(caller, workflow_id, defaults={"status": "closed"})

    def without(status: str) -> Any:
        return caller.patch(f"/workflows/{workflow_id}", {"statuses": [each for each in found if each["id"] != status]})

    with unchanged(database, caller):
        check_problem(without("resolved"), "conflict", naming="resolved")
        check_problem(without("closed"), "conflict", naming="closed")
    move(caller, item, status="open")
    caller.patch(f"/workflows/{workflow_id}/intake-rules/{rule['id']}", {"defaults": {}})
    assert without("resolved").status == without("closed").status == 200


def test_a_change_to_what_is_there_changes_nothing(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    workflow_id = new_workflow(caller)
    found = caller.get(f"/workflows/{workflow_id}").data
    with unchanged(database, caller):
        same = {"name": " Board ", "description": " ", "statuses": found["statuses"]}
        assert caller.patch(f"/workflows/{workflow_id}", same).data == found


def test_a_project_has_fifty(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    for _ in range(50):
        new_workflow(caller)
    with unchanged(database, caller):
        body = {"projectId": caller.project_id, "name": "One more", "type": "issues"}
        check_problem(caller.post("/workflows", body), "forbidden", naming="50")
    other = caller.post("/projects", {"name": "Other"}).data["id"]
    new_workflow(caller, projectId=other)


def rows(database: Database, workspace_id: str) -> dict[str, int]:
    """How many rows a workspace has of each kind."""

    def unit(tx: Transaction) -> dict[str, int]:
        return {table.name: tx.value(statement, workspace=workspace_id) for table, statement in _COUNTS.items()}

    return database.read(unit)


def test_a_workflow_takes_all_of_its_own_along(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    kept, gone = new_workflow(caller), new_workflow(caller)
    feedback = caller.new_feedback()
    for workflow_id in (kept, gone):
        take(caller, workflow_id, feedback)
        add(caller, workflow_id)
        new_rule(caller, workflow_id)
    assert caller.delete(f"/workflows/{gone}").data == {"id": gone, "deleted": True}
    check_problem(caller.get(f"/workflows/{gone}"), "not_found")
    check_problem(caller.get(f"/workflows/{gone}/items"), "not_found")
    assert rows(database, caller.workspace_id) == {
        "workflows": 1,
        "workflow_items": 2,
        "workflow_activity": 2,
        "intake_rules": 1,
    }
    assert caller.get(f"/feedback/{feedback['id']}").status == 200
    assert (count_of(caller, kept), len(items_of(caller, kept))) == (2, 2)


def test_a_project_takes_its_workflows_along(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    workflow_id = new_workflow(caller)
    take(caller, workflow_id, caller.new_feedback())
    new_rule(caller, workflow_id, defaults={"assigneeId": caller.user_id})
    assert caller.delete(f"/projects/{caller.project_id}").status == 200
    assert set(rows(database, caller.workspace_id).values()) == {0}


def test_statuses_are_those_of_the_workflow_alone(tenant: Tenants) -> None:
    caller = tenant()
    issues, leads = new_workflow(caller), new_workflow(caller, "leads")
    assert [each["id"] for each in caller.get(f"/workflows/{issues}").data["statuses"]] == ISSUES
    check_problem(
        caller.post(f"/workflows/{leads}/items", {"title": "A", "status": "open"}), "bad_request", field="status"
    )
