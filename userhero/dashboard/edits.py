"""Changing an item by a form that says what each field was when it was opened."""

from collections.abc import Mapping
from typing import Any

from userhero.dashboard.choices import PRIORITIES
from userhero.feedback import Feedback, FeedbackChange
from userhero.kernel import clock
from userhero.kernel.errors import Conflict, Invalid

FIELDS = ("status", "priority", "assignee", "type", "tags", "due")
WAS = "was "
_MAX_TYPE = 64


class Stale(Conflict):
    """Somebody else has changed or said something since the form was opened. ``fields`` are those concerned."""

    def __init__(self, message: str, fields: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.fields = fields


def shown(item: Feedback) -> dict[str, str]:
    """The fields of the form as the item has them now."""
    return {
        "status": item.status,
        "priority": item.priority or "",
        "assignee": item.assignee_id or "",
        "type": item.category or "",
        "tags": ", ".join(item.tags),
        "due": (item.due_date or "")[:16],
    }


def change_of(item: Feedback, form: Mapping[str, str]) -> FeedbackChange:
    """What a form changes: only fields that were edited, so that nobody undoes what others did meanwhile.

    Raises Stale where a field that was edited has another value by now than the form began with; Invalid for values
    that break a rule.
    """
    now = shown(item)
    edited = {name: form[name].strip() for name in FIELDS if name in form and form[name] != form.get(WAS + name)}
    edited = {name: value for name, value in edited.items() if value != now[name]}
    stale = tuple(name for name in edited if form.get(WAS + name) != now[name])
    if stale:
        raise Stale("Somebody else has changed this meanwhile.", stale)
    values: dict[str, Any] = {}
    for name, value in edited.items():
        values |= _value(name, value, item)
    return FeedbackChange(workspace_id=item.workspace_id, **values)


def _value(name: str, value: str, item: Feedback) -> dict[str, Any]:
    if name == "priority" and value and value not in PRIORITIES:
        raise Invalid("priority", "must be one of the choices")
    if name == "type" and len(value) > _MAX_TYPE:
        raise Invalid("type", f"must have {_MAX_TYPE} characters at the most")
    if name == "tags":
        return {"tags": _tags(value, item.tags)}
    if name == "due":
        return {"due_date": _due(value)}
    column = {"assignee": "assignee_id", "type": "category"}.get(name, name)
    return {column: value if name == "status" else value or None}


def _tags(text: str, before: list[str]) -> list[str]:
    """The tags between commas; one that has a comma itself stays whole."""
    kept = []
    # The longest first: one may be a part of another.
    for tag in sorted((tag for tag in before if "," in tag), key=len, reverse=True):
        if tag in text:
            kept.append(tag)
            text = text.replace(tag, "")
    return [*kept, *(tag for part in text.split(",") if (tag := part.strip()))]


def _due(text: str) -> str | None:
    try:
        return clock.parse(text) if text else None
    except ValueError:
        raise Invalid("dueDate", "must be a date and a time, such as 2026-05-30T10:00") from None
