"""Putting items on a board: from feedback, or by hand."""

from typing import Any

import msgspec
from msgspec import UNSET
from sqlalchemy import bindparam, select, update

from userhero.feedback import FeedbackExcerpt, hold_excerpt
from userhero.kernel import ids
from userhero.kernel.actor import Actor
from userhero.kernel.db import Statement, Transaction, insertion
from userhero.kernel.errors import Conflict, Invalid, NotFound
from userhero.workflows.actions import place
from userhero.workflows.actions.activity import record
from userhero.workflows.actions.words import assignee_columns, check_member, optional_text, title_text
from userhero.workflows.item_queries import render_item
from userhero.workflows.item_types import MAX_DESCRIPTION, MAX_TITLE, NewItem, Snapshot
from userhero.workflows.queries import get_row
from userhero.workflows.statuses import chosen_status
from userhero.workflows.tables import workflow_items, workflows
from userhero.workflows.types import WorkflowRow

_i = workflow_items
_INSERT = insertion(
    workflow_items, "id", "workspace_id", "workflow_id", "feedback_id", "title", "description", "status", "priority",
    "assignee_workspace_id", "assignee_id", "position", "snapshot", "created_at", "updated_at",
)  # fmt: skip
_EXISTING = Statement(
    select(_i.c.id).where(_i.c.feedback_id == bindparam("feedback"), _i.c.workflow_id == bindparam("workflow"))
)
_COUNT = Statement(
    update(workflows)
    .where(workflows.c.id == bindparam("workflow"))
    .values(item_count=workflows.c.item_count + bindparam("more"))
)


def create_item(tx: Transaction, actor: Actor, workflow_id: str, new: NewItem) -> str:
    """A new item at the end of its column, as JSON.

    Raises NotFound for an unknown workflow or feedback item, Invalid where a value breaks a rule, Conflict where the
    feedback is on the board already.
    """
    # The answer quotes it: it is to be forgotten with it.
    tx.subject = new.feedback_id
    access, workflow = get_row(tx, actor, workflow_id, new.workspace_id, held=False)
    # The feedback before the board: whoever has to hold both does it in this order.
    excerpt = None if new.feedback_id is None else _excerpt(tx, actor, workflow, new.feedback_id)
    _, workflow = get_row(tx, actor, workflow_id, new.workspace_id, held=True)
    check_member(tx, access, new.assignee_id, "assigneeId")
    values = {
        "title": _title(new, excerpt),
        "description": optional_text("description", new.description, MAX_DESCRIPTION),
        "status": chosen_status(workflow.statuses, new.status, "status"),
        "priority": new.priority,
        **assignee_columns(access.workspace_id, new.assignee_id),
    }
    existing = None if excerpt is None else _find_existing(tx, workflow, excerpt.id)
    if existing is not None:
        raise Conflict(f"The feedback is in this workflow already, as {existing}.")
    return render_item(tx, put(tx, actor, workflow, values, excerpt))


def move_to_workflow(tx: Transaction, actor: Actor, workflow_id: str, feedback_id: str) -> None:
    """Put a feedback item at the end of the first column of a workflow of its project; where it is on the board
    already it stays where it is. Raises NotFound where either is gone, or belongs to another project.
    """
    add_feedback(tx, actor, workflow_id, hold_excerpt(tx, actor, feedback_id, UNSET), {})


def add_feedback(
    tx: Transaction, actor: Actor, workflow_id: str, excerpt: FeedbackExcerpt, defaults: dict[str, Any]
) -> None:
    """Put feedback that the unit holds on a board of its project, with ``defaults`` for the item's columns; nothing
    where it is there already. Raises NotFound for any other workflow.
    """
    _, workflow = get_row(tx, actor, workflow_id, excerpt.workspace_id, held=True)
    if workflow.project_id != excerpt.project_id:
        raise NotFound("Workflow not found")
    if _find_existing(tx, workflow, excerpt.id) is not None:
        return
    values = {
        "title": first_line(excerpt.message),
        "description": None,
        "status": chosen_status(workflow.statuses, None, "status"),
        "priority": None,
        **assignee_columns(workflow.workspace_id, None),
        **defaults,
    }
    put(tx, actor, workflow, values, excerpt)


def put(
    tx: Transaction, actor: Actor, workflow: WorkflowRow, values: dict[str, Any], excerpt: FeedbackExcerpt | None
) -> str:
    """Write a new item with these columns at the end of a board that the unit holds; returns its id."""
    item_id = ids.new("wfi")
    tx.run(
        _INSERT,
        id=item_id,
        workspace_id=workflow.workspace_id,
        workflow_id=workflow.id,
        feedback_id=None if excerpt is None else excerpt.id,
        position=place.at_end(tx, workflow.id),
        snapshot=None if excerpt is None else _snapshot(excerpt),
        created_at=tx.now,
        updated_at=tx.now,
        **values,
    )
    count_items(tx, workflow.id, 1)
    record(tx, actor, workflow.workspace_id, item_id)
    return item_id


def count_items(tx: Transaction, workflow_id: str, more: int) -> None:
    """Note that the board has so many more items."""
    tx.run(_COUNT, workflow=workflow_id, more=more)


def first_line(message: str) -> str:
    """The first line of a message that has words in it, cut to what a title may have."""
    line = next(line for line in message.splitlines() if line.strip())
    return line.strip()[:MAX_TITLE].rstrip()


def _title(new: NewItem, excerpt: FeedbackExcerpt | None) -> str:
    if new.title is not None:
        return title_text(new.title)
    if excerpt is None:
        raise Invalid("title", "is required where there is no feedbackId")
    return first_line(excerpt.message)


def _excerpt(tx: Transaction, actor: Actor, workflow: WorkflowRow, feedback_id: str) -> FeedbackExcerpt:
    excerpt = hold_excerpt(tx, actor, feedback_id, workflow.workspace_id)
    if excerpt.project_id != workflow.project_id:
        raise NotFound("Feedback item not found")
    return excerpt


def _find_existing(tx: Transaction, workflow: WorkflowRow, feedback_id: str) -> str | None:
    found: str | None = tx.value(_EXISTING, feedback=feedback_id, workflow=workflow.id)
    return found


def _snapshot(excerpt: FeedbackExcerpt) -> str:
    snapshot = Snapshot(
        message=excerpt.message,
        category=excerpt.category,
        rating=excerpt.rating,
        screenshot_url=excerpt.screenshot_url,
        page_url=excerpt.page_url(),
    )
    return msgspec.json.encode(snapshot).decode()
