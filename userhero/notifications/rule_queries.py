"""Reads of routing rules."""

from msgspec import UnsetType
from sqlalchemy import bindparam, func, select

from userhero.kernel.actor import Actor
from userhero.kernel.db import Document, Statement, Transaction
from userhero.kernel.db.listing import Listing, Slice, Sort
from userhero.notifications.rule_types import RoutingRuleList, RuleRow
from userhero.notifications.tables import routing_rules
from userhero.projects import get_in_workspace
from userhero.workspaces import Access, enter_named, reach

_r = routing_rules
_DOCUMENT = (
    Document()
    .plain("id", _r.c.id)
    .plain("workspaceId", _r.c.workspace_id)
    .plain("projectId", _r.c.project_id)
    .value("name", _r.c.name)
    .flag("enabled", _r.c.enabled)
    .number("priority", _r.c.priority)
    .json("condition", _r.c.condition)
    .json("actions", _r.c.actions)
    .plain("createdAt", _r.c.created_at)
    .plain("updatedAt", _r.c.updated_at)
    .end()
)
_LISTING = Listing(
    "routing rules",
    _DOCUMENT,
    _r.c.id,
    filters={"project": _r.c.project_id == bindparam("project")},
    sorts={"priority": Sort(_r.c.priority)},
)
_one = _r.c.id == bindparam("rule")
_in_project = _r.c.project_id == bindparam("project")
_row = select(*(_r.c[name] for name in RuleRow.__struct_fields__))
_GET = Statement(select(_r.c.workspace_id, _DOCUMENT).where(_one))
_RENDER = Statement(select(_DOCUMENT).where(_one))
_HOLD = Statement(_row.where(_one).with_for_update())
_ACTIVE = Statement(_row.where(_in_project, _r.c.enabled).order_by(_r.c.priority, _r.c.id))
_COUNT = Statement(select(func.count()).select_from(_r).where(_in_project))


def list_rules(tx: Transaction, actor: Actor, query: RoutingRuleList) -> Slice:
    """The rules of a project in the order in which they are looked at. Raises NotFound for an unknown project."""
    access = enter_named(tx, actor, query.workspace_id)
    project = get_in_workspace(tx, access, query.project_id)
    return _LISTING.page(tx, query.wanted(), {"project": project.id}, sort="priority", order=query.order)


def get_rule(tx: Transaction, actor: Actor, rule_id: str, workspace_id: str | UnsetType) -> str:
    """A rule as JSON. Raises NotFound."""
    found = tx.one(_GET, rule=rule_id)
    reach(tx, actor, found[0] if found else None, workspace_id, "Routing rule")
    assert found is not None, "reach raises for an unknown rule"
    return str(found[1])


def get_rule_row(tx: Transaction, actor: Actor, rule_id: str, workspace_id: str | UnsetType) -> tuple[Access, RuleRow]:
    """A rule as it is stored, locked until the unit ends, and the workspace entered for it. Raises NotFound."""
    row = tx.find(RuleRow, _HOLD, rule=rule_id)
    access = reach(tx, actor, row.workspace_id if row else None, workspace_id, "Routing rule")
    assert row is not None, "reach raises for an unknown rule"
    return access, row


def render_rule(tx: Transaction, rule_id: str) -> str:
    """A rule that the unit has just written, as JSON."""
    return str(tx.value(_RENDER, rule=rule_id))


def list_active(tx: Transaction, project_id: str) -> list[RuleRow]:
    """The rules that are looked at, in their order."""
    return tx.list(RuleRow, _ACTIVE, project=project_id)


def count_rules(tx: Transaction, project_id: str) -> int:
    """How many rules the project has."""
    return int(tx.value(_COUNT, project=project_id))
