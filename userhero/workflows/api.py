"""``/workflows``: boards, the items on them, and the rules that put feedback there."""

from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction
from userhero.kernel.http.answers import Deleted, Everything, Json, Page, Whole
from userhero.kernel.http.inputs import Input
from userhero.kernel.http.routing import Routes
from userhero.workflows import item_queries, queries, rule_queries
from userhero.workflows.actions import add, change, rules, save
from userhero.workflows.item_types import Activity, ActivityList, ItemChange, ItemList, NewItem, WorkflowItem
from userhero.workflows.rule_types import IntakeRule, NewRule, RuleChange
from userhero.workflows.types import NewWorkflow, Workflow, WorkflowChange, WorkflowList

routes = Routes("Workflows")


@routes.get("/workflows", scope="automations:read")
def list_workflows(tx: Transaction, actor: Actor, query: WorkflowList) -> Whole[Workflow]:
    """List the workflows of a project or a workspace, newest first.

    All of them come at once, up to 1,000; `page`, `pageSize` or `cursor` ask for a part.
    """
    return Whole(queries.list_workflows(tx, actor, query), paged=query.paged)


@routes.post(
    "/workflows",
    scope="automations:write",
    example={"projectId": "proj_456", "name": "Bugs", "type": "issues"},
)
def create_workflow(tx: Transaction, actor: Actor, body: NewWorkflow) -> Json[Workflow]:
    """Create a workflow.

    Its type decides the statuses that it starts with.
    """
    return Json(save.create_workflow(tx, actor, body))


@routes.get("/workflows/{workflow_id}", scope="automations:read")
def get_workflow(tx: Transaction, actor: Actor, workflow_id: str, query: Input) -> Json[Workflow]:
    """Get a workflow."""
    return Json(queries.get_workflow(tx, actor, workflow_id, query.workspace_id))


@routes.patch("/workflows/{workflow_id}", scope="automations:write", example={"name": "Bugs of the app"})
def update_workflow(tx: Transaction, actor: Actor, workflow_id: str, body: WorkflowChange) -> Json[Workflow]:
    """Update a workflow.

    Statuses are replaced whole: add columns, rename or reorder them. One that is in use must stay.
    """
    return Json(save.change_workflow(tx, actor, workflow_id, body))


@routes.delete("/workflows/{workflow_id}", scope="automations:write")
def delete_workflow(tx: Transaction, actor: Actor, workflow_id: str, query: Input) -> Deleted:
    """Delete a workflow with its items and intake rules. The feedback that items came from stays."""
    save.delete_workflow(tx, actor, workflow_id, query.workspace_id)
    return Deleted(workflow_id)


@routes.get("/workflows/{workflow_id}/items", scope="automations:read")
def list_workflow_items(tx: Transaction, actor: Actor, workflow_id: str, query: ItemList) -> Page[WorkflowItem]:
    """List the items of a workflow in the order of its board.

    With `status` it is a column from top to bottom.
    """
    return Page(item_queries.list_items(tx, actor, workflow_id, query))


@routes.post(
    "/workflows/{workflow_id}/items",
    scope="automations:write",
    example={"feedbackId": "feedback_abc123", "priority": "high"},
)
def create_workflow_item(tx: Transaction, actor: Actor, workflow_id: str, body: NewItem) -> Json[WorkflowItem]:
    """Put an item at the end of a column: from feedback, or by hand.

    Feedback is on a board once: adding it again answers `409`.
    """
    return Json(add.create_item(tx, actor, workflow_id, body))


@routes.get("/workflows/{workflow_id}/items/{item_id}", scope="automations:read")
def get_workflow_item(
    tx: Transaction, actor: Actor, workflow_id: str, item_id: str, query: Input
) -> Json[WorkflowItem]:
    """Get an item of a workflow."""
    return Json(item_queries.get_item(tx, actor, workflow_id, item_id, query.workspace_id))


@routes.patch(
    "/workflows/{workflow_id}/items/{item_id}",
    scope="automations:write",
    example={"status": "in-progress", "after": None},
)
def update_workflow_item(
    tx: Transaction, actor: Actor, workflow_id: str, item_id: str, body: ItemChange
) -> Json[WorkflowItem]:
    """Update an item, or move it.

    A new `status` moves it to the end of another column; `before` or `after` says where in the column it goes.
    """
    return Json(change.change_item(tx, actor, workflow_id, item_id, body))


@routes.delete("/workflows/{workflow_id}/items/{item_id}", scope="automations:write")
def delete_workflow_item(tx: Transaction, actor: Actor, workflow_id: str, item_id: str, query: Input) -> Deleted:
    """Delete an item with its activity. The feedback that it came from stays."""
    change.delete_item(tx, actor, workflow_id, item_id, query.workspace_id)
    return Deleted(item_id)


@routes.get("/workflows/{workflow_id}/items/{item_id}/activity", scope="automations:read")
def list_workflow_item_activity(
    tx: Transaction, actor: Actor, workflow_id: str, item_id: str, query: ActivityList
) -> Page[Activity]:
    """List what was done to an item, newest first. It is kept for a year."""
    return Page(item_queries.list_activity(tx, actor, workflow_id, item_id, query))


@routes.get("/workflows/{workflow_id}/intake-rules", scope="automations:read")
def list_intake_rules(tx: Transaction, actor: Actor, workflow_id: str, query: Input) -> Everything[IntakeRule]:
    """List the intake rules of a workflow, in the order in which they are tried."""
    return Everything(rule_queries.list_rules(tx, actor, workflow_id, query.workspace_id))


@routes.post(
    "/workflows/{workflow_id}/intake-rules",
    scope="automations:write",
    example={"name": "Bugs from the app", "conditions": {"categories": ["bug"]}, "defaults": {"priority": "high"}},
)
def create_intake_rule(tx: Transaction, actor: Actor, workflow_id: str, body: NewRule) -> Json[IntakeRule]:
    """Create an intake rule.

    Each new feedback item is held against the rules of all workflows of its project, by priority; the first that
    matches puts it on its board.
    """
    return Json(rules.create_rule(tx, actor, workflow_id, body))


@routes.get("/workflows/{workflow_id}/intake-rules/{rule_id}", scope="automations:read")
def get_intake_rule(tx: Transaction, actor: Actor, workflow_id: str, rule_id: str, query: Input) -> Json[IntakeRule]:
    """Get an intake rule."""
    return Json(rule_queries.get_rule(tx, actor, workflow_id, rule_id, query.workspace_id))


@routes.patch(
    "/workflows/{workflow_id}/intake-rules/{rule_id}",
    scope="automations:write",
    example={"enabled": False},
)
def update_intake_rule(
    tx: Transaction, actor: Actor, workflow_id: str, rule_id: str, body: RuleChange
) -> Json[IntakeRule]:
    """Update an intake rule.

    Conditions and defaults are replaced whole.
    """
    return Json(rules.change_rule(tx, actor, workflow_id, rule_id, body))


@routes.delete("/workflows/{workflow_id}/intake-rules/{rule_id}", scope="automations:write")
def delete_intake_rule(tx: Transaction, actor: Actor, workflow_id: str, rule_id: str, query: Input) -> Deleted:
    """Delete an intake rule. The items that it made stay."""
    rules.delete_rule(tx, actor, workflow_id, rule_id, query.workspace_id)
    return Deleted(rule_id)
