"""A valid request for every operation of the API, so that what holds for all of them is tested on all of them.

A new operation without one fails ``tests/http/test_every_operation.py``.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

import msgspec
import msgspec.inspect
from PIL import Image
from urllib3.filepost import encode_multipart_formdata

from tests.support.client import Headers, Response
from tests.support.tenants import Tenant
from userhero.kernel.http.inputs import Input
from userhero.kernel.http.routing import Route
from userhero.server.composition import route_table

ROUTES = {route.name: route for route in route_table().all}


PLACES = ("path", "query", "body", "form")


@dataclass(frozen=True)
class Call:
    """What a request says: the path's parameters, the query, the body; or a form, which brings a picture along."""

    path: dict[str, Any] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    form: dict[str, Any] | None = None

    def values(self) -> Iterator[tuple[str, str, Any]]:
        """Every value: where it stands (path, query, body, form), under which name, and itself."""
        for place in PLACES:
            for name, value in (getattr(self, place) or {}).items():
                yield place, name, value

    def having(self, place: str, name: str, value: Any) -> "Call":
        """The same with another value in one place."""
        return replace(self, **{place: {**(getattr(self, place) or {}), name: value}})


def in_workspace(make: Callable[[Tenant], Call]) -> Callable[[Tenant], Call]:
    """Names the workspace too: in the body where there is one, else in the query."""

    def call(tenant: Tenant) -> Call:
        made = make(tenant)
        place = "query" if made.body is None else "body"
        return made.having(place, "workspaceId", tenant.workspace_id)

    return call


def _item(tenant: Tenant) -> Any:
    return tenant.new_feedback(userEmail="canary@example.com", message=f"Canary of {tenant.workspace_id}")


def _feedback_filters(tenant: Tenant) -> Call:
    return Call(
        query={
            "projectId": tenant.project_id,
            "widgetId": tenant.widget_id,
            "customerId": _item(tenant)["customerId"],
            "assigneeId": tenant.user_id,
        }
    )


def _attachment(tenant: Tenant, feedback_id: str) -> Any:
    """A file for a conversation, uploaded."""
    route = ROUTES["upload_file"]
    form = {"feedbackId": feedback_id}
    return send(tenant, route, Call(query={"workspaceId": tenant.workspace_id}, form=form)).data


def _message(tenant: Tenant, **fields: Any) -> Call:
    """A message on an item, with an attachment."""
    feedback_id = _item(tenant)["id"]
    return Call({"feedback_id": feedback_id}, body={**fields, "attachments": [_attachment(tenant, feedback_id)]})


def _automation(tenant: Tenant, **fields: Any) -> dict[str, Any]:
    """The body of a macro that says to whom it assigns, and onto which board it puts."""
    assign = {"type": "assign_agent", "params": {"userId": tenant.user_id}}
    return {"name": "Canary", "scope": "manual", "actions": [assign], **fields}


def _with_board(tenant: Tenant, **fields: Any) -> dict[str, Any]:
    """The same that puts items onto a board as well."""
    body = _automation(tenant, **fields)
    board = {"type": "move_to_workflow", "params": {"workflowId": _workflow(tenant)}}
    return {**body, "actions": [*body["actions"], board]}


def _saved_automation(tenant: Tenant) -> str:
    """The id of a macro."""
    body = _automation(tenant, projectId=tenant.project_id)
    return str(tenant.post("/automations", body).json()["id"])


def _customer(tenant: Tenant) -> str:
    """The id of a customer."""
    return str(tenant.post("/customers", {"name": "Canary"}).data["id"])


def _export(tenant: Tenant) -> str:
    """The id of an export."""
    return str(tenant.post("/exports").data["id"])


def _webhook(tenant: Tenant) -> str:
    """The id of an incoming webhook."""
    return str(tenant.post("/webhooks", {"name": "Canary", "projectId": tenant.project_id}).data["id"])


