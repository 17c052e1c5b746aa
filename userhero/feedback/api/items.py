"""``/feedback``."""

from userhero.feedback import queries
from userhero.feedback.actions.change import change_feedback
from userhero.feedback.actions.remove import delete_feedback
from userhero.feedback.actions.submit import submit_feedback
from userhero.feedback.types import ByNumber, Feedback, FeedbackChange, FeedbackItem, FeedbackList, NewFeedback
from userhero.feedback.value_types import TicketNumber
from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction
from userhero.kernel.http.answers import Deleted, Json, Page
from userhero.kernel.http.inputs import Input
from userhero.kernel.http.routing import Routes

routes = Routes("Feedback")


@routes.get("/feedback", scope="feedback:read")
def list_items(tx: Transaction, actor: Actor, query: FeedbackList) -> Page[FeedbackItem]:
    """List feedback, newest first.

    Filters combine: an item must match all of them. `customField.<id>=value` filters by a select field of the project.
    """
    return Page(queries.list_feedback(tx, actor, query))


@routes.post(
    "/feedback",
    scope="feedback:write",
    example={
        "workspaceId": "ws_123",
        "projectId": "proj_456",
        "message": "Something is broken",
        "category": "bug",
        "userEmail": "user@example.com",
        "context": {"page": "/settings", "browser": "Chrome"},
    },
)
def create_item(tx: Transaction, actor: Actor, body: NewFeedback) -> Json[Feedback]:
    """Create feedback.

    The item gets the workspace's next ticket number and the status `new`. Where it carries an e-mail or a phone number,
    it is linked to the customer whose it is, who is made on first sight.
    """
    return Json(submit_feedback(tx, actor, body))


@routes.get("/feedback/{feedback_id}", scope="feedback:read")
def get_item(tx: Transaction, actor: Actor, feedback_id: str, query: Input) -> Json[Feedback]:
    """Get feedback with its conversation and internal notes."""
    return Json(queries.get_feedback(tx, actor, feedback_id, query.workspace_id))


@routes.get("/feedback/number/{ticket_number}", scope="feedback:read")
def get_item_by_number(tx: Transaction, actor: Actor, ticket_number: TicketNumber, query: ByNumber) -> Json[Feedback]:
    """Get feedback by its ticket number.

    Numbers are unique in a workspace. `245` and `%23245` (an encoded `#245`) find the same item.
    """
    return Json(queries.get_by_number(tx, actor, ticket_number, query.workspace_id))


@routes.patch(
    "/feedback/{feedback_id}",
    scope="feedback:write",
    example={"workspaceId": "ws_123", "status": "resolved", "priority": "high", "tags": ["critical"]},
)
def update_item(tx: Transaction, actor: Actor, feedback_id: str, body: FeedbackChange) -> Json[Feedback]:
    """Update feedback.

    Fields that are absent stay as they are; `null` clears a nullable one. Changing the priority moves `dueDate` along
    with the project's SLA rules, unless it was set by hand.
    """
    change_feedback(tx, actor, feedback_id, body)
    return Json(queries.render(tx, feedback_id))


@routes.delete("/feedback/{feedback_id}", scope="feedback:delete")
def delete_item(tx: Transaction, actor: Actor, feedback_id: str, query: Input) -> Deleted:
    """Delete feedback, with its conversation, notes and media. Its ticket number is not given again."""
    delete_feedback(tx, actor, feedback_id, query.workspace_id)
    return Deleted(feedback_id)
