"""``/app/{workspace_id}/inbox``: what people said, narrowed by the address, and changed many at once."""

from typing import Any, NamedTuple, cast

import msgspec

from userhero.dashboard import bulk
from userhero.dashboard.chips import chip
from userhero.dashboard.choices import PRIORITIES, TYPES, Choices, find_choices
from userhero.dashboard.filters import AGES, DUE, FILTERS, SORTS, VIEWS, Asked, read
from userhero.dashboard.keys import KEYS
from userhero.dashboard.saved import MAX_NAME, SavedView, list_saved, may_change
from userhero.dashboard.tallies import asked_by, count_built_in, count_saved
from userhero.dashboard.wording import TONES, ago, shown_count, until
from userhero.feedback import COUNTED, FeedbackItem, list_feedback
from userhero.kernel import ids
from userhero.kernel.db import Transaction
from userhero.kernel.errors import Invalid
from userhero.kernel.http.pages import Go, PageRoutes, View, Visit
from userhero.workspaces import Access, enter

_PATH = "/app/{workspace_id}/inbox"

pages = PageRoutes()
_decode = msgspec.json.Decoder(FeedbackItem).decode


class Row(NamedTuple):
    """An item as the list shows it."""

    item: FeedbackItem
    said: str
    who: str
    since: str
    due: str | None
    is_late: bool


@pages.get(_PATH, role="viewer")
def show_inbox(tx: Transaction, visit: Visit) -> View | Go:
    """A page of the items that the address asks for, with a count for each view."""
    access = enter(tx, visit.actor, cast(str, visit.workspace_id))
    choices = find_choices(tx, access)
    return _view(tx, visit, access, choices)


@pages.post(_PATH, role="member")
def change_selected(tx: Transaction, visit: Visit) -> View | Go:
    """Change the selected items, and go back to the list."""
    access = enter(tx, visit.actor, cast(str, visit.workspace_id))
    choices = find_choices(tx, access)
    try:
        wanted = bulk.check(visit.form, choices)
    except Invalid as problem:
        return _view(tx, visit, access, choices, wrong=problem.details[0].message, typed=dict(visit.form))
    outcome = bulk.apply(tx, visit.actor, access.workspace_id, bulk.selected(visit.form), wanted)
    if outcome.refused:
        return _view(tx, visit, access, choices, outcome=outcome)
    saved = [each.id for each in list_saved(tx, visit.actor, access)]
    asked = read(visit.query, choices, own=visit.actor.user_id, now=tx.now, saved=saved)
    return Go(f"/app/{access.workspace_id}/inbox?{asked.query()}&changed={outcome.changed}")


def _view(
    tx: Transaction,
    visit: Visit,
    access: Access,
    choices: Choices,
    *,
    wrong: str = "",
    typed: dict[str, str] | None = None,
    outcome: bulk.Outcome | None = None,
) -> View | Go:
    saved = list_saved(tx, visit.actor, access)
    asked = read(visit.query, choices, own=visit.actor.user_id, now=tx.now, saved=[each.id for each in saved])
    cursor = visit.query.get("cursor") or None
    try:
        found = list_feedback(tx, visit.actor, asked.wanted(access.workspace_id, cursor), asked.to_do())
    except Invalid as problem:
        field, rule = problem.details[0]
        if field == "cursor":
            # Made for another day or before the list was narrowed: it begins anew.
            return Go(f"/app/{access.workspace_id}/inbox?{asked.query()}")
        asked.wrong["q" if field == "search" else field] = rule
        found = None
    rows = [] if found is None else [_row(tx, _decode(text)) for text in found.items]
    values = {
        "rows": rows,
        "next": None if found is None else found.pagination.next_cursor,
        "cursor": cursor,
        "wrong": wrong,
        "typed": typed or {},
        "said": _said(visit, outcome),
        "refused": [] if outcome is None else outcome.refused,
        **_views(tx, visit, access, choices, asked, saved),
        **_frame(asked, choices),
    }
    is_wrong = bool(wrong or asked.wrong or (outcome and outcome.refused))
    return View("dashboard/inbox.html", values, 422 if is_wrong else 200)


def _views(
    tx: Transaction, visit: Visit, access: Access, choices: Choices, asked: Asked, saved: list[SavedView]
) -> dict[str, Any]:
    """The views, built in and saved, with how many items each has; and what can be saved of this one."""
    own, opened = visit.actor.user_id, asked.given.get("saved")
    built_in = count_built_in(tx, access, own)
    ways = [(view, asked_by(view, choices, own=own, now=tx.now)) for view in saved]
    counts = count_saved(tx, access, ways, built_in, opened)
    current = next(((view, way) for view, way in ways if view.id == opened), None)
    differs = current is not None and current[1].query() != asked.query(saved=None)
    return {
        "view_counts": {name: shown_count(count, COUNTED) for name, count in built_in.items()},
        "saved": [(view, f"{way.query(saved=view.id)}", counts.get(view.id)) for view, way in ways],
        "current": None if current is None else current[0],
        "may_refine": current is not None and differs and may_change(current[0], visit.actor, access),
        "may_save": bool(asked.filters or asked.sort != asked.usual_sort) and (current is None or differs),
        "max_name": MAX_NAME,
        "form_id": ids.new("form"),
    }


def _frame(asked: Asked, choices: Choices) -> dict[str, Any]:
    """What the filters offer and what they are set to."""
    return {
        "asked": asked,
        "choices": choices,
        "chips": [(name, chip(name, value, choices)) for name, value in asked.filters.items()],
        "views": VIEWS,
        "sorts": SORTS,
        "ages": AGES,
        "dues": DUE,
        "priorities": PRIORITIES,
        "types": TYPES,
        "filter_names": FILTERS,
        "tones": TONES,
        "keys": KEYS,
    }


def _row(tx: Transaction, item: FeedbackItem) -> Row:
    is_open = item.status_category == "open"
    return Row(
        item,
        " ".join(item.message[:400].split()),
        item.user_name or item.user_email or item.user_phone or "Somebody",
        ago(tx.now, item.created_at),
        until(tx.now, item.due_date) if item.due_date and is_open else None,
        bool(item.due_date and is_open and item.due_date <= tx.now),
    )


def _said(visit: Visit, outcome: bulk.Outcome | None) -> str:
    told = visit.query.get("changed", "") if outcome is None else str(outcome.changed)
    if not told.isdecimal() or len(told) > 3:
        return ""
    return "1 item changed." if told == "1" else f"{told} items changed."
