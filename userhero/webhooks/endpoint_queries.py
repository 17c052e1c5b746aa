"""Reads of webhook endpoints."""

from typing import Any

from msgspec import UnsetType
from sqlalchemy import and_, bindparam, func, select

from userhero.kernel.actor import Actor
from userhero.kernel.db import Document, Statement, Transaction
from userhero.kernel.db.listing import Listing, Slice, Sort
from userhero.projects import get_in_workspace
from userhero.webhooks.endpoint_types import EndpointRow, WebhookEndpointList
from userhero.webhooks.tables import webhook_endpoints
from userhero.workspaces import Access, enter_named, reach

_e = webhook_endpoints
DOCUMENT = (
    Document()
    .plain("id", _e.c.id)
    .plain("workspaceId", _e.c.workspace_id)
    .value("projectId", _e.c.project_id)
    .value("url", _e.c.url)
    .json("events", _e.c.events)
    .value("description", _e.c.description)
    .flag("enabled", _e.c.enabled)
    .plain("createdAt", _e.c.created_at)
    .plain("updatedAt", _e.c.updated_at)
)
_there = _e.c.deleted_at.is_(None)
_LISTING = Listing(
    "webhook endpoints",
    DOCUMENT.end(),
    _e.c.id,
    filters={
        "workspace": and_(_e.c.workspace_id == bindparam("workspace"), _there),
        "project": _e.c.project_id == bindparam("project"),
    },
    sorts={"createdAt": Sort(_e.c.created_at)},
)
_one = (_e.c.id == bindparam("endpoint"), _there)
_GET = Statement(select(_e.c.workspace_id, DOCUMENT.end()).where(*_one))
_RENDER = Statement(select(DOCUMENT.end()).where(_e.c.id == bindparam("endpoint")))
_BEGIN = Statement(select(DOCUMENT.begin()).where(_e.c.id == bindparam("endpoint")))
_row = select(*(_e.c[name] for name in EndpointRow.__struct_fields__)).where(*_one)
_ROW = Statement(_row.with_for_update())
_OWNER = Statement(select(_e.c.workspace_id).where(*_one))
_COUNT = Statement(select(func.count()).select_from(_e).where(_e.c.workspace_id == bindparam("workspace"), _there))


def list_endpoints(tx: Transaction, actor: Actor, query: WebhookEndpointList) -> Slice:
    """A page of the endpoints of a workspace, newest first. Raises NotFound for an unknown project."""
    access = enter_named(tx, actor, query.workspace_id)
    values: dict[str, Any] = {"workspace": access.workspace_id}
    if query.project_id is not None:
        values["project"] = get_in_workspace(tx, access, query.project_id).id
    return _LISTING.page(tx, query.wanted(), values, order=query.order)


def get_endpoint(tx: Transaction, actor: Actor, endpoint_id: str, workspace_id: str | UnsetType) -> str:
    """An endpoint as JSON. Raises NotFound."""
    found = tx.one(_GET, endpoint=endpoint_id)
    reach(tx, actor, found[0] if found else None, workspace_id, "Webhook endpoint")
    assert found is not None, "reach raises for an unknown endpoint"
    return str(found[1])


def get_endpoint_row(
    tx: Transaction, actor: Actor, endpoint_id: str, workspace_id: str | UnsetType
) -> tuple[Access, EndpointRow]:
    """An endpoint as it is stored, locked until the unit ends, and the workspace entered for it. Raises NotFound."""
    row = tx.find(EndpointRow, _ROW, endpoint=endpoint_id)
    access = reach(tx, actor, row.workspace_id if row else None, workspace_id, "Webhook endpoint")
    assert row is not None, "reach raises for an unknown endpoint"
    return access, row


def check_endpoint(tx: Transaction, actor: Actor, endpoint_id: str, workspace_id: str | UnsetType) -> None:
    """Enter the workspace of an endpoint. Raises NotFound."""
    reach(tx, actor, tx.value(_OWNER, endpoint=endpoint_id), workspace_id, "Webhook endpoint")


def is_endpoint_of(tx: Transaction, workspace_id: str, endpoint_id: str) -> bool:
    """Whether an id names an endpoint of a workspace that the actor has entered."""
    found: str | None = tx.value(_OWNER, endpoint=endpoint_id)
    return found == workspace_id


def render_endpoint(tx: Transaction, endpoint_id: str, secret: str | None = None) -> str:
    """An endpoint that the unit has just written, as JSON, with its secret where there is one to show."""
    if secret is None:
        return str(tx.value(_RENDER, endpoint=endpoint_id))
    return f'{tx.value(_BEGIN, endpoint=endpoint_id)},"secret":"{secret}"}}'


def count_endpoints(tx: Transaction, access: Access) -> int:
    """How many endpoints the workspace has."""
    return int(tx.value(_COUNT, workspace=access.workspace_id))
