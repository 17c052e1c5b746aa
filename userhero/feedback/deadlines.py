"""When an item is due, and what its status and its pauses do to that.

The clock of a deadline runs in the category ``open`` and stands still in ``pending``: leaving ``pending`` moves the
deadline by the time spent there. Rules that change later touch no item that is there already.
"""

from typing import Any

import msgspec
from msgspec import UNSET

from userhero.feedback import values
from userhero.feedback.types import FeedbackChange, FeedbackRow
from userhero.kernel import clock
from userhero.projects import Category, Priority, SlaRule

_rules = msgspec.json.Decoder(list[SlaRule]).decode


def due_date(rules: str, priority: Priority | None, created_at: str, paused_ms: int = 0) -> str | None:
    """``createdAt`` plus the hours of the project's rule for the priority, and plus what the clock stood still so far;
    None where there is no rule.
    """
    if priority is None or rules == "[]":
        return None
    hours = next((rule.hours for rule in _rules(rules) if rule.priority == priority), 0)
    return clock.shift(created_at, hours=hours, milliseconds=paused_ms) if hours else None


def changed_deadline(
    rules: str, row: FeedbackRow, change: FeedbackChange, category: Category, now: str
) -> dict[str, Any]:
    """What a change of an item does to its deadline and its pauses; ``category`` is where its status leads.

    A date given by hand stays what it is, but for pauses that come later. ``null`` takes the date away and leaves the
    next one to the rules. Raises Invalid where ``dueDate`` is no time.
    """
    found = _chosen(rules, row, change)
    if row.status_category == "pending":
        found |= _after_pause(row, found, by_hand="due_date_by_hand" in found, leaving=category != "pending", now=now)
    elif category == "pending":
        found["pending_since"] = now
    return found


def is_missed(due: str | None, category: Category, now: str) -> bool:
    """Whether a deadline has passed while its clock runs."""
    return due is not None and category == "open" and due <= now


def moved(due: str, milliseconds: int) -> str:
    """A deadline moved on; at the end of the calendar it stays where it is."""
    try:
        return clock.shift(due, milliseconds=milliseconds)
    except OverflowError:
        return due


def pause(since: str | None, now: str) -> int:
    """How long the clock has stood still, in milliseconds; never negative, whatever other clocks did meanwhile."""
    return 0 if since is None else max(0, round((clock.unix(now) - clock.unix(since)) * 1000))


def _chosen(rules: str, row: FeedbackRow, change: FeedbackChange) -> dict[str, Any]:
    if change.due_date is not UNSET:
        by_hand = values.time("dueDate", change.due_date)
        return {"due_date": by_hand, "due_date_by_hand": by_hand is not None}
    if change.priority is UNSET or change.priority == row.priority or row.due_date_by_hand:
        return {}
    return {"due_date": due_date(rules, change.priority, row.created_at, row.paused_ms)}


def _after_pause(row: FeedbackRow, found: dict[str, Any], *, by_hand: bool, leaving: bool, now: str) -> dict[str, Any]:
    """The pause that ends here: because the item leaves ``pending``, or because a new date starts a new count."""
    if not leaving and not by_hand:
        return {}
    waited = pause(row.pending_since, now)
    ended: dict[str, Any] = {"paused_ms": row.paused_ms + waited, "pending_since": None if leaving else now}
    due = found.get("due_date", row.due_date)
    if due is not None and not by_hand:
        ended["due_date"] = moved(due, waited)
    return ended