def _endpoint(tenant: Tenant) -> str:
    """The id of a webhook endpoint that nothing happens for."""
    body = {"url": "https://hooks.example.invalid/userhero", "projectId": tenant.project_id, "events": ["vote.deleted"]}
    return str(tenant.post("/webhook-endpoints", body).data["id"])


def _delivery(tenant: Tenant) -> dict[str, Any]:
    """The path's parameters for a delivery."""
    endpoint_id = _endpoint(tenant)
    delivery = tenant.post(f"/webhook-endpoints/{endpoint_id}/test").data
    return {"endpoint_id": endpoint_id, "delivery_id": delivery["id"]}


def _settled_delivery(tenant: Tenant) -> dict[str, Any]:
    """The same for one that nothing happens to any more."""
    found = _delivery(tenant)
    tenant.patch(f"/webhook-endpoints/{found['endpoint_id']}", {"enabled": False})
    return found


def _event(tenant: Tenant) -> str:
    """The id of something that happened."""
    _item(tenant)
    return str(tenant.get("/events").json()["data"][0]["id"])


def _workflow(tenant: Tenant) -> str:
    """The id of a workflow."""
    body = {"projectId": tenant.project_id, "name": "Canary", "type": "issues"}
    return str(tenant.post("/workflows", body).data["id"])


def _in_workflow(tenant: Tenant) -> dict[str, Any]:
    """The path of an item of a workflow."""
    workflow_id = _workflow(tenant)
    item = tenant.post(f"/workflows/{workflow_id}/items", {"title": "Canary"}).data
    return {"workflow_id": workflow_id, "item_id": item["id"]}


def _intake_rule(tenant: Tenant) -> dict[str, Any]:
    """The path of an intake rule."""
    workflow_id = _workflow(tenant)
    rule = tenant.post(f"/workflows/{workflow_id}/intake-rules", {"name": "Canary"}).data
    return {"workflow_id": workflow_id, "rule_id": rule["id"]}


def _integration(tenant: Tenant, kind: str = "slack") -> str:
    """The id of an integration that nobody answers for."""
    targets = {"slack": "https://hooks.example.invalid/canary", "email": f"canary-{tenant.project_id}@example.com"}
    body = {"type": kind, "name": "Canary", "target": targets[kind]}
    return str(tenant.post("/integrations", body).data["id"])


def _routing_rule(tenant: Tenant) -> str:
    """The id of a routing rule that fits nothing."""
    condition = {"field": "category", "operator": "equals", "value": "canary"}
    body = {"projectId": tenant.project_id, "name": "Canary", "condition": condition}
    actions = [{"type": "slack", "integrationId": _integration(tenant)}]
    return str(tenant.post("/routing-rules", {**body, "actions": actions}).data["id"])


def _mail(tenant: Tenant) -> str:
    """The id of a mail in the outbox."""
    return str(tenant.post(f"/integrations/{_integration(tenant, 'email')}/test").data["id"])


