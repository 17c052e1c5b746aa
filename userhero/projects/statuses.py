"""The statuses of a project: the system's, which stay, and its own."""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

import msgspec
from msgspec import UNSET

from userhero.kernel.db import Transaction
from userhero.kernel.errors import Invalid
from userhero.projects.settings import SYSTEM_IDS, SYSTEM_STATUSES, Category, Status, StatusChange
from userhero.projects.slugs import slugs

_decode = msgspec.json.Decoder(list[Status]).decode
_SYSTEM = {status.id: status for status in SYSTEM_STATUSES}


class StatusesChanged(msgspec.Struct, frozen=True):
    """What a new list of statuses means for the items of a project: who is in ``gone`` can't stay there, and who is in
    a status of ``moved`` behaves in another way from now on.
    """

    project_id: str
    workspace_id: str
    gone: tuple[str, ...]
    moved: dict[str, Category]


Reaction = Callable[[Transaction, StatusesChanged], None]
R = TypeVar("R", bound=Reaction)
_reactions: list[Reaction] = []


def on_statuses_changed(reaction: R) -> R:
    """Declare what follows, in the same transaction, when a project's statuses change. It may raise Conflict.

    Items are the business of slices above this one, so these say what they need to know.
    """
    _reactions.append(reaction)
    return reaction


@lru_cache(maxsize=256)
def statuses(stored: str) -> tuple[Status, ...]:
    """The statuses that a project's stored ones hold, in order."""
    return tuple(_decode(stored))


def checked_statuses(given: list[StatusChange], before: tuple[Status, ...]) -> list[Status]:
    """The new list: as given, with the system statuses that it leaves out where they stood before.

    Raises Invalid where an id is there twice, or a system status would change what it does.
    """
    found: list[Status] = []
    taken = {status.id for status in given if status.id is not UNSET} | SYSTEM_IDS
    for number, wanted in enumerate(given):
        where = f"statuses[{number}]"
        if not wanted.label.strip():
            raise Invalid(f"{where}.label", "must not be blank")
        made = _checked(where, wanted, taken)
        if any(made.id == other.id for other in found):
            raise Invalid(f"{where}.id", f"{made.id} is the id of another status already")
        found.append(made)
        taken.add(made.id)
    for position, status in enumerate(before):
        if status.id in SYSTEM_IDS and all(status.id != other.id for other in found):
            found.insert(position, status)
    return found


def follow_statuses(
    tx: Transaction, project_id: str, workspace_id: str, before: tuple[Status, ...], after: list[Status]
) -> None:
    """Let the items of a project follow its new statuses. Raises Conflict where one that is gone is in use."""
    new = {status.id: status.category for status in after}
    gone = tuple(status.id for status in before if status.id not in new)
    moved = {status.id: new[status.id] for status in before if new.get(status.id, status.category) != status.category}
    if gone or moved:
        change = StatusesChanged(project_id, workspace_id, gone, moved)
        for reaction in _reactions:
            reaction(tx, change)


def own_ids(stored: tuple[Status, ...] | list[Status]) -> set[str]:
    """Those of the statuses that are the project's own."""
    return {status.id for status in stored} - SYSTEM_IDS


def _checked(where: str, given: StatusChange, taken: set[str]) -> Status:
    if given.id is UNSET:
        status_id = next(each for each in slugs(given.label, "status") if each not in taken)
        return _filled(given, Status(id=status_id, label=given.label))
    system = _SYSTEM.get(given.id)
    if system is None:
        return _filled(given, Status(id=given.id, label=given.label))
    if given.category not in (UNSET, system.category):
        raise Invalid(f"{where}.category", f"{system.id} is a system status: it stays {system.category}")
    if given.visible_to_customers is False:
        raise Invalid(f"{where}.visibleToCustomers", f"{system.id} is a system status: customers always see it")
    return _filled(given, system)


def _filled(given: StatusChange, default: Status) -> Status:
    named = {name: value for name in Status.__struct_fields__ if (value := getattr(given, name)) is not UNSET}
    return msgspec.structs.replace(default, **named)
