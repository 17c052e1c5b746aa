"""``/automations``. This family knows no ``data`` envelope."""

from userhero.automations import dry_runs, queries
from userhero.automations.actions import save
from userhero.automations.actions.run import run_macro
from userhero.automations.types import (
    Automation,
    AutomationChange,
    AutomationList,
    AutomationPage,
    DraftRun,
    DryRun,
    DryRunResult,
    MacroRun,
    NewAutomation,
    RunHistory,
    RunResult,
)
from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction
from userhero.kernel.http.answers import Bare, Deleted
from userhero.kernel.http.inputs import Input
from userhero.kernel.http.routing import Routes

routes = Routes("Automations")


@routes.get("/automations", scope="automations:read")
def list_automations(tx: Transaction, actor: Actor, query: AutomationList) -> Bare[AutomationPage]:
    """List the automations of a project, by priority.

    `cursor` is the ID of the last automation of the page before.
    """
    return Bare(queries.list_automations(tx, actor, query))


@routes.post(
    "/automations",
    scope="automations:write",
    example={
        "projectId": "proj_456",
        "name": "Auto-assign billing",
        "scope": "feedback.created",
        "conditions": {
            "combinator": "and",
            "rules": [{"field": "category", "operator": "equals", "value": "billing"}],
        },
        "actions": [{"type": "assign_agent", "params": {"userId": "user_abc"}}],
    },
)
def create_automation(tx: Transaction, actor: Actor, body: NewAutomation) -> Bare[Automation]:
    """Create an automation.

    Active ones count against the workspace's plan.
    """
    return Bare(save.create_automation(tx, actor, body))


@routes.get("/automations/{automation_id}", scope="automations:read")
def get_automation(tx: Transaction, actor: Actor, automation_id: str, query: Input) -> Bare[Automation]:
    """Get an automation."""
    return Bare(queries.get_automation(tx, actor, automation_id, query.workspace_id))


@routes.patch(
    "/automations/{automation_id}",
    scope="automations:write",
    example={"enabled": False, "priority": 10},
)
def update_automation(tx: Transaction, actor: Actor, automation_id: str, body: AutomationChange) -> Bare[Automation]:
    """Update an automation.

    Conditions and actions are replaced whole. System-generated automations are read-only.
    """
    return Bare(save.change_automation(tx, actor, automation_id, body))


@routes.delete("/automations/{automation_id}", scope="automations:write")
def delete_automation(tx: Transaction, actor: Actor, automation_id: str, query: Input) -> Deleted:
    """Delete an automation and its history. What it did stays done."""
    save.delete_automation(tx, actor, automation_id, query.workspace_id)
    return Deleted(automation_id)


@routes.post(
    "/automations/{automation_id}/run",
    scope="automations:write",
    status=200,
    example={"feedbackId": "feedback_abc123"},
)
def run_automation(tx: Transaction, actor: Actor, automation_id: str, body: MacroRun) -> Bare[RunResult]:
    """Run a macro on a feedback item.

    The automation must have the scope `manual` and be active. An action that fails does not stop the others.
    """
    return Bare.of(run_macro(tx, actor, automation_id, body.feedback_id, body.workspace_id))


@routes.post(
    "/automations/{automation_id}/dry-run",
    scope="automations:read",
    status=200,
    example={"limit": 20},
)
def dry_run_automation(tx: Transaction, actor: Actor, automation_id: str, body: DryRun) -> Bare[DryRunResult]:
    """Find out which items an automation would match now, and why.

    It looks at the project's newest items, or at one. Nothing is done, and nothing recorded.
    """
    return Bare.of(dry_runs.try_automation(tx, actor, automation_id, body, body.workspace_id))


@routes.post(
    "/automations/dry-run",
    scope="automations:read",
    status=200,
    example={
        "projectId": "proj_456",
        "conditions": {
            "combinator": "and",
            "rules": [{"field": "message", "operator": "contains", "value": ["crash", "freeze"]}],
        },
    },
)
def dry_run_conditions(tx: Transaction, actor: Actor, body: DraftRun) -> Bare[DryRunResult]:
    """Find out which items conditions would match, before an automation with them is saved."""
    return Bare.of(dry_runs.try_draft(tx, actor, body))


@routes.get("/automations/{automation_id}/runs", scope="automations:read")
def list_automation_runs(tx: Transaction, actor: Actor, automation_id: str, query: Input) -> Bare[RunHistory]:
    """List the last 50 runs of an automation, newest first. They are kept for 30 days."""
    return Bare(queries.list_runs(tx, actor, automation_id, query.workspace_id))
