"""The columns of a board: three sets to start from, and what may become of them."""

from functools import lru_cache
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from userhero.kernel.errors import Invalid
from userhero.kernel.http.terms import a_text, described

Kind = Literal["issues", "tickets", "leads"]
Stage = Literal["todo", "active", "done", "canceled"]

MAX_STATUSES, MAX_LABEL = 20, 50


class WorkflowStatus(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A status of a workflow: a column of its board."""

    id: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=64,
            pattern=r"^[a-z0-9][a-z0-9_-]*\Z",
            description="Status ID, unique in the workflow.",
            examples=["in-progress"],
        ),
    ]
    label: Annotated[str, a_text("What people see, trimmed.", MAX_LABEL, example="In Progress")]
    category: Annotated[
        Stage,
        described(
            "What it means for the work: `todo` (nobody is at it), `active`, `done`, or `canceled` (ended without "
            "success).",
            example="active",
        ),
    ]


def _set(*entries: tuple[str, str, Stage]) -> tuple[WorkflowStatus, ...]:
    return tuple(WorkflowStatus(*entry) for entry in entries)


SETS: dict[Kind, tuple[WorkflowStatus, ...]] = {
    "issues": _set(
        ("open", "Open", "todo"),
        ("in-progress", "In Progress", "active"),
        ("resolved", "Resolved", "done"),
        ("closed", "Closed", "canceled"),
    ),
    "tickets": _set(
        ("new", "New", "todo"),
        ("awaiting-response", "Awaiting Response", "todo"),
        ("in-progress", "In Progress", "active"),
        ("resolved", "Resolved", "done"),
        ("closed", "Closed", "canceled"),
    ),
    "leads": _set(
        ("new", "New", "todo"),
        ("contacted", "Contacted", "active"),
        ("qualified", "Qualified", "active"),
        ("proposal", "Proposal", "active"),
        ("won", "Won", "done"),
        ("lost", "Lost", "canceled"),
    ),
}

_decode = msgspec.json.Decoder(tuple[WorkflowStatus, ...]).decode


@lru_cache(maxsize=512)
def statuses(stored: str) -> tuple[WorkflowStatus, ...]:
    """A workflow's statuses, in order, from their stored text."""
    return _decode(stored)


def encoded(given: tuple[WorkflowStatus, ...]) -> str:
    """The statuses as they are stored and shown."""
    return msgspec.json.encode(given).decode()


def checked_statuses(given: list[WorkflowStatus]) -> tuple[WorkflowStatus, ...]:
    """The statuses as they are kept, labels trimmed. Raises Invalid for a bad label, or an id that comes twice."""
    found: dict[str, WorkflowStatus] = {}
    for number, status in enumerate(given):
        label = status.label.strip()
        if not 1 <= len(label) <= MAX_LABEL:
            raise Invalid(f"statuses[{number}].label", f"must have 1 to {MAX_LABEL} characters")
        if status.id in found:
            raise Invalid(f"statuses[{number}].id", f"{status.id} is the id of another status already")
        found[status.id] = msgspec.structs.replace(status, label=label)
    return tuple(found.values())


def chosen_status(stored: str, wanted: str | None, field: str) -> str:
    """``wanted``, or the first status where that is None. Raises Invalid where the workflow does not know it."""
    known = [status.id for status in statuses(stored)]
    if wanted is None:
        return known[0]
    if wanted not in known:
        raise Invalid(field, f"is not a status of the workflow; it knows {', '.join(known)}")
    return wanted
