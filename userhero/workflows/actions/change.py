"""Changing, moving and removing items."""

from typing import Any

from msgspec import UNSET, UnsetType
from sqlalchemy import bindparam, delete

from userhero.kernel.actor import Actor
from userhero.kernel.db import Changes, Statement, Transaction
from userhero.kernel.errors import Invalid
from userhero.workflows.actions.activity import record
from userhero.workflows.actions.add import count_items
from userhero.workflows.actions.place import END, Spot, position_for
from userhero.workflows.actions.words import assignee_columns, check_member, optional_text, title_text
from userhero.workflows.item_queries import hold_item, render_item
from userhero.workflows.item_types import MAX_DESCRIPTION, ItemChange, ItemRow
from userhero.workflows.statuses import chosen_status
from userhero.workflows.tables import workflow_items
from userhero.workflows.types import WorkflowRow
from userhero.workspaces import Access

_DELETE = Statement(delete(workflow_items).where(workflow_items.c.id == bindparam("item")))
_changes = Changes(workflow_items)


def change_item(tx: Transaction, actor: Actor, workflow_id: str, item_id: str, change: ItemChange) -> str:
    """The item after the change, as JSON. A change to what is there already changes nothing.

    Raises NotFound, or Invalid for an unknown status, a stranger as assignee, or a neighbour that is none.
    """
    access, workflow, row = hold_item(tx, actor, workflow_id, item_id, change.workspace_id)
    wanted = _wanted(tx, access, workflow, change)
    changed = {name: value for name, value in wanted.items() if value != getattr(row, name)}
    position = _position(tx, row, change, changed)
    if not changed and position == row.position:
        return render_item(tx, row.id)
    values = {**changed, "position": position}
    if "assignee_id" in changed:
        values |= assignee_columns(access.workspace_id, changed["assignee_id"])
    _changes.apply(tx, row.id, values)
    if changed:
        before = {name: getattr(row, name) for name in changed}
        record(tx, actor, access.workspace_id, row.id, before=before, after=changed)
    return render_item(tx, row.id)


def delete_item(tx: Transaction, actor: Actor, workflow_id: str, item_id: str, workspace_id: str | UnsetType) -> None:
    """Take an item off the board, with its activity; the feedback that it came from stays. Raises NotFound."""
    _, workflow, row = hold_item(tx, actor, workflow_id, item_id, workspace_id)
    tx.run(_DELETE, item=row.id)
    count_items(tx, workflow.id, -1)


def _wanted(tx: Transaction, access: Access, workflow: WorkflowRow, change: ItemChange) -> dict[str, Any]:
    """What the change asks for, by column; the place on the board aside."""
    found: dict[str, Any] = {}
    if not isinstance(change.title, UnsetType):
        found["title"] = title_text(change.title)
    if not isinstance(change.description, UnsetType):
        found["description"] = optional_text("description", change.description, MAX_DESCRIPTION)
    if not isinstance(change.status, UnsetType):
        found["status"] = chosen_status(workflow.statuses, change.status, "status")
    if not isinstance(change.priority, UnsetType):
        found["priority"] = change.priority
    if not isinstance(change.assignee_id, UnsetType):
        check_member(tx, access, change.assignee_id, "assigneeId")
        found["assignee_id"] = change.assignee_id
    return found


def _position(tx: Transaction, row: ItemRow, change: ItemChange, changed: dict[str, Any]) -> int:
    """Where the item stands after the change: where it is told to, else at the end of a column that is new to it."""
    if change.before is not UNSET and change.after is not UNSET:
        raise Invalid("after", "can't be combined with before")
    spot = END if "status" in changed else None
    if not isinstance(change.before, UnsetType):
        spot = Spot("before", change.before)
    elif not isinstance(change.after, UnsetType):
        spot = Spot("after", change.after)
    return row.position if spot is None else position_for(tx, row, changed.get("status", row.status), spot)