# By the operation's id. Every id that an operation takes is given, so that each can be swapped for somebody else's.
CALLS: dict[str, Callable[[Tenant], Call]] = {
    "list_workspaces": lambda tenant: Call(),
    "get_workspace": lambda tenant: Call({"workspace_id": tenant.workspace_id}),
    "get_usage": lambda tenant: Call({"workspace_id": tenant.workspace_id}),
    "list_audit_log": in_workspace(
        lambda tenant: Call(query={"actorId": tenant.user_id, "subjectId": tenant.project_id})
    ),
    "list_projects": in_workspace(lambda tenant: Call()),
    "create_project": in_workspace(lambda tenant: Call(body={"name": "New"})),
    "get_project": in_workspace(lambda tenant: Call({"project_id": tenant.project_id})),
    "update_project": in_workspace(lambda tenant: Call({"project_id": tenant.project_id}, body={"name": "Renamed"})),
    "delete_project": in_workspace(lambda tenant: Call({"project_id": tenant.project_id})),
    "list_widgets": in_workspace(lambda tenant: Call(query={"projectId": tenant.project_id})),
    "create_widget": in_workspace(lambda tenant: Call(body={"projectId": tenant.project_id, "name": "New"})),
    "get_widget": in_workspace(lambda tenant: Call({"widget_id": tenant.widget_id})),
    "update_widget": in_workspace(lambda tenant: Call({"widget_id": tenant.widget_id}, body={"name": "Renamed"})),
    "delete_widget": in_workspace(lambda tenant: Call({"widget_id": tenant.widget_id})),
    "list_items": in_workspace(_feedback_filters),
    "create_item": in_workspace(
        lambda tenant: Call(
            body={"projectId": tenant.project_id, "widgetId": tenant.widget_id, "message": "Something is broken"}
        )
    ),
    "get_item": in_workspace(lambda tenant: Call({"feedback_id": _item(tenant)["id"]})),
    "get_item_by_number": in_workspace(lambda tenant: Call({"ticket_number": _item(tenant)["ticketNumber"]})),
    "update_item": in_workspace(
        lambda tenant: Call(
            {"feedback_id": _item(tenant)["id"]},
            body={"status": "resolved", "assigneeId": tenant.user_id, "watcherIds": [tenant.user_id]},
        )
    ),
    "upload_file": in_workspace(
        lambda tenant: Call(form={"projectId": tenant.project_id, "feedbackId": _item(tenant)["id"]})
    ),
    "list_comments": in_workspace(lambda tenant: Call({"feedback_id": _item(tenant)["id"]})),
    "create_comment": in_workspace(lambda tenant: _message(tenant, message="Fixed")),
    "list_notes": in_workspace(lambda tenant: Call({"feedback_id": _item(tenant)["id"]})),
    "create_note": in_workspace(lambda tenant: _message(tenant, content="Escalated", mentions=[tenant.user_id])),
    "delete_item": in_workspace(lambda tenant: Call({"feedback_id": _item(tenant)["id"]})),
    "list_customers": in_workspace(lambda tenant: Call(query={"search": _item(tenant)["userEmail"]})),
    "create_customer": in_workspace(lambda tenant: Call(body={"name": "Canary", "primaryEmail": "jane@example.com"})),
    "get_customer": in_workspace(lambda tenant: Call({"customer_id": _item(tenant)["customerId"]})),
    "update_customer": in_workspace(
        lambda tenant: Call({"customer_id": _item(tenant)["customerId"]}, body={"name": "Jane Smith-Rogers"})
    ),
    "delete_customer": in_workspace(lambda tenant: Call({"customer_id": _item(tenant)["customerId"]})),
    "merge_customers": in_workspace(
        lambda tenant: Call(
            {"target_id": _item(tenant)["customerId"]},
            body={"sourceCustomerId": tenant.post("/customers", {"name": "Canary"}).data["id"]},
        )
    ),
    "list_webhooks": in_workspace(lambda tenant: Call()),
    "create_webhook": in_workspace(lambda tenant: Call(body={"name": "Zapier", "projectId": tenant.project_id})),
    "get_webhook": in_workspace(lambda tenant: Call({"webhook_id": _webhook(tenant)})),
    "delete_webhook": in_workspace(lambda tenant: Call({"webhook_id": _webhook(tenant)})),
    "list_webhook_endpoints": in_workspace(lambda tenant: Call(query={"projectId": tenant.project_id})),
    "create_webhook_endpoint": in_workspace(
        lambda tenant: Call(body={"url": "https://hooks.example.invalid/new", "projectId": tenant.project_id})
    ),
    "get_webhook_endpoint": in_workspace(lambda tenant: Call({"endpoint_id": _endpoint(tenant)})),
    "update_webhook_endpoint": in_workspace(
        lambda tenant: Call(
            {"endpoint_id": _endpoint(tenant)}, body={"description": "Renamed", "projectId": tenant.project_id}
        )
    ),
    "delete_webhook_endpoint": in_workspace(lambda tenant: Call({"endpoint_id": _endpoint(tenant)})),
    "rotate_webhook_endpoint_secret": in_workspace(lambda tenant: Call({"endpoint_id": _endpoint(tenant)}, body={})),
    "test_webhook_endpoint": in_workspace(lambda tenant: Call({"endpoint_id": _endpoint(tenant)}, body={})),
    "list_deliveries": in_workspace(lambda tenant: Call({"endpoint_id": _settled_delivery(tenant)["endpoint_id"]})),
    "get_delivery": in_workspace(lambda tenant: Call(_settled_delivery(tenant))),
    "redeliver_one": in_workspace(lambda tenant: Call(_delivery(tenant), body={})),
    "redeliver_all_failed": in_workspace(
        lambda tenant: Call({"endpoint_id": _endpoint(tenant)}, body={"since": "2026-01-01"})
    ),
    "list_events": in_workspace(lambda tenant: Call(query={"after": _event(tenant)})),
    "list_automations": in_workspace(lambda tenant: Call(query={"projectId": tenant.project_id})),
    "create_automation": in_workspace(
        lambda tenant: Call(body=_with_board(tenant, projectId=tenant.project_id, name="New"))
    ),
    "get_automation": in_workspace(lambda tenant: Call({"automation_id": _saved_automation(tenant)})),
    "update_automation": in_workspace(
        lambda tenant: Call({"automation_id": _saved_automation(tenant)}, body=_with_board(tenant, name="Renamed"))
    ),
    "delete_automation": in_workspace(lambda tenant: Call({"automation_id": _saved_automation(tenant)})),
    "run_automation": in_workspace(
        lambda tenant: Call({"automation_id": _saved_automation(tenant)}, body={"feedbackId": _item(tenant)["id"]})
    ),
    "dry_run_automation": in_workspace(
        lambda tenant: Call({"automation_id": _saved_automation(tenant)}, body={"feedbackId": _item(tenant)["id"]})
    ),
    "dry_run_conditions": in_workspace(
        lambda tenant: Call(body={"projectId": tenant.project_id, "feedbackId": _item(tenant)["id"]})
    ),
    "list_automation_runs": in_workspace(lambda tenant: Call({"automation_id": _saved_automation(tenant)})),
    "list_workflows": in_workspace(lambda tenant: Call(query={"projectId": tenant.project_id})),
    "create_workflow": in_workspace(
        lambda tenant: Call(body={"projectId": tenant.project_id, "name": "New", "type": "leads"})
    ),
    "get_workflow": in_workspace(lambda tenant: Call({"workflow_id": _workflow(tenant)})),
    "update_workflow": in_workspace(lambda tenant: Call({"workflow_id": _workflow(tenant)}, body={"name": "Renamed"})),
    "delete_workflow": in_workspace(lambda tenant: Call({"workflow_id": _workflow(tenant)})),
    "list_workflow_items": in_workspace(
        lambda tenant: Call({"workflow_id": _workflow(tenant)}, query={"assigneeId": tenant.user_id})
    ),
    "create_workflow_item": in_workspace(
        lambda tenant: Call(
            {"workflow_id": _workflow(tenant)},
            body={"feedbackId": _item(tenant)["id"], "assigneeId": tenant.user_id},
        )
    ),
    "get_workflow_item": in_workspace(lambda tenant: Call(_in_workflow(tenant))),
    "update_workflow_item": in_workspace(
        lambda tenant: Call(_in_workflow(tenant), body={"status": "resolved", "assigneeId": tenant.user_id})
    ),
    "delete_workflow_item": in_workspace(lambda tenant: Call(_in_workflow(tenant))),
    "list_workflow_item_activity": in_workspace(lambda tenant: Call(_in_workflow(tenant))),
    "list_intake_rules": in_workspace(lambda tenant: Call({"workflow_id": _intake_rule(tenant)["workflow_id"]})),
    "create_intake_rule": in_workspace(
        lambda tenant: Call(
            {"workflow_id": _workflow(tenant)},
            body={
                "name": "New",
                "conditions": {"widgetIds": [tenant.widget_id]},
                "defaults": {"assigneeId": tenant.user_id},
            },
        )
    ),
    "get_intake_rule": in_workspace(lambda tenant: Call(_intake_rule(tenant))),
    "update_intake_rule": in_workspace(
        lambda tenant: Call(
            _intake_rule(tenant),
            body={"conditions": {"widgetIds": [tenant.widget_id]}, "defaults": {"assigneeId": tenant.user_id}},
        )
    ),
    "list_notifications": in_workspace(lambda tenant: Call()),
    "count_unread_notifications": in_workspace(lambda tenant: Call()),
    "mark_notifications_read": in_workspace(lambda tenant: Call(body={"all": True})),
    "get_notification_preferences": in_workspace(lambda tenant: Call()),
    "set_notification_preferences": in_workspace(lambda tenant: Call(body={"kinds": {"assigned": {"email": "off"}}})),
    "list_integrations": in_workspace(lambda tenant: Call()),
    "create_integration": in_workspace(
        lambda tenant: Call(body={"type": "email", "name": "New", "target": "new@example.com"})
    ),
    "get_integration": in_workspace(lambda tenant: Call({"integration_id": _integration(tenant)})),
    "update_integration": in_workspace(
        lambda tenant: Call({"integration_id": _integration(tenant)}, body={"name": "Renamed"})
    ),
    "delete_integration": in_workspace(lambda tenant: Call({"integration_id": _integration(tenant)})),
    "test_integration": in_workspace(lambda tenant: Call({"integration_id": _integration(tenant)}, body={})),
    "list_routing_rules": in_workspace(lambda tenant: Call(query={"projectId": tenant.project_id})),
    "create_routing_rule": in_workspace(
        lambda tenant: Call(
            body={
                "projectId": tenant.project_id,
                "name": "New",
                "condition": {"field": "message", "operator": "contains", "value": "no such word"},
                "actions": [
                    {"type": "email", "to": tenant.user_id},
                    {"type": "slack", "integrationId": _integration(tenant)},
                ],
            }
        )
    ),
    "get_routing_rule": in_workspace(lambda tenant: Call({"rule_id": _routing_rule(tenant)})),
    "update_routing_rule": in_workspace(
        lambda tenant: Call(
            {"rule_id": _routing_rule(tenant)},
            body={"actions": [{"type": "slack", "integrationId": _integration(tenant)}]},
        )
    ),
    "delete_routing_rule": in_workspace(lambda tenant: Call({"rule_id": _routing_rule(tenant)})),
    "list_exports": in_workspace(lambda tenant: Call()),
    "create_export": in_workspace(lambda tenant: Call(body={"customerId": _item(tenant)["customerId"]})),
    "get_export": in_workspace(lambda tenant: Call({"export_id": _export(tenant)})),
    "delete_export": in_workspace(lambda tenant: Call({"export_id": _export(tenant)})),
    "erase_customer": in_workspace(lambda tenant: Call({"customer_id": _customer(tenant)}, body={"content": "keep"})),
    "get_erasure": in_workspace(
        lambda tenant: Call({"erasure_id": tenant.post(f"/customers/{_customer(tenant)}/erase").data["id"]})
    ),
    "list_outbox": in_workspace(lambda tenant: Call()),
    "get_outbox_item": in_workspace(lambda tenant: Call({"outbox_id": _mail(tenant)})),
    "delete_intake_rule": in_workspace(lambda tenant: Call(_intake_rule(tenant))),
}


