"""Automations as tests make and run them."""

from typing import Any

from tests.support.client import Response
from tests.support.tenants import Tenant

TAG = {"type": "add_tag", "params": {"tag": "seen"}}


def save(caller: Tenant, *actions: dict[str, Any], **fields: Any) -> Response:
    """Ask for a new automation: a macro that tags, where nothing else is said."""
    body = {"projectId": caller.project_id, "name": "Macro", "scope": "manual", "actions": list(actions) or [TAG]}
    return caller.post("/automations", {**body, **fields})


def saved(caller: Tenant, *actions: dict[str, Any], **fields: Any) -> Any:
    """The new automation."""
    response = save(caller, *actions, **fields)
    assert response.status == 201, response
    return response.json()


def condition(field: str, operator: str, value: Any = ...) -> dict[str, Any]:
    """A tree of one rule."""
    rule = {"field": field, "operator": operator} | ({} if value is ... else {"value": value})
    return {"combinator": "and", "rules": [rule]}


def run(caller: Tenant, automation_id: str, feedback_id: str) -> Response:
    """Run a macro on an item."""
    return caller.post(f"/automations/{automation_id}/run", {"feedbackId": feedback_id})


def ran(caller: Tenant, item: Any, *actions: dict[str, Any], **fields: Any) -> Any:
    """Save a macro and run it on an item; returns what came of it."""
    response = run(caller, saved(caller, *actions, **fields)["id"], item["id"])
    assert response.status == 200, response
    return response.json()
