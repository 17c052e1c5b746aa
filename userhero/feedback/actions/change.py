"""Changing an item: status, priority, people, deadline and the rest."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET

from userhero.customers import Contact, find_phone, identify
from userhero.feedback import values
from userhero.feedback.actions.breach import Missed, announce_breaches
from userhero.feedback.deadlines import changed_deadline, is_missed, sla_of
from userhero.feedback.fields import KEY as FIELDS
from userhero.feedback.fields import with_checked_fields
from userhero.feedback.privacy import kept_metadata, privacy
from userhero.feedback.promotion import Sender, promoted
from userhero.feedback.queries import get_row
from userhero.feedback.tables import feedback
from userhero.feedback.types import FeedbackChange, FeedbackRow, FeedbackUpdated
from userhero.feedback.words import index_feedback
from userhero.kernel.actor import Actor
from userhero.kernel.db import Changes, Transaction
from userhero.kernel.errors import Invalid
from userhero.kernel.events import emit
from userhero.projects import (
    SYSTEM_IDS,
    Category,
    ProjectRow,
    Status,
    get_in_workspace,
    hold_statuses,
    statuses,
)
from userhero.workspaces import Access, find_member

_decode = msgspec.json.Decoder(dict[str, Any]).decode
_list = msgspec.json.Decoder(list[str]).decode
_changes = Changes(feedback)
_NOTHING: Mapping[str, Any] = {}

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


def change_feedback(tx: Transaction, actor: Actor, feedback_id: str, change: FeedbackChange) -> None:
    """Change an item. A change to what is there already changes nothing and announces nothing.

    Raises NotFound, or Invalid for an unknown status, a stranger as assignee or watcher, or a value that breaks a rule.
    """
    access, row = get_row(tx, actor, feedback_id, change.workspace_id)
    changed, missed = apply_change(tx, access, row, change)
    if changed:
        _announce(tx, actor, row, changed)
    if missed:
        _announce_breach(tx, row, changed)


def apply_change(
    tx: Transaction, access: Access, row: FeedbackRow, change: FeedbackChange, others: Mapping[str, Any] = _NOTHING
) -> tuple[dict[str, Any], bool]:
    """Change an item, whose row is locked, and tell nobody; ``others`` are columns to be set as they are given if
    anything is. Returns the columns that have another value now, and whether the item's deadline is missed by that.
    """
    project = get_in_workspace(tx, access, row.project_id)
    wanted = {
        **_words(change),
        **_status(tx, project, change),
        **_people(tx, access, change),
        **_metadata(tx, project, row, change),
    }
    category = wanted.get("status_category", row.status_category)
    wanted |= changed_deadline(sla_of(project), row, change, category, tx.now)
    changed = {name: value for name, value in wanted.items() if value != getattr(row, name)}
    if not changed and not others:
        return {}, False
    missed = not row.sla_breached and is_missed(changed.get("due_date", row.due_date), category, tx.now)
    _changes.apply(tx, row.id, {**others, **changed, **_follows(tx, project, changed, missed=missed)})
    if "message" in changed:
        index_feedback(tx, row.id)
    return changed, missed


def _follows(tx: Transaction, project: ProjectRow, changed: dict[str, Any], *, missed: bool) -> dict[str, Any]:
    """What the item's row notes beside what was changed."""
    found: dict[str, Any] = {"sla_breached": True} if missed else {}
    if changed.get("status_category") == "resolved":
        found["resolved_at"] = tx.now
    if "due_date" in changed:
        found["warn_at"] = sla_of(project).warn_at(changed["due_date"])
    return found


def _words(change: FeedbackChange) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if change.category is not UNSET:
        found["category"] = values.category(change.category or None)
    if change.priority is not UNSET:
        found["priority"] = change.priority
    if change.is_public is not UNSET:
        found["is_public"] = change.is_public
    if isinstance(change.message, str):
        found["message"] = values.message(change.message)
    if isinstance(change.tags, list):
        found["tags"] = _json(values.tags(change.tags))
    return found


def _status(tx: Transaction, project: ProjectRow, change: FeedbackChange) -> dict[str, Any]:
    if change.status is UNSET:
        return {}
    known = _categories(statuses(project.statuses))
    if change.status not in SYSTEM_IDS:
        known = _categories(hold_statuses(tx, project.id))
    if change.status not in known:
        raise Invalid("status", f"is not a status of the project; it knows {', '.join(known)}")
    return {"status": change.status, "status_category": known[change.status]}


def _categories(known: tuple[Status, ...]) -> dict[str, Category]:
    return {status.id: status.category for status in known}


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


def _metadata(tx: Transaction, project: ProjectRow, row: FeedbackRow, change: FeedbackChange) -> dict[str, Any]:
    """Metadata is replaced whole. Who sent the item stays as it is known; where nobody is, the metadata may say."""
    if change.custom_metadata is UNSET:
        return {}
    values.check_size("customMetadata", change.custom_metadata)
    before = _decode(row.custom_metadata) if row.custom_metadata else {}
    metadata = with_checked_fields(project, change.custom_metadata, before=before.get(FIELDS))
    metadata = kept_metadata(privacy(project.privacy_settings), metadata)
    found: dict[str, Any] = {"custom_metadata": values.json_object(metadata)}
    if row.user_email is None and row.user_phone is None and row.customer_id is None:
        found |= _sender(tx, row, promoted(metadata, None))
    return found


def _sender(tx: Transaction, row: FeedbackRow, sender: Sender) -> dict[str, Any]:
    name = row.user_name or sender.name
    phone = None if sender.phone is None else find_phone(sender.phone)
    customer_id = identify(tx, row.workspace_id, Contact(sender.email, phone, name, row.source))
    return {"user_name": name, "user_email": sender.email, "user_phone": sender.phone, "customer_id": customer_id}


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


def _announce_breach(tx: Transaction, row: FeedbackRow, changed: dict[str, Any]) -> None:
    now = {name: changed.get(name, getattr(row, name)) for name in Missed.__struct_fields__}
    announce_breaches(tx, [Missed(**now)])


def _plain(name: str, value: Any) -> Any:
    return msgspec.json.decode(value) if name in _JSON and value is not None else value


def _json(value: list[str]) -> str:
    return msgspec.json.encode(value).decode()
