"""What conditions and texts can know of an item, looked up only where they ask for it."""

from collections.abc import Callable
from typing import Any

from userhero.automations.fields import CUSTOM, METADATA, path_of
from userhero.feedback import FeedbackFacts
from userhero.kernel.db import Transaction
from userhero.projects import find_template

_PLAIN: dict[str, Callable[[FeedbackFacts], Any]] = {
    "category": lambda item: item.category,
    "priority": lambda item: item.priority,
    "status": lambda item: item.status,
    "statusCategory": lambda item: item.status_category,
    "widgetId": lambda item: item.widget_id,
    "message": lambda item: item.message,
    "tags": lambda item: item.tag_list(),
    "rating": lambda item: item.rating,
    "userEmail": lambda item: item.user_email,
    "assigneeId": lambda item: item.assignee_id,
    "isPublic": lambda item: item.is_public,
    "votes": lambda item: item.votes,
    "source": lambda item: item.source,
    "createdAt": lambda item: item.created_at,
    "updatedAt": lambda item: item.updated_at,
    "lastCustomerReplyAt": lambda item: item.last_customer_reply_at,
}


def values_for(tx: Transaction, item: FeedbackFacts, fields: set[str]) -> dict[str, Any]:
    """The item's value, or None, for each of ``fields``."""
    metadata = item.metadata() if any(field.startswith((CUSTOM, METADATA)) for field in fields) else {}
    found: dict[str, Any] = {}
    for field in fields:
        if field == "template":
            found[field] = find_template(tx, item.widget_id)
        elif field in _PLAIN:
            found[field] = _PLAIN[field](item)
        else:
            found[field] = _inside(metadata, path_of(field))
    return found


def words_for(item: FeedbackFacts, automation_name: str) -> dict[str, str]:
    """The texts that stand for placeholders; what is not set is an empty one."""
    known = {
        "feedback.id": item.id,
        "feedback.ticketNumber": item.ticket_number,
        "feedback.message": item.message,
        "feedback.category": item.category,
        "feedback.priority": item.priority,
        "feedback.status": item.status,
        "feedback.rating": None if item.rating is None else f"{item.rating:g}",
        "feedback.userEmail": item.user_email,
        "feedback.userName": item.user_name,
        "feedback.createdAt": item.created_at,
        "automation.name": automation_name,
    }
    return {name: "" if value is None else str(value) for name, value in known.items()}


def _inside(metadata: Any, path: list[str]) -> Any:
    for key in path:
        metadata = metadata.get(key) if isinstance(metadata, dict) else None
    return metadata
