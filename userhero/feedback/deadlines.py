"""When an item is due, and what its status and its pauses do to that.

The clock of a deadline runs in the category ``open`` and stands still in ``pending``: leaving ``pending`` moves the
deadline by the time spent there, working time where the project has a calendar. Rules and calendars that change later
touch no deadline that was reckoned before. The first answer has a deadline of its own, which the item does not show.
"""

from typing import Any

from msgspec import UNSET

from userhero.feedback import values
from userhero.feedback.types import FeedbackChange, FeedbackRow
from userhero.projects import Category, Priority, ProjectRow, Sla, sla


def sla_of(project: ProjectRow) -> Sla:
    """What a project promises."""
    return sla(project.sla_rules, project.sla_calendar, project.sla_warning_minutes)


def first_deadlines(project: ProjectRow, priority: Priority | None, created_at: str) -> dict[str, Any]:
    """The deadlines of a new item, and when to warn of the one that it shows."""
    if project.sla_rules == "[]":
        return {"due_date": None, "warn_at": None, "response_due_at": None}
    promised = sla_of(project)
    due = promised.due(priority, created_at)
    return {
        "due_date": due,
        "warn_at": promised.warn_at(due),
        "response_due_at": promised.response_due(priority, created_at),
    }


def changed_deadline(
    promised: Sla, row: FeedbackRow, change: FeedbackChange, category: Category, now: str
) -> dict[str, Any]:
    """What a change of an item does to its deadlines and its pauses; ``category`` is where its status leads.

    A date given by hand stays what it is, but for pauses that come later. ``null`` takes the date away and leaves the
    next one to the rules. Raises Invalid where ``dueDate`` is no time.
    """
    found = _chosen(promised, row, change)
    if row.status_category == "pending":
        found |= _after_pause(promised, row, found, leaving=category != "pending", now=now)
    elif category == "pending":
        found["pending_since"] = now
    return found


def is_missed(due: str | None, category: Category, now: str) -> bool:
    """Whether a deadline has passed while its clock runs."""
    return due is not None and category == "open" and due <= now


def _chosen(promised: Sla, row: FeedbackRow, change: FeedbackChange) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if change.priority is not UNSET and change.priority != row.priority:
        found["response_due_at"] = promised.response_due(change.priority, row.created_at, row.paused_ms)
        if not row.due_date_by_hand:
            found["due_date"] = promised.due(change.priority, row.created_at, row.paused_ms)
    if change.due_date is not UNSET:
        by_hand = values.time("dueDate", change.due_date)
        found |= {"due_date": by_hand, "due_date_by_hand": by_hand is not None}
    return found


def _after_pause(promised: Sla, row: FeedbackRow, found: dict[str, Any], *, leaving: bool, now: str) -> dict[str, Any]:
    """The pause that ends here: because the item leaves ``pending``, or because a new date starts a new count."""
    by_hand = "due_date_by_hand" in found
    if not leaving and not by_hand:
        return {}
    waited = promised.pause(row.pending_since, now)
    ended: dict[str, Any] = {"paused_ms": row.paused_ms + waited, "pending_since": None if leaving else now}
    # A date by hand was meant as it is; the others are moved.
    for name in ("response_due_at",) if by_hand else ("due_date", "response_due_at"):
        due = found.get(name, getattr(row, name))
        if due is not None:
            ended[name] = promised.moved(due, waited)
    return ended
