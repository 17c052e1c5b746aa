"""Making, changing and removing automations."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import bindparam, delete, func, select

from userhero.automations.actions.scan import first_scan
from userhero.automations.conditions import EVERYTHING, encoded, read_conditions
from userhero.automations.queries import count_in_project, get_project, get_row, render
from userhero.automations.steps import encode_actions
from userhero.automations.tables import automation_counts, automation_runs, automations
from userhero.automations.types import AutomationChange, AutomationRow, NewAutomation, Schedule, Scope
from userhero.automations.validation import check_actions
from userhero.kernel import audit, ids
from userhero.kernel.actor import Actor
from userhero.kernel.db import Changes, Statement, Transaction, insertion
from userhero.kernel.errors import Forbidden, Invalid
from userhero.workspaces import Access, check_limit, counts_usage, reach, reserve

MAX_NAME, MAX_IN_PROJECT = 200, 1000

_a = automations
_INSERT = insertion(
    automations, "id", "workspace_id", "project_id", "name", "scope", "enabled", "priority", "conditions", "actions",
    "schedule", "next_scan_at", "created_at", "updated_at",
)  # fmt: skip
_FORGET_RUNS = Statement(delete(automation_runs).where(automation_runs.c.automation_id == bindparam("automation")))
_FORGET_COUNTS = Statement(
    delete(automation_counts).where(automation_counts.c.automation_id == bindparam("automation"))
)
_DELETE = Statement(delete(_a).where(_a.c.id == bindparam("automation")))
_ACTIVE = Statement(
    select(func.count()).select_from(_a).where(_a.c.workspace_id == bindparam("workspace"), _a.c.enabled)
)
_changes = Changes(automations)
_encode = msgspec.json.Encoder().encode
_decode_schedule = msgspec.json.Decoder(Schedule).decode


def create_automation(tx: Transaction, actor: Actor, new: NewAutomation) -> str:
    """A new automation, as JSON.

    Raises NotFound for an unknown project, Invalid where a value breaks a rule, Forbidden where the plan allows no more
    active automations or the project has 1,000.
    """
    project = get_project(tx, actor, new.project_id, new.workspace_id)
    access = reach(tx, actor, project.workspace_id, new.workspace_id, "Project")
    conditions = EVERYTHING if new.conditions is None else read_conditions(new.conditions)
    actions = check_actions(tx, access, project.id, new.actions)
    name, schedule = _name(new.name), _schedule(new.scope, new.schedule)
    next_scan_at = _next_scan(tx, schedule) if new.enabled else None
    if count_in_project(tx, project.id) >= MAX_IN_PROJECT:
        raise Forbidden(f"A project has {MAX_IN_PROJECT} automations at the most.")
    if new.enabled:
        _check_plan(tx, access)
    automation_id = ids.new("auto")
    tx.run(
        _INSERT,
        id=automation_id,
        workspace_id=access.workspace_id,
        project_id=project.id,
        name=name,
        scope=new.scope,
        enabled=new.enabled,
        priority=new.priority,
        conditions=encoded(conditions),
        actions=encode_actions(actions),
        schedule=schedule,
        next_scan_at=next_scan_at,
        created_at=tx.now,
        updated_at=tx.now,
    )
    made = render(tx, automation_id)
    audit.record_change(tx, actor, access.workspace_id, "automation.created", after=made)
    return made


def change_automation(tx: Transaction, actor: Actor, automation_id: str, change: AutomationChange) -> str:
    """The automation after the change, as JSON. Raises NotFound, Invalid, or Forbidden as ``create_automation`` does,
    and for a system automation.
    """
    access, row = get_row(tx, actor, automation_id, change.workspace_id, locked=True)
    values: dict[str, Any] = _timing(row, change)
    if isinstance(change.name, str):
        values["name"] = _name(change.name)
    if change.priority is not UNSET:
        values["priority"] = change.priority
    if change.conditions is not UNSET:
        tree = EVERYTHING if change.conditions is None else read_conditions(change.conditions)
        values["conditions"] = encoded(tree)
    if isinstance(change.actions, list):
        values["actions"] = encode_actions(check_actions(tx, access, row.project_id, change.actions))
    if change.enabled is not UNSET:
        values["enabled"] = change.enabled
        if change.enabled and not row.enabled:
            _check_plan(tx, access)
    values |= _scanning(tx, row, values)
    shown = render(tx, row.id)
    if not values:
        return shown
    _changes.apply(tx, row.id, values)
    after = render(tx, row.id)
    audit.record_change(tx, actor, access.workspace_id, "automation.updated", before=shown, after=after)
    return after


def delete_automation(tx: Transaction, actor: Actor, automation_id: str, workspace_id: str | UnsetType) -> None:
    """Remove an automation with its history; what it did stays done. Raises NotFound, Forbidden for a system one."""
    access, row = get_row(tx, actor, automation_id, workspace_id, locked=True)
    shown = render(tx, row.id)
    for statement in (_FORGET_RUNS, _FORGET_COUNTS, _DELETE):
        tx.run(statement, automation=row.id)
    audit.record_change(tx, actor, access.workspace_id, "automation.deleted", before=shown)


@counts_usage("automations")
def count_active(tx: Transaction, workspace_id: str) -> tuple[int, ...]:
    """How many automations of the workspace are active: these count against the plan."""
    return (int(tx.value(_ACTIVE, workspace=workspace_id)),)


def _check_plan(tx: Transaction, access: Access) -> None:
    if reserve(tx, access, "automations"):
        (active,) = count_active(tx, access.workspace_id)
        check_limit(access, "automations", active + 1)


def _name(name: str) -> str:
    trimmed = name.strip()
    if not 1 <= len(trimmed) <= MAX_NAME:
        raise Invalid("name", f"must have 1 to {MAX_NAME} characters")
    return trimmed


def _timing(row: AutomationRow, change: AutomationChange) -> dict[str, Any]:
    """When it runs. A schedule goes by itself where the automation is scheduled no more."""
    if change.scope is UNSET and change.schedule is UNSET:
        return {}
    scope: Scope = row.scope if change.scope is UNSET else change.scope
    if change.schedule is not UNSET:
        return {"scope": scope, "schedule": _schedule(scope, change.schedule)}
    if scope == "time.scheduled" and row.schedule is not None:
        return {"scope": scope}
    return {"scope": scope, "schedule": _schedule(scope, None)}


def _scanning(tx: Transaction, row: AutomationRow, values: dict[str, Any]) -> dict[str, Any]:
    """When it looks at items next, where its timing changes: it starts anew then."""
    enabled, schedule = values.get("enabled", row.enabled), values.get("schedule", row.schedule)
    if (enabled, schedule) == (row.enabled, row.schedule):
        return {}
    return {"next_scan_at": _next_scan(tx, schedule) if enabled else None}


def _next_scan(tx: Transaction, schedule: str | None) -> str | None:
    return None if schedule is None else first_scan(_decode_schedule(schedule), tx.now)


def _schedule(scope: Scope, schedule: Schedule | None) -> str | None:
    if scope == "time.scheduled" and schedule is None:
        raise Invalid("schedule", "is required with the scope time.scheduled")
    if scope != "time.scheduled" and schedule is not None:
        raise Invalid("schedule", "goes with the scope time.scheduled only")
    return None if schedule is None else _encode(schedule).decode()