def send(tenant: Tenant, route: Route, call: Call, *, headers: Headers = ()) -> Response:
    """Send a call with the tenant's key."""
    path = route.path
    for name, value in call.path.items():
        path = path.replace("{" + name + "}", quote(str(value), safe=""))
    if call.form is not None:
        kind, content = _multipart(call.form)
        return tenant.request(route.method, path, headers=[*headers, kind], body=content, **call.query)
    body: Any = ... if call.body is None else call.body
    return tenant.request(route.method, path, headers=headers, json=body, **call.query)


def _multipart(fields: dict[str, Any]) -> tuple[tuple[str, str], bytes]:
    """The content type and the content of a form with a picture."""
    picture = io.BytesIO()
    Image.new("RGB", (20, 10), "orange").save(picture, "PNG")
    content, kind = encode_multipart_formdata({**fields, "file": ("screenshot.png", picture.getvalue(), "image/png")})
    return ("content-type", kind), content


# Ids that others give and that name nothing of ours.
_OTHERS = {("body", "bundleId")}
_HOLD_IDS = {"attachments", "mentions"}


def id_slots(route: Route) -> set[tuple[str, str]]:
    """Where an operation takes ids: (path, query or body; name)."""
    slots = {("path", name) for name in route.parameters if name.endswith("_id")}
    body = "body" if route.upload is None else "form"
    for place, shape in (("query", route.query), (body, route.body)):
        if shape is not None:
            slots |= {(place, name) for name in _fields(shape) if name.endswith(("Id", "Ids")) or name in _HOLD_IDS}
    # Body and query may both name the workspace; one of them is enough.
    twice = {("query" if body == "body" else "form", "workspaceId")} if route.body is not None else set()
    return slots - _OTHERS - twice


