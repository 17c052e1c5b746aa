"""The same change of many items that somebody selected."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from msgspec import UNSET

from userhero.dashboard.choices import PRIORITIES, Choices
from userhero.feedback import FeedbackChange, FeedbackFacts, change_feedback, hold_facts
from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction
from userhero.kernel.errors import Invalid, NotFound, Problem

MOST = 50
MAX_TAG = 50
_MARK = "item "
_NAMES = ("status", "priority", "assignee", "add_tag", "drop_tag")


class Outcome(NamedTuple):
    """How many items were changed, and why others were not."""

    changed: int
    refused: list[str]


def selected(form: Mapping[str, str]) -> list[str]:
    """The ids of the items whose box was ticked."""
    return [name.removeprefix(_MARK) for name in form if name.startswith(_MARK)][:MOST]


def check(form: Mapping[str, str], choices: Choices) -> dict[str, str]:
    """What to do, by name. Raises Invalid where nothing is selected or nothing is to be done, or for a wrong value."""
    if not selected(form):
        raise Invalid("selection", "Select at least one item first.")
    wanted = {name: value for name in _NAMES if (value := form.get(name, "").strip())}
    if not wanted:
        raise Invalid("selection", "Choose what to change about the selected items.")
    allowed: dict[str, Any] = {
        "status": choices.statuses,
        "priority": [*PRIORITIES, "none"],
        "assignee": ["none", *(each.user_id for each in choices.people)],
    }
    for name, value in wanted.items():
        if name in allowed and value not in allowed[name]:
            raise Invalid("selection", f"{name}: choose one of the list.")
        if len(value) > (MAX_TAG if "tag" in name else 100):
            raise Invalid("selection", f"A tag has {MAX_TAG} characters at the most.")
    return wanted


def apply(tx: Transaction, actor: Actor, workspace_id: str, ids: list[str], wanted: dict[str, str]) -> Outcome:
    """Change items one after the other. One that can't be changed stays as it is, and the others are changed."""
    changed = 0
    refused: list[str] = []
    # In one order, whoever asks: two who change the same items at once wait for each other, not both for ever.
    for feedback_id in sorted(ids):
        try:
            item = hold_facts(tx, actor, feedback_id, workspace_id)
        except NotFound:
            refused.append("An item is gone.")
            continue
        try:
            with tx.savepoint():
                change_feedback(tx, actor, feedback_id, _change(workspace_id, item, wanted))
            changed += 1
        except Problem as problem:
            refused.append(f"#{item.ticket_number}: {problem.message}")
    return Outcome(changed, refused)


def _change(workspace_id: str, item: FeedbackFacts, wanted: dict[str, str]) -> FeedbackChange:
    values: dict[str, Any] = {}
    if "status" in wanted:
        values["status"] = wanted["status"]
    for name, field in (("priority", "priority"), ("assignee", "assignee_id")):
        if name in wanted:
            values[field] = None if wanted[name] == "none" else wanted[name]
    before = item.tag_list()
    tags = [tag for tag in before if tag != wanted.get("drop_tag")]
    if "add_tag" in wanted and wanted["add_tag"] not in tags:
        tags.append(wanted["add_tag"])
    return FeedbackChange(workspace_id=workspace_id, **values, tags=UNSET if tags == before else tags)
