"""Making, changing and removing workflows."""

from typing import Any

from msgspec import UnsetType
from sqlalchemy import bindparam, delete, or_, select

from userhero.kernel import audit, ids
from userhero.kernel.actor import Actor
from userhero.kernel.db import Changes, Statement, Transaction, insertion
from userhero.kernel.errors import Conflict, Forbidden
from userhero.workflows.actions.words import name_text, optional_text
from userhero.workflows.queries import count_in_project, get_row, reach_project, render
from userhero.workflows.statuses import SETS, WorkflowStatus, checked_statuses, encoded, statuses
from userhero.workflows.tables import intake_rules, workflow_items, workflows
from userhero.workflows.types import NewWorkflow, WorkflowChange, WorkflowRow

MAX_IN_PROJECT, MAX_DESCRIPTION = 50, 2000

_i, _r = workflow_items, intake_rules
_INSERT = insertion(
    workflows, "id", "workspace_id", "project_id", "name", "description", "type", "statuses", "created_at",
    "updated_at",
)  # fmt: skip
_DELETE = Statement(delete(workflows).where(workflows.c.id == bindparam("workflow")))
_with_items = select(_i.c.id).where(_i.c.workflow_id == bindparam("workflow"), _i.c.status == bindparam("status"))
_with_rules = select(_r.c.id).where(
    _r.c.workflow_id == bindparam("workflow"), _r.c.default_status == bindparam("status")
)
_IS_USED = Statement(select(or_(_with_items.exists(), _with_rules.exists())))
_changes = Changes(workflows)


def create_workflow(tx: Transaction, actor: Actor, new: NewWorkflow) -> str:
    """A new workflow with the statuses of its type, as JSON.

    Raises NotFound for an unknown project, Invalid for a bad name or description, Forbidden where the project has 50.
    """
    access = reach_project(tx, actor, new.project_id, new.workspace_id)
    name, description = name_text(new.name), optional_text("description", new.description, MAX_DESCRIPTION)
    if count_in_project(tx, new.project_id) >= MAX_IN_PROJECT:
        raise Forbidden(f"A project has {MAX_IN_PROJECT} workflows at the most.")
    workflow_id = ids.new("wf")
    tx.run(
        _INSERT,
        id=workflow_id,
        workspace_id=access.workspace_id,
        project_id=new.project_id,
        name=name,
        description=description,
        type=new.type,
        statuses=encoded(SETS[new.type]),
        created_at=tx.now,
        updated_at=tx.now,
    )
    made = render(tx, workflow_id)
    audit.record_change(tx, actor, access.workspace_id, "workflow.created", after=made)
    return made


def change_workflow(tx: Transaction, actor: Actor, workflow_id: str, change: WorkflowChange) -> str:
    """The workflow after the change, as JSON.

    Raises NotFound, Invalid where a value breaks a rule, Conflict where a status would go that items or the defaults of
    an intake rule are in.
    """
    _, row = get_row(tx, actor, workflow_id, change.workspace_id, held=True)
    wanted: dict[str, Any] = {}
    if not isinstance(change.name, UnsetType):
        wanted["name"] = name_text(change.name)
    if not isinstance(change.description, UnsetType):
        wanted["description"] = optional_text("description", change.description, MAX_DESCRIPTION)
    if not isinstance(change.statuses, UnsetType):
        wanted["statuses"] = encoded(_statuses(tx, row, change.statuses))
    changed = {name: value for name, value in wanted.items() if value != getattr(row, name)}
    shown = render(tx, row.id)
    if not changed:
        return shown
    _changes.apply(tx, row.id, changed)
    after = render(tx, row.id)
    audit.record_change(tx, actor, row.workspace_id, "workflow.updated", before=shown, after=after)
    return after


def delete_workflow(tx: Transaction, actor: Actor, workflow_id: str, workspace_id: str | UnsetType) -> None:
    """Remove a workflow with its items and rules; the feedback that they came from stays. Raises NotFound."""
    _, row = get_row(tx, actor, workflow_id, workspace_id, held=True)
    shown = render(tx, row.id)
    tx.run(_DELETE, workflow=row.id)
    audit.record_change(tx, actor, row.workspace_id, "workflow.deleted", before=shown)


def _statuses(tx: Transaction, row: WorkflowRow, given: list[WorkflowStatus]) -> tuple[WorkflowStatus, ...]:
    after = checked_statuses(given)
    for status_id in {status.id for status in statuses(row.statuses)} - {status.id for status in after}:
        if tx.value(_IS_USED, workflow=row.id, status=status_id):
            raise Conflict(f"The status {status_id} is that of items, or of an intake rule's defaults; it must stay.")
    return after
