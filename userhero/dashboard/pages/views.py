"""``/app/{workspace_id}/views``: views of the inbox, saved, renamed, shared, moved, deleted."""

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import parse_qsl

from userhero.dashboard.chips import filter_words
from userhero.dashboard.choices import Choices, find_choices
from userhero.dashboard.filters import Asked, read
from userhero.dashboard.saved import (
    MAX_NAME,
    Wish,
    change_view,
    check_name,
    delete_view,
    list_saved,
    may_change,
    move_view,
    refine_view,
    save_view,
)
from userhero.kernel import ids
from userhero.kernel.db import Transaction
from userhero.kernel.errors import Conflict, Forbidden, Invalid
from userhero.kernel.http.form_ids import SentBefore, send_once
from userhero.kernel.http.pages import Go, PageRoutes, View, Visit
from userhero.workspaces import Access, enter

_PATH = "/app/{workspace_id}/views"
_ONE = _PATH + "/{view_id}"
_DONE = {"changed": "Saved.", "deleted": "The view is gone. Its items are where they were."}
_TWICE = "This form was sent before, with another name. Send it once more if you want both views."

pages = PageRoutes()


@pages.get(_PATH, role="viewer")
def show_views(tx: Transaction, visit: Visit) -> View:
    """The views that the visitor sees, to be changed."""
    return _view(tx, visit, said=_DONE.get(visit.query.get("done", ""), ""))


@pages.post(_PATH, role="viewer")
def add_view(tx: Transaction, visit: Visit) -> View | Go:
    """Save what the form's query asks for as a view, and open it."""
    access, wish = _enter(tx, visit), _wish(visit)
    made: list[str] = []

    def work() -> None:
        made.append(save_view(tx, visit.actor, access, wish, asked.query(saved=None)))

    try:
        asked = _asked(tx, visit, access)
        check_name(wish.name)
        send_once(tx, visit, access.workspace_id, work)
    except (Invalid, Conflict, Forbidden) as problem:
        return _refused(tx, visit, "", problem)
    inbox = f"/app/{access.workspace_id}/inbox?{asked.query(saved=None)}"
    return Go(f"{inbox}&saved={made[0]}" if made else inbox)


@pages.post(_ONE, role="viewer")
def edit_view(tx: Transaction, visit: Visit) -> View | Go:
    """Rename a view, share it, or take it back."""
    return _try(tx, visit, lambda access, view: change_view(tx, visit.actor, access, view, _wish(visit)))


@pages.post(_ONE + "/filters", role="viewer")
def refine(tx: Transaction, visit: Visit) -> View | Go:
    """Let a view ask for what the form's query asks for, and go back to it."""
    access, view_id = _enter(tx, visit), visit.path["view_id"]
    try:
        query = _asked(tx, visit, access).query(saved=None)
        refine_view(tx, visit.actor, access, view_id, query)
    except Invalid as problem:
        return _refused(tx, visit, view_id, problem)
    return Go(f"/app/{access.workspace_id}/inbox?{query}&saved={view_id}")


@pages.post(_ONE + "/move", role="viewer")
def move(tx: Transaction, visit: Visit) -> View | Go:
    """Move a view up or down."""
    steps = -1 if visit.form.get("to") == "up" else 1
    return _try(tx, visit, lambda access, view: move_view(tx, visit.actor, access, view, steps))


@pages.post(_ONE + "/delete", role="viewer")
def remove(tx: Transaction, visit: Visit) -> View | Go:
    """Delete a view."""
    return _try(tx, visit, lambda access, view: delete_view(tx, visit.actor, access, view), "deleted")


def _try(tx: Transaction, visit: Visit, work: Callable[[Access, str], None], done: str = "changed") -> View | Go:
    access, view_id = _enter(tx, visit), visit.path["view_id"]
    try:
        work(access, view_id)
    except Invalid as problem:
        return _refused(tx, visit, view_id, problem)
    return Go(f"/app/{access.workspace_id}/views", done)


def _refused(tx: Transaction, visit: Visit, view_id: str, problem: Invalid | Conflict | Forbidden) -> View:
    """The page with what was typed, and what is wrong with it. ``view_id`` is empty for a new view."""
    if isinstance(problem, Invalid):
        message = problem.details[0].message
    else:
        message = _TWICE if isinstance(problem, SentBefore) else problem.message
    status = 422 if isinstance(problem, Invalid) else problem.status
    return _view(tx, visit, status, wrong={view_id: message}, typed=dict(visit.form))


def _view(tx: Transaction, visit: Visit, status: int = 200, **more: Any) -> View:
    access = _enter(tx, visit)
    choices = find_choices(tx, access)
    typed: dict[str, str] = more.get("typed", {})
    views = list_saved(tx, visit.actor, access)
    rows = [(view, _told(view.query, visit, choices, tx.now), may_change(view, visit.actor, access)) for view in views]
    values = {
        "groups": [
            ("Shared with the workspace", [row for row in rows if row[0].is_shared]),
            ("Only yours", [row for row in rows if not row[0].is_shared]),
        ],
        "query": typed.get("query", ""),
        "may_share": access.role != "viewer",
        "max_name": MAX_NAME,
        "form_id": ids.new("form"),
        "wrong": {},
        "typed": typed,
        "said": "",
    }
    return View("dashboard/views.html", values | more, status)


def _told(query: str, visit: Visit, choices: Choices, now: str) -> str:
    """What a view asks for, in words."""
    return filter_words(read(dict(parse_qsl(query)), choices, own=visit.actor.user_id, now=now), choices)


def _asked(tx: Transaction, visit: Visit, access: Access) -> Asked:
    try:
        query = dict(parse_qsl(visit.form.get("query", "")[:4_000], max_num_fields=50))
    except ValueError:
        raise Invalid("name", "The filters are too long to be saved.") from None
    return read(query, find_choices(tx, access), own=visit.actor.user_id, now=tx.now)


def _wish(visit: Visit) -> Wish:
    return Wish(visit.form.get("name", ""), "shared" in visit.form)


def _enter(tx: Transaction, visit: Visit) -> Access:
    return enter(tx, visit.actor, cast(str, visit.workspace_id))
