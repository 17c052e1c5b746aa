"""How many items the views of an inbox have."""

from collections.abc import Iterable
from urllib.parse import parse_qsl

from userhero.dashboard.choices import Choices
from userhero.dashboard.filters import Asked, read
from userhero.dashboard.saved import SavedView
from userhero.dashboard.wording import shown_count
from userhero.feedback import COUNTED, ToDo, count_matching, count_to_do
from userhero.kernel.db import Transaction
from userhero.kernel.errors import Problem
from userhero.workspaces import Access

# What has an index of its own, among open items and among all; one of them at most, with any days.
_QUICK_OPEN, _QUICK_ALL = ({"assignee"}, {"due"}), ({"status"}, {"assignee"}, {"customer"}, {"project"})
_DAYS = frozenset({"age", "from", "to"})


def count_built_in(tx: Transaction, access: Access, own: str) -> dict[str, int]:
    """How many items each of the built-in views has; 1,001 where there are more than 1,000."""
    return {
        "open": count_to_do(tx, access, ToDo()),
        "mine": count_to_do(tx, access, ToDo(), own),
        "unassigned": count_to_do(tx, access, ToDo(), "none"),
        "overdue": count_to_do(tx, access, ToDo("overdue", tx.now)),
        "all": count_to_do(tx, access, None),
    }


def count_saved(
    tx: Transaction,
    access: Access,
    views: Iterable[tuple[SavedView, Asked]],
    built_in: dict[str, int],
    opened: str | None,
) -> dict[str, str]:
    """How many items saved views have, by their ids. Missing is what only a look at very many items could tell, but
    for the view that is ``opened``: a page must not wait for what nobody asked for.
    """
    found: dict[str, str] = {}
    for view, asked in views:
        if view.id != opened and not _is_quick(asked, built_in):
            continue
        try:
            count = count_matching(tx, access, asked.wanted(access.workspace_id, None), asked.to_do())
        except Problem:
            # What it asks for is gone, a customer say. Opening it tells so.
            continue
        if count is not None:
            found[view.id] = shown_count(count, COUNTED)
    return found


def asked_by(view: SavedView, choices: Choices, *, own: str, now: str) -> Asked:
    """What a view asks for, for whoever looks: ``me`` is them."""
    return read(dict(parse_qsl(view.query)), choices, own=own, now=now)


def _is_quick(asked: Asked, built_in: dict[str, int]) -> bool:
    is_open = asked.to_do() is not None
    if built_in["open" if is_open else "all"] <= COUNTED:
        return True
    narrowing = asked.filters.keys() - _DAYS
    if asked.view in ("mine", "unassigned"):
        narrowing |= {"assignee"}
    if asked.view == "overdue":
        narrowing |= {"due"}
    return not narrowing or narrowing in (_QUICK_OPEN if is_open else _QUICK_ALL)
