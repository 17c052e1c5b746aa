"""Making, changing and removing intake rules."""

from typing import Any

import msgspec
from msgspec import UnsetType
from sqlalchemy import bindparam, delete

from userhero.kernel import audit, ids
from userhero.kernel.actor import Actor
from userhero.kernel.db import Changes, Statement, Transaction, insertion
from userhero.kernel.errors import Forbidden, Invalid, NotFound
from userhero.projects import project_of_widget
from userhero.workflows.actions.words import assignee_columns, check_member, name_text
from userhero.workflows.queries import get_row
from userhero.workflows.rule_queries import count_rules, hold_rule, render_rule
from userhero.workflows.rule_types import MAX_KEYWORD, IntakeConditions, IntakeDefaults, NewRule, RuleChange
from userhero.workflows.statuses import chosen_status
from userhero.workflows.tables import intake_rules
from userhero.workflows.types import WorkflowRow
from userhero.workspaces import Access

MAX_IN_PROJECT = 100

_INSERT = insertion(
    intake_rules, "id", "workspace_id", "project_id", "workflow_id", "name", "priority", "enabled", "conditions",
    "default_status", "default_priority", "assignee_workspace_id", "assignee_id", "created_at", "updated_at",
)  # fmt: skip
_DELETE = Statement(delete(intake_rules).where(intake_rules.c.id == bindparam("rule")))
_changes = Changes(intake_rules)


def create_rule(tx: Transaction, actor: Actor, workflow_id: str, new: NewRule) -> str:
    """A new intake rule, as JSON.

    Raises NotFound for an unknown workflow, Invalid where a value breaks a rule, Forbidden where the project has 100.
    """
    access, workflow = get_row(tx, actor, workflow_id, new.workspace_id, held=True)
    values = {
        "name": name_text(new.name),
        "priority": new.priority,
        "enabled": new.enabled,
        "conditions": _conditions(tx, access, workflow, new.conditions),
        **_defaults(tx, access, workflow, new.defaults),
    }
    if count_rules(tx, workflow.project_id) >= MAX_IN_PROJECT:
        raise Forbidden(f"A project has {MAX_IN_PROJECT} intake rules at the most.")
    rule_id = ids.new("wfr")
    tx.run(
        _INSERT,
        id=rule_id,
        workspace_id=workflow.workspace_id,
        project_id=workflow.project_id,
        workflow_id=workflow.id,
        created_at=tx.now,
        updated_at=tx.now,
        **values,
    )
    made = render_rule(tx, rule_id)
    audit.record_change(tx, actor, workflow.workspace_id, "intake_rule.created", after=made)
    return made


def change_rule(tx: Transaction, actor: Actor, workflow_id: str, rule_id: str, change: RuleChange) -> str:
    """The rule after the change, as JSON. Raises NotFound, or Invalid where a value breaks a rule."""
    access, workflow = hold_rule(tx, actor, workflow_id, rule_id, change.workspace_id)
    values: dict[str, Any] = {}
    if not isinstance(change.name, UnsetType):
        values["name"] = name_text(change.name)
    if not isinstance(change.priority, UnsetType):
        values["priority"] = change.priority
    if not isinstance(change.enabled, UnsetType):
        values["enabled"] = change.enabled
    if not isinstance(change.conditions, UnsetType):
        values["conditions"] = _conditions(tx, access, workflow, change.conditions)
    if not isinstance(change.defaults, UnsetType):
        values |= _defaults(tx, access, workflow, change.defaults)
    shown = render_rule(tx, rule_id)
    if not values:
        return shown
    _changes.apply(tx, rule_id, values)
    after = render_rule(tx, rule_id)
    audit.record_change(tx, actor, workflow.workspace_id, "intake_rule.updated", before=shown, after=after)
    return after


def delete_rule(tx: Transaction, actor: Actor, workflow_id: str, rule_id: str, workspace_id: str | UnsetType) -> None:
    """Remove a rule; the items that it made stay. Raises NotFound."""
    _, workflow = hold_rule(tx, actor, workflow_id, rule_id, workspace_id)
    shown = render_rule(tx, rule_id)
    tx.run(_DELETE, rule=rule_id)
    audit.record_change(tx, actor, workflow.workspace_id, "intake_rule.deleted", before=shown)


def _conditions(tx: Transaction, access: Access, workflow: WorkflowRow, given: IntakeConditions) -> str:
    if given.rating_min is not None and given.rating_max is not None and given.rating_min > given.rating_max:
        raise Invalid("conditions.ratingMax", "must not be less than ratingMin")
    for number, widget_id in enumerate(given.widget_ids):
        if widget_id != "api" and not _is_widget_of(tx, access, workflow.project_id, widget_id):
            raise Invalid(f"conditions.widgetIds[{number}]", "must be a widget of the project, or api")
    keywords = [word.strip() for word in given.keywords]
    for number, word in enumerate(keywords):
        if not 1 <= len(word) <= MAX_KEYWORD:
            raise Invalid(f"conditions.keywords[{number}]", f"must have 1 to {MAX_KEYWORD} characters")
    return msgspec.json.encode(msgspec.structs.replace(given, keywords=keywords)).decode()


def _is_widget_of(tx: Transaction, access: Access, project_id: str, widget_id: str) -> bool:
    try:
        return project_of_widget(tx, access, widget_id) == project_id
    except NotFound:
        return False


def _defaults(tx: Transaction, access: Access, workflow: WorkflowRow, given: IntakeDefaults) -> dict[str, Any]:
    if given.status is not None:
        chosen_status(workflow.statuses, given.status, "defaults.status")
    check_member(tx, access, given.assignee_id, "defaults.assigneeId")
    return {
        "default_status": given.status,
        "default_priority": given.priority,
        **assignee_columns(access.workspace_id, given.assignee_id),
    }