def _fields(shape: type[Input]) -> set[str]:
    described = msgspec.inspect.type_info(shape)
    assert isinstance(described, msgspec.inspect.StructType)
    return {field.encode_name for field in described.fields}


def nested_slots(route: Route) -> set[str]:
    """Where an operation takes ids deeper within its body: the names on the way there, with a ``*`` for any entry."""
    if route.body is None:
        return set()
    return {path for path in _nested(msgspec.inspect.type_info(route.body), ()) if path not in _OF_OTHERS}


# Ids that are given by whoever asks, or by other services, and mean something within the same body only.
_OF_OTHERS = {
    "socialHandles.*.accountId",
    "customFieldDefinitions.*.visibilityCondition.fieldId",
    "customFieldDefinitions.*.optionsByParent.parentFieldId",
}


def _nested(shape: msgspec.inspect.Type, path: tuple[str, ...]) -> Iterator[str]:
    if isinstance(shape, msgspec.inspect.Metadata):
        yield from _nested(shape.type, path)
    elif isinstance(shape, msgspec.inspect.UnionType):
        for each in shape.types:
            yield from _nested(each, path)
    elif isinstance(shape, msgspec.inspect.ListType):
        yield from _nested(shape.item_type, (*path, "*"))
    elif isinstance(shape, msgspec.inspect.StructType) and len(path) < _DEEP:
        for member in shape.fields:
            further = (*path, member.encode_name)
            if path and member.encode_name.endswith(("Id", "Ids")):
                yield ".".join(further)
            yield from _nested(member.type, further)


# Conditions hold conditions; their ids are words to compare with, and name nothing.
_DEEP = 6


def swapped(ours: Any, theirs: Any, path: str) -> Iterator[Any]:
    """A body with one id of the other's within, for each that there is at ``path``."""
    name, _, rest = path.partition(".")
    if name == "*":
        for index, pair in enumerate(zip(ours, theirs, strict=True)):
            for each in swapped(*pair, rest):
                yield [*ours[:index], each, *ours[index + 1 :]]
    elif isinstance(ours, dict) and name in ours:
        for each in swapped(ours[name], theirs[name], rest) if rest else [theirs[name]]:
            yield {**ours, name: each}
