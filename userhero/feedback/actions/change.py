"""Changing an item: status, priority, people, deadline and the rest."""

from typing import Any

import msgspec
from msgspec import UNSET

from userhero.feedback import values
from userhero.feedback.deadlines import due_date
from userhero.feedback.promotion import promoted
from userhero.feedback.queries import get_row, render
from userhero.feedback.tables import feedback
from userhero.feedback.types import FeedbackChange, FeedbackRow, FeedbackUpdated
from userhero.kernel.actor import Actor
from userhero.kernel.db import Changes, Transaction
from userhero.kernel.errors import Invalid
from userhero.kernel.events import emit
from userhero.projects import ProjectRow, Status, get_in_workspace
from userhero.workspaces import Access, enter_named, find_member

_statuses = msgspec.json.Decoder(list[Status]).decode
_list = msgspec.json.Decoder(list[str]).decode
_changes = Changes(feedback)

# What an event shows of a change, under the names of the API.
_SHOWN = {
    "status": "status",
    "status_category": "statusCategory",
    "category": "category",
    "tags": "tags",
    "priority": "priority",
    "assignee_id": "assigneeId",
    "due_date": "dueDate",
    "is_public": "isPublic",
    "watcher_ids": "watcherIds",
    "custom_metadata": "customMetadata",
    "message": "message",
}
_JSON = frozenset({"tags", "watcher_ids", "custom_metadata"})


def change_feedback(tx: Transaction, actor: Actor, feedback_id: str, change: FeedbackChange) -> str:
    """The item after the change, as JSON. A change to what is there already changes nothing and announces nothing.

    Raises NotFound, or Invalid for an unknown status, a stranger as assignee or watcher, or a value that breaks a rule.
    """
    enter_named(tx, actor, change.workspace_id)
    access, row = get_row(tx, actor, feedback_id, change.workspace_id)
    project = get_in_workspace(tx, access, row.project_id)
    wanted = {
        **_words(change),
        **_status(project, change),
        **_people(tx, access, change),
        **_deadline(project, row, change),
        **_metadata(row, change),
    }
    changed = {name: value for name, value in wanted.items() if value != getattr(row, name)}
    if not changed:
        return render(tx, row.id)
    _changes.apply(tx, row.id, changed)
    _announce(tx, actor, row, changed)
    return render(tx, row.id)


def _words(change: FeedbackChange) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if change.category is not UNSET:
        found["category"] = change.category
    if change.priority is not UNSET:
        found["priority"] = change.priority
    if change.is_public is not UNSET:
        found["is_public"] = change.is_public
    if isinstance(change.message, str):
        found["message"] = values.message(change.message)
    if isinstance(change.tags, list):
        found["tags"] = _json(values.tags(change.tags))
    return found


def _status(project: ProjectRow, change: FeedbackChange) -> dict[str, Any]:
    if change.status is UNSET:
        return {}
    known = {status.id: status.category for status in _statuses(project.statuses)}
    if change.status not in known:
        raise Invalid("status", f"is not a status of the project; it knows {', '.join(known)}")
    return {"status": change.status, "status_category": known[change.status]}


def _people(tx: Transaction, access: Access, change: FeedbackChange) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if change.assignee_id is not UNSET:
        if isinstance(change.assignee_id, str) and find_member(tx, access, change.assignee_id) is None:
            raise Invalid("assigneeId", "must be a member of the workspace")
        found["assignee_id"] = change.assignee_id
    if isinstance(change.watcher_ids, list):
        watchers = list(dict.fromkeys(change.watcher_ids))
        for watcher in watchers:
            if find_member(tx, access, watcher) is None:
                raise Invalid("watcherIds", "must be members of the workspace")
        found["watcher_ids"] = _json(watchers)
    return found


def _deadline(project: ProjectRow, row: FeedbackRow, change: FeedbackChange) -> dict[str, Any]:
    """A deadline set by hand stays; otherwise it follows the priority."""
    if change.due_date is not UNSET:
        by_hand = values.time("dueDate", change.due_date)
        if by_hand is not None:
            return {"due_date": by_hand, "due_date_by_hand": True}
        return {"due_date": None, "due_date_by_hand": change.due_date is None}
    if change.priority is UNSET or change.priority == row.priority or row.due_date_by_hand:
        return {}
    return {"due_date": due_date(project.sla_rules, change.priority or None, row.created_at)}


def _metadata(row: FeedbackRow, change: FeedbackChange) -> dict[str, Any]:
    """Metadata is replaced whole; what it says of the sender fills what is not known yet."""
    if change.custom_metadata is UNSET:
        return {}
    metadata = change.custom_metadata or None
    sender = promoted(metadata, row.user_email)
    return {
        "custom_metadata": values.json_object("customMetadata", metadata),
        "user_name": row.user_name or sender.name,
        "user_email": sender.email,
        "user_phone": row.user_phone or sender.phone,
    }


def _announce(tx: Transaction, actor: Actor, row: FeedbackRow, changed: dict[str, Any]) -> None:
    shown = [name for name in changed if name in _SHOWN]
    event = FeedbackUpdated(
        id=row.id,
        project_id=row.project_id,
        ticket_number=row.ticket_number,
        status=changed.get("status", row.status),
        changes={_SHOWN[name]: _plain(name, changed[name]) for name in shown},
        previous={_SHOWN[name]: _plain(name, getattr(row, name)) for name in shown},
        updated_at=tx.now,
    )
    emit(tx, row.workspace_id, event, actor_id=actor.user_id)


def _plain(name: str, value: Any) -> Any:
    return msgspec.json.decode(value) if name in _JSON and value is not None else value


def _json(value: list[str]) -> str:
    return msgspec.json.encode(value).decode()
