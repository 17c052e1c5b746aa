"""Reads of the items on a board, and of what was done to them."""

from typing import Any

from msgspec import UnsetType
from sqlalchemy import bindparam, select

from userhero.kernel.actor import Actor
from userhero.kernel.db import Document, Statement, Transaction
from userhero.kernel.db.listing import Listing, Slice, Sort
from userhero.kernel.errors import NotFound
from userhero.workflows.item_types import ActivityList, ItemList, ItemRow
from userhero.workflows.queries import get_row
from userhero.workflows.tables import workflow_activity, workflow_items
from userhero.workflows.types import WorkflowRow
from userhero.workspaces import Access, reach

_i, _a = workflow_items, workflow_activity

DOCUMENT = (
    Document()
    .plain("id", _i.c.id)
    .plain("workflowId", _i.c.workflow_id)
    .value("feedbackId", _i.c.feedback_id)
    .value("title", _i.c.title)
    .value("description", _i.c.description)
    .plain("status", _i.c.status)
    .value("priority", _i.c.priority)
    .value("assigneeId", _i.c.assignee_id)
    .number("position", _i.c.position)
    .json("snapshot", _i.c.snapshot)
    .json("externalReference", _i.c.external_reference)
    .plain("createdAt", _i.c.created_at)
    .plain("updatedAt", _i.c.updated_at)
    .end()
)
_ACTIVITY = (
    Document()
    .plain("id", _a.c.id)
    .plain("kind", _a.c.kind)
    .json(
        "actor",
        Document().value("userId", _a.c.actor_id).value("name", _a.c.actor_name).flag("system", _a.c.by_system).end(),
    )
    .json("changes", _a.c.changes)
    .plain("createdAt", _a.c.created_at)
    .end()
)
_LISTING = Listing(
    "workflow items",
    DOCUMENT,
    _i.c.id,
    filters={
        "workflow": _i.c.workflow_id == bindparam("workflow"),
        "status": _i.c.status == bindparam("status"),
        "assignee": _i.c.assignee_id == bindparam("assignee"),
        "unassigned": _i.c.assignee_id.is_(None),
        "priority": _i.c.priority == bindparam("priority"),
    },
    sorts={"board": Sort(_i.c.position)},
)
_ACTIVITIES = Listing(
    "workflow activity",
    _ACTIVITY,
    _a.c.id,
    filters={"item": _a.c.item_id == bindparam("item")},
    sorts={"createdAt": Sort(_a.c.created_at)},
)
_of_workflow = (_i.c.id == bindparam("item"), _i.c.workflow_id == bindparam("workflow"))
_GET = Statement(select(_i.c.workspace_id, DOCUMENT).where(*_of_workflow))
_RENDER = Statement(select(DOCUMENT).where(_i.c.id == bindparam("item")))
_columns = [_i.c[name] for name in ItemRow.__struct_fields__]
_ROW = Statement(select(*_columns).where(*_of_workflow).with_for_update())


def list_items(tx: Transaction, actor: Actor, workflow_id: str, query: ItemList) -> Slice:
    """A page of a workflow's items in the order of the board. Raises NotFound for an unknown workflow."""
    get_row(tx, actor, workflow_id, query.workspace_id, held=False)
    values: dict[str, Any] = {"workflow": workflow_id}
    values |= {name: value for name in ("status", "priority") if (value := getattr(query, name)) is not None}
    if query.assignee_id is not None:
        values |= {"unassigned": True} if query.assignee_id == "none" else {"assignee": query.assignee_id}
    return _LISTING.page(tx, query.wanted(), values, sort="board", order=query.order)


def get_item(tx: Transaction, actor: Actor, workflow_id: str, item_id: str, workspace_id: str | UnsetType) -> str:
    """An item as JSON. Raises NotFound, for an item of another workflow too."""
    found = tx.one(_GET, item=item_id, workflow=workflow_id)
    reach(tx, actor, found[0] if found else None, workspace_id, "Workflow item")
    assert found is not None, "reach raises for an unknown item"
    return str(found[1])


def list_activity(tx: Transaction, actor: Actor, workflow_id: str, item_id: str, query: ActivityList) -> Slice:
    """A page of what was done to an item, newest first. Raises NotFound."""
    get_item(tx, actor, workflow_id, item_id, query.workspace_id)
    return _ACTIVITIES.page(tx, query.wanted(), {"item": item_id}, order=query.order)


def hold_item(
    tx: Transaction, actor: Actor, workflow_id: str, item_id: str, workspace_id: str | UnsetType
) -> tuple[Access, WorkflowRow, ItemRow]:
    """An item and its workflow as they are stored, which nobody else changes until the unit ends. Raises NotFound."""
    access, workflow = get_row(tx, actor, workflow_id, workspace_id, held=True)
    row = tx.find(ItemRow, _ROW, item=item_id, workflow=workflow_id)
    if row is None:
        raise NotFound("Workflow item not found")
    return access, workflow, row


def render_item(tx: Transaction, item_id: str) -> str:
    """An item that the unit has just written, as JSON."""
    return str(tx.value(_RENDER, item=item_id))
