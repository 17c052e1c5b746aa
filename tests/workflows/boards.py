"""Workflows as tests make them, and what stands on their boards."""

from collections.abc import Sequence
from typing import Any

from tests.support.client import Client, Response
from tests.support.tenants import API, Tenant

ISSUES = ["open", "in-progress", "resolved", "closed"]


def new_workflow(caller: Tenant, kind: str = "issues", **fields: Any) -> str:
    """The id of a new workflow in the tenant's project."""
    body = {"projectId": caller.project_id, "name": "Board", "type": kind, **fields}
    return str(caller.post("/workflows", body).data["id"])


def add(caller: Tenant, workflow_id: str, title: str = "Something to do", **fields: Any) -> Any:
    """A new item, made by hand."""
    return caller.post(f"/workflows/{workflow_id}/items", {"title": title, **fields}).data


def take(caller: Tenant, workflow_id: str, feedback: Any, **fields: Any) -> Response:
    """Ask for an item from feedback."""
    return caller.post(f"/workflows/{workflow_id}/items", {"feedbackId": feedback["id"], **fields})


def move(caller: Tenant, item: Any, **fields: Any) -> Response:
    """Ask for a change of an item."""
    return caller.patch(f"/workflows/{item['workflowId']}/items/{item['id']}", fields)


def items_of(caller: Tenant, workflow_id: str, **query: Any) -> list[Any]:
    """The items of a board, from the top down, up to 100."""
    found: list[Any] = caller.get(f"/workflows/{workflow_id}/items", pageSize=100, **query).data
    return found


def titles(caller: Tenant, workflow_id: str, **query: Any) -> list[str]:
    """The titles of a board's items, from the top down."""
    return [item["title"] for item in items_of(caller, workflow_id, **query)]


def count_of(caller: Tenant, workflow_id: str) -> int:
    """How many items the workflow says it has."""
    return int(caller.get(f"/workflows/{workflow_id}").data["itemCount"])


def activity_of(caller: Tenant, item: Any) -> list[Any]:
    """What was done to an item, newest first."""
    found: list[Any] = caller.get(f"/workflows/{item['workflowId']}/items/{item['id']}/activity").data
    return found


def new_rule(caller: Tenant, workflow_id: str, **fields: Any) -> Any:
    """A new intake rule."""
    return caller.post(f"/workflows/{workflow_id}/intake-rules", {"name": "Rule", **fields}).data


def together(client: Client, calls: Sequence[tuple[str, Tenant, str, dict[str, Any]]]) -> list[Response]:
    """Several requests at once: the method, who sends it, where to, and what it says."""
    return client.together(
        client.prepared(
            method,
            API + path,
            headers=[caller.authorization],
            json={"workspaceId": caller.workspace_id, **body},
        )
        for method, caller, path, body in calls
    )
