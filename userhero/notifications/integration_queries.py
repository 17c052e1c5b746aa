"""Reads of integrations."""

from typing import Any

from msgspec import UnsetType
from sqlalchemy import bindparam, func, select

from userhero.kernel.actor import Actor
from userhero.kernel.db import Document, Statement, Transaction
from userhero.kernel.db.listing import Listing, Slice, Sort
from userhero.notifications.integration_types import IntegrationList, IntegrationRow
from userhero.notifications.tables import integrations
from userhero.workspaces import Access, enter_named, reach

_i = integrations
_DOCUMENT = (
    Document()
    .plain("id", _i.c.id)
    .plain("workspaceId", _i.c.workspace_id)
    .plain("type", _i.c.type)
    .value("name", _i.c.name)
    .value("target", _i.c.shown)
    .flag("isDefault", _i.c.is_default)
    .plain("createdAt", _i.c.created_at)
    .plain("updatedAt", _i.c.updated_at)
    .end()
)
_LISTING = Listing(
    "integrations",
    _DOCUMENT,
    _i.c.id,
    filters={
        "workspace": _i.c.workspace_id == bindparam("workspace"),
        "type": _i.c.type == bindparam("type"),
    },
    sorts={"createdAt": Sort(_i.c.created_at)},
)
_one = _i.c.id == bindparam("integration")
_in_workspace = _i.c.workspace_id == bindparam("workspace")
_row = select(*(_i.c[name] for name in IntegrationRow.__struct_fields__))
_GET = Statement(select(_i.c.workspace_id, _DOCUMENT).where(_one))
_RENDER = Statement(select(_DOCUMENT).where(_one))
_HOLD = Statement(_row.where(_one).with_for_update())
_FIND = Statement(_row.where(_one, _in_workspace))
_DEFAULTS = Statement(_row.where(_in_workspace, _i.c.is_default).order_by(_i.c.id))
_COUNT = Statement(select(func.count()).select_from(_i).where(_in_workspace))
_TARGET = Statement(select(_i.c.target).where(_one))


def list_integrations(tx: Transaction, actor: Actor, query: IntegrationList) -> Slice:
    """The integrations of a workspace, newest first."""
    access = enter_named(tx, actor, query.workspace_id)
    values: dict[str, Any] = {"workspace": access.workspace_id}
    if query.type is not None:
        values["type"] = query.type
    return _LISTING.page(tx, query.wanted(), values, order=query.order)


def get_integration(tx: Transaction, actor: Actor, integration_id: str, workspace_id: str | UnsetType) -> str:
    """An integration as JSON. Raises NotFound."""
    found = tx.one(_GET, integration=integration_id)
    reach(tx, actor, found[0] if found else None, workspace_id, "Integration")
    assert found is not None, "reach raises for an unknown integration"
    return str(found[1])


def get_integration_row(
    tx: Transaction, actor: Actor, integration_id: str, workspace_id: str | UnsetType
) -> IntegrationRow:
    """An integration as it is stored, locked until the unit ends. Raises NotFound."""
    row = tx.find(IntegrationRow, _HOLD, integration=integration_id)
    reach(tx, actor, row.workspace_id if row else None, workspace_id, "Integration")
    assert row is not None, "reach raises for an unknown integration"
    return row


def render_integration(tx: Transaction, integration_id: str) -> str:
    """An integration that the unit has just written, as JSON."""
    return str(tx.value(_RENDER, integration=integration_id))


def find_integration(tx: Transaction, workspace_id: str, integration_id: str) -> IntegrationRow | None:
    """An integration of a workspace, or None. For rules that the workspace itself made."""
    return tx.find(IntegrationRow, _FIND, integration=integration_id, workspace=workspace_id)


def list_defaults(tx: Transaction, workspace_id: str) -> list[IntegrationRow]:
    """The integrations that hear of what no routing rule is for."""
    return tx.list(IntegrationRow, _DEFAULTS, workspace=workspace_id)


def count_integrations(tx: Transaction, access: Access) -> int:
    """How many integrations the workspace has."""
    return int(tx.value(_COUNT, workspace=access.workspace_id))


def find_target(tx: Transaction, integration_id: str) -> bytes | None:
    """Where an integration leads, sealed; None where it is gone."""
    found: bytes | None = tx.value(_TARGET, integration=integration_id)
    return found
