"""What was changed about an item, in words."""

from typing import Any, NamedTuple

from userhero.dashboard.choices import Choices
from userhero.dashboard.wording import ago, day
from userhero.feedback import Change

_TITLES = {
    "status": "Status",
    "priority": "Priority",
    "assigneeId": "Assignee",
    "category": "Type",
    "tags": "Tags",
    "dueDate": "Due",
    "isPublic": "Public",
    "watcherIds": "Watchers",
    "message": "Message",
    "customMetadata": "Custom data",
}
# Too long, or not meant for reading: that they were changed says enough.
_LONG = frozenset({"message", "customMetadata"})
_MOST = 200


class Told(NamedTuple):
    """A change: who made it, when, and what was what (title, before, after)."""

    who: str
    since: str
    made_at: str
    changes: list[tuple[str, str, str]]


def told(changes: list[Change], choices: Choices, now: str) -> list[Told]:
    """Changes in words, in the order given. Those that show nothing are left out."""
    found = []
    for change in changes:
        values = [
            (title, _word(name, change.previous.get(name), choices), _word(name, change.changes[name], choices))
            for name, title in _TITLES.items()
            if name in change.changes
        ]
        if values:
            who = _who(change.actor_id, choices)
            found.append(Told(who, ago(now, change.made_at), change.made_at, values))
    return found


def _who(actor_id: str | None, choices: Choices) -> str:
    return "An automation" if actor_id in (None, "system") else choices.person(actor_id)


def _word(name: str, value: Any, choices: Choices) -> str:
    if name in _LONG:
        return ""
    if value in (None, "", []):
        return "none"
    if name == "status":
        return choices.status_label(str(value))
    if name == "assigneeId":
        return choices.person(str(value))
    if name == "watcherIds":
        return ", ".join(choices.person(each) for each in value)
    if name == "dueDate":
        return day(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (", ".join(value) if isinstance(value, list) else str(value))[:_MOST]
