"""Reads of intake rules."""

from msgspec import UnsetType
from sqlalchemy import bindparam, func, select

from userhero.kernel.actor import Actor
from userhero.kernel.db import Document, Statement, Transaction
from userhero.kernel.errors import NotFound
from userhero.workflows.queries import get_row
from userhero.workflows.rule_types import RuleRow
from userhero.workflows.tables import intake_rules
from userhero.workflows.types import WorkflowRow
from userhero.workspaces import Access, reach

_r = intake_rules

_defaults = (
    Document()
    .value("status", _r.c.default_status)
    .value("priority", _r.c.default_priority)
    .value("assigneeId", _r.c.assignee_id)
    .end()
)
DOCUMENT = (
    Document()
    .plain("id", _r.c.id)
    .plain("workflowId", _r.c.workflow_id)
    .value("name", _r.c.name)
    .number("priority", _r.c.priority)
    .flag("enabled", _r.c.enabled)
    .json("conditions", _r.c.conditions)
    .json("defaults", _defaults)
    .plain("createdAt", _r.c.created_at)
    .plain("updatedAt", _r.c.updated_at)
    .end()
)
_in_order = (_r.c.priority, _r.c.id)
_LIST = Statement(select(DOCUMENT).where(_r.c.workflow_id == bindparam("workflow")).order_by(*_in_order))
_of_workflow = (_r.c.id == bindparam("rule"), _r.c.workflow_id == bindparam("workflow"))
_GET = Statement(select(_r.c.workspace_id, DOCUMENT).where(*_of_workflow))
_RENDER = Statement(select(DOCUMENT).where(_r.c.id == bindparam("rule")))
_HOLD = Statement(select(_r.c.id).where(*_of_workflow).with_for_update())
_COUNT = Statement(select(func.count()).select_from(_r).where(_r.c.project_id == bindparam("project")))
_ACTIVE = Statement(
    select(*[_r.c[name] for name in RuleRow.__struct_fields__])
    .where(_r.c.project_id == bindparam("project"), _r.c.enabled)
    .order_by(*_in_order)
)


def list_rules(tx: Transaction, actor: Actor, workflow_id: str, workspace_id: str | UnsetType) -> list[str]:
    """The intake rules of a workflow as JSON, in the order in which they are tried. Raises NotFound."""
    get_row(tx, actor, workflow_id, workspace_id, held=False)
    return tx.texts(_LIST, workflow=workflow_id)


def get_rule(tx: Transaction, actor: Actor, workflow_id: str, rule_id: str, workspace_id: str | UnsetType) -> str:
    """An intake rule as JSON. Raises NotFound, for a rule of another workflow too."""
    found = tx.one(_GET, rule=rule_id, workflow=workflow_id)
    reach(tx, actor, found[0] if found else None, workspace_id, "Intake rule")
    assert found is not None, "reach raises for an unknown rule"
    return str(found[1])


def hold_rule(
    tx: Transaction, actor: Actor, workflow_id: str, rule_id: str, workspace_id: str | UnsetType
) -> tuple[Access, WorkflowRow]:
    """The workflow of a rule; nobody else changes either until the unit ends. Raises NotFound."""
    access, workflow = get_row(tx, actor, workflow_id, workspace_id, held=True)
    if tx.one(_HOLD, rule=rule_id, workflow=workflow_id) is None:
        raise NotFound("Intake rule not found")
    return access, workflow


def list_active_rules(tx: Transaction, project_id: str) -> list[RuleRow]:
    """The rules that new feedback of a project is held against, in order."""
    return tx.list(RuleRow, _ACTIVE, project=project_id)


def count_rules(tx: Transaction, project_id: str) -> int:
    """How many intake rules a project has, over all of its workflows."""
    return int(tx.value(_COUNT, project=project_id))


def render_rule(tx: Transaction, rule_id: str) -> str:
    """A rule that the unit has just written, as JSON."""
    return str(tx.value(_RENDER, rule=rule_id))
