"""Making, changing and removing webhook endpoints."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import bindparam, delete, literal_column, null, select, update

from userhero.kernel import audit, clock, ids
from userhero.kernel.actor import Actor
from userhero.kernel.db import Changes, Statement, Transaction, insertion
from userhero.kernel.errors import BadRequest, Forbidden, Invalid
from userhero.kernel.jobs import enqueue
from userhero.kernel.outbound import RefusedTarget
from userhero.projects import get_in_workspace
from userhero.webhooks.actions.lane import give_up, wake
from userhero.webhooks.delivery_queries import render_delivery
from userhero.webhooks.endpoint_queries import count_endpoints, get_endpoint_row, render_endpoint
from userhero.webhooks.endpoint_types import NewWebhookEndpoint, WebhookEndpointChange
from userhero.webhooks.kinds import TEST
from userhero.webhooks.payload import body_of
from userhero.webhooks.signatures import new_secret
from userhero.webhooks.tables import webhook_deliveries, webhook_endpoints
from userhero.workspaces import Access, enter_named, hold_workspace

MAX_ENDPOINTS, MAX_DESCRIPTION, OVERLAP_HOURS, CHUNK = 50, 500, 24, 500
REMOVE = "webhooks.remove_endpoint"

_e, _d = webhook_endpoints, webhook_deliveries
_INSERT = insertion(
    webhook_endpoints,
    "id", "workspace_id", "project_id", "url", "events", "description", "enabled", "secret", "created_at", "updated_at",
)  # fmt: skip
_INSERT_TEST = insertion(
    webhook_deliveries, "id", "endpoint_id", "event_id", "event", "body", "next_attempt_at", "created_at"
)
_some = select(_d.c.position).where(_d.c.endpoint_id == bindparam("endpoint")).limit(literal_column(str(CHUNK)))
_DELETE_SOME = Statement(delete(_d).where(_d.c.position.in_(_some)))
_DELETE = Statement(delete(_e).where(_e.c.id == bindparam("endpoint")))
_HIDE = Statement(
    update(_e).where(_e.c.id == bindparam("endpoint")).values(deleted_at=bindparam("now"), enabled=False, lane=null())
)
_changes = Changes(webhook_endpoints)
_encode = msgspec.json.Encoder().encode
# What is known of an address that is no more the one that is sent to.
_UNKNOWN = {
    "paused_until": None,
    "pace": None,
    "failing_since": None,
    "last_failed_at": None,
    "failing_told": False,
}


def create_endpoint(tx: Transaction, actor: Actor, new: NewWebhookEndpoint) -> str:
    """A new endpoint, as JSON with its secret: the only time that it is shown.

    Raises NotFound for an unknown project, Invalid for an address that can't be sent to and for a text that is too
    long, Forbidden where the workspace has 50.
    """
    access = enter_named(tx, actor, new.workspace_id)
    values = _checked(tx, access, {name: getattr(new, name) for name in _FIELDS})
    hold_workspace(tx, access.workspace_id)
    if count_endpoints(tx, access) >= MAX_ENDPOINTS:
        raise Forbidden(f"A workspace has {MAX_ENDPOINTS} webhook endpoints at the most.")
    endpoint_id, secret = ids.new("whe"), new_secret()
    tx.run(
        _INSERT,
        id=endpoint_id,
        workspace_id=access.workspace_id,
        secret=tx.keys.seal(secret.encode()),
        created_at=tx.now,
        updated_at=tx.now,
        **values,
    )
    shown = render_endpoint(tx, endpoint_id)
    audit.record_change(tx, actor, access.workspace_id, "webhook_endpoint.created", after=shown)
    return render_endpoint(tx, endpoint_id, secret)


def change_endpoint(tx: Transaction, actor: Actor, endpoint_id: str, change: WebhookEndpointChange) -> str:
    """The endpoint after the change, as JSON. Raises NotFound and Invalid as ``create_endpoint`` does.

    What waits for an endpoint that is switched off has failed; one that is switched on starts with a clean slate.
    """
    access, row = get_endpoint_row(tx, actor, endpoint_id, change.workspace_id)
    given = {name: getattr(change, name) for name in _FIELDS if getattr(change, name) is not UNSET}
    changed = {name: value for name, value in _checked(tx, access, given).items() if value != getattr(row, name)}
    shown = render_endpoint(tx, row.id)
    if not changed:
        return shown
    if changed.keys() & {"url", "enabled"}:
        changed |= _UNKNOWN
        wake(tx, row.id)
    _changes.apply(tx, row.id, changed)
    if not changed.get("enabled", row.enabled):
        give_up(tx, row.id)
    after = render_endpoint(tx, row.id)
    audit.record_change(tx, actor, row.workspace_id, "webhook_endpoint.updated", before=shown, after=after)
    return after


def rotate_secret(tx: Transaction, actor: Actor, endpoint_id: str, workspace_id: str | UnsetType) -> str:
    """The endpoint as JSON with a new secret: the only time that it is shown. For 24 hours what is delivered is signed
    with the one before as well. Raises NotFound.
    """
    _, row = get_endpoint_row(tx, actor, endpoint_id, workspace_id)
    secret = new_secret()
    values = {
        "secret": tx.keys.seal(secret.encode()),
        "previous_secret": row.secret,
        "previous_until": clock.shift(tx.now, hours=OVERLAP_HOURS),
    }
    _changes.apply(tx, row.id, values)
    audit.record(tx, actor, row.workspace_id, "webhook_endpoint.secret_rotated", audit.Subject(row.id, row.url))
    return render_endpoint(tx, row.id, secret)


def send_test(tx: Transaction, actor: Actor, endpoint_id: str, workspace_id: str | UnsetType) -> str:
    """Send the endpoint something to see that it arrives; returns the delivery as JSON, which is tried once.

    Raises NotFound, or BadRequest where the endpoint is switched off.
    """
    _, row = get_endpoint_row(tx, actor, endpoint_id, workspace_id)
    if not row.enabled:
        raise BadRequest("This webhook endpoint is switched off.")
    data = {"id": row.id, "workspaceId": row.workspace_id, "message": "This is a test."}
    delivery_id = ids.new("whd")
    tx.run(
        _INSERT_TEST,
        id=delivery_id,
        endpoint_id=row.id,
        event_id=ids.new("evt"),
        event=TEST,
        body=body_of(TEST, tx.now, _encode(data).decode()),
        next_attempt_at=tx.now,
        created_at=tx.now,
    )
    wake(tx, row.id)
    return render_delivery(tx, row.id, delivery_id)


def delete_endpoint(tx: Transaction, actor: Actor, endpoint_id: str, workspace_id: str | UnsetType) -> None:
    """Remove an endpoint and its deliveries: nobody sees them from now on, and the rows go a part at a time.

    Raises NotFound.
    """
    _, row = get_endpoint_row(tx, actor, endpoint_id, workspace_id)
    shown = render_endpoint(tx, row.id)
    audit.record_change(tx, actor, row.workspace_id, "webhook_endpoint.deleted", before=shown)
    tx.run(_HIDE, endpoint=row.id, now=tx.now)
    if remove_some(tx, row.id):
        enqueue(tx, REMOVE, {"endpoint": row.id}, key=row.id)


def remove_some(tx: Transaction, endpoint_id: str) -> bool:
    """Remove 500 deliveries of a deleted endpoint, then the endpoint itself; True where there may be more."""
    if tx.run(_DELETE_SOME, endpoint=endpoint_id) == CHUNK:
        return True
    tx.run(_DELETE, endpoint=endpoint_id)
    return False


_FIELDS = ("url", "project_id", "events", "description", "enabled")


def _checked(tx: Transaction, access: Access, given: dict[str, Any]) -> dict[str, Any]:
    """The columns of what was given. Raises Invalid or NotFound where something breaks a rule."""
    values = dict(given)
    if "url" in values:
        _check_url(tx, values["url"])
    if values.get("project_id") is not None:
        get_in_workspace(tx, access, values["project_id"])
    if "events" in values:
        values["events"] = _encode(list(dict.fromkeys(values["events"]))).decode()
    if "description" in values:
        values["description"] = _description(values["description"])
    return values


def _check_url(tx: Transaction, url: str) -> None:
    try:
        tx.guard.check_literal(url)
    except RefusedTarget as refused:
        raise Invalid("url", refused.rule) from None


def _description(text: str | None) -> str | None:
    trimmed = (text or "").strip()
    if len(trimmed) > MAX_DESCRIPTION:
        raise Invalid("description", f"must have {MAX_DESCRIPTION} characters at the most")
    return trimmed or None
