"""Making, changing and removing routing rules."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import bindparam, delete

from userhero.kernel import audit, ids
from userhero.kernel.actor import Actor
from userhero.kernel.db import Changes, Statement, Transaction, insertion
from userhero.kernel.errors import Forbidden, Invalid
from userhero.notifications.conditions import check_condition
from userhero.notifications.integration_queries import find_integration
from userhero.notifications.named import problem_with_recipient
from userhero.notifications.rule_queries import count_rules, get_rule_row, render_rule
from userhero.notifications.rule_types import MAX_NAME, Action, NewRoutingRule, RoutingRuleChange, ToSlack
from userhero.notifications.tables import routing_rules
from userhero.projects import get_in_workspace
from userhero.workspaces import Access, enter_named

MAX_RULES = 100

_INSERT = insertion(
    routing_rules, "id", "workspace_id", "project_id", "name", "priority", "enabled", "condition", "actions",
    "created_at", "updated_at",
)  # fmt: skip
_DELETE = Statement(delete(routing_rules).where(routing_rules.c.id == bindparam("rule")))
_FIELDS = ("name", "priority", "enabled", "condition", "actions")
_changes = Changes(routing_rules)
_encode = msgspec.json.Encoder().encode


def create_rule(tx: Transaction, actor: Actor, new: NewRoutingRule) -> str:
    """A new rule, as JSON. Raises NotFound for an unknown project, Invalid, or Forbidden where the project has 100."""
    access = enter_named(tx, actor, new.workspace_id)
    project = get_in_workspace(tx, access, new.project_id)
    values = _checked(tx, access, {name: getattr(new, name) for name in _FIELDS})
    if count_rules(tx, project.id) >= MAX_RULES:
        raise Forbidden(f"A project has {MAX_RULES} routing rules at the most.")
    rule_id = ids.new("rule")
    whose = {"workspace_id": access.workspace_id, "project_id": project.id}
    tx.run(_INSERT, id=rule_id, **whose, **values, created_at=tx.now, updated_at=tx.now)
    made = render_rule(tx, rule_id)
    audit.record_change(tx, actor, access.workspace_id, "routing_rule.created", after=made)
    return made


def change_rule(tx: Transaction, actor: Actor, rule_id: str, change: RoutingRuleChange) -> str:
    """The rule after the change, as JSON. Raises NotFound or Invalid."""
    access, row = get_rule_row(tx, actor, rule_id, change.workspace_id)
    given = {name: getattr(change, name) for name in _FIELDS if getattr(change, name) is not UNSET}
    changed = {name: value for name, value in _checked(tx, access, given).items() if value != getattr(row, name)}
    shown = render_rule(tx, row.id)
    if not changed:
        return shown
    _changes.apply(tx, row.id, changed)
    after = render_rule(tx, row.id)
    audit.record_change(tx, actor, row.workspace_id, "routing_rule.updated", before=shown, after=after)
    return after


def delete_rule(tx: Transaction, actor: Actor, rule_id: str, workspace_id: str | UnsetType) -> None:
    """Remove a rule. Raises NotFound."""
    _, row = get_rule_row(tx, actor, rule_id, workspace_id)
    shown = render_rule(tx, row.id)
    tx.run(_DELETE, rule=row.id)
    audit.record_change(tx, actor, row.workspace_id, "routing_rule.deleted", before=shown)


def _checked(tx: Transaction, access: Access, given: dict[str, Any]) -> dict[str, Any]:
    """The columns of what was given. Raises Invalid where something breaks a rule."""
    values = dict(given)
    if "name" in values:
        values["name"] = values["name"].strip()
        if not 1 <= len(values["name"]) <= MAX_NAME:
            raise Invalid("name", f"must have 1 to {MAX_NAME} characters")
    if values.get("condition") is not None:
        check_condition(values["condition"])
        values["condition"] = _encode(values["condition"]).decode()
    if "actions" in values:
        for number, action in enumerate(values["actions"]):
            _check_action(tx, access, action, f"actions[{number}]")
        values["actions"] = _encode(values["actions"]).decode()
    return values


def _check_action(tx: Transaction, access: Access, action: Action, where: str) -> None:
    if isinstance(action, ToSlack):
        found = find_integration(tx, access.workspace_id, action.integration_id)
        if found is None or found.type != "slack":
            raise Invalid(f"{where}.integrationId", "must be a Slack integration of the workspace")
        return
    problem = problem_with_recipient(tx, access.workspace_id, "email", action.to)
    if problem is not None:
        raise Invalid(f"{where}.to", problem)
