"""``/app/{workspace_id}/feedback/{feedback_id}``: an item with all around it, answered and changed."""

from collections.abc import Callable
from typing import Any, cast

import msgspec

from userhero.automations import run_macro
from userhero.dashboard.edits import Stale, change_of
from userhero.dashboard.filters import read_back
from userhero.dashboard.sheet import values_of
from userhero.feedback import (
    Feedback,
    FeedbackChange,
    NewComment,
    NewNote,
    add_comment,
    add_note,
    change_feedback,
    get_feedback,
    hold_facts,
)
from userhero.kernel.db import Transaction
from userhero.kernel.errors import BadRequest, Conflict, Forbidden
from userhero.kernel.http.form_ids import SentBefore, send_once
from userhero.kernel.http.pages import Go, PageRoutes, View, Visit
from userhero.workspaces import enter

_PATH = "/app/{workspace_id}/feedback/{feedback_id}"
_DONE = {
    "changed": "Saved.",
    "reply": "Your reply was sent.",
    "note": "Your note was added.",
    "watching": "You watch this now.",
    "unwatched": "You don't watch this any more.",
    "macro": "The macro has run.",
    "no-match": "The macro's conditions don't hold for this item. Nothing was changed.",
    "error": "The macro has run, but not all of it could be done. Its history says why.",
}
_ANSWERED = "There is a new message in the conversation. Read it, then send your reply if it still fits."
_TWICE = "This form was sent before, with other words. Send it once more if you mean both."

pages = PageRoutes()
_decode = msgspec.json.Decoder(Feedback).decode


@pages.get(_PATH, role="viewer")
def show_item(tx: Transaction, visit: Visit) -> View:
    """An item with its conversation, media, customer, custom data and history."""
    return _view(tx, visit, notice=_DONE.get(visit.query.get("done", ""), ""))


@pages.post(_PATH, role="member")
def change_item(tx: Transaction, visit: Visit) -> View | Go:
    """Change status, priority, assignee, type, tags or due date."""
    item = _hold(tx, visit)
    return _try(tx, visit, lambda: change_feedback(tx, visit.actor, item.id, change_of(item, visit.form)), "changed")


@pages.post(_PATH + "/reply", role="member")
def reply(tx: Transaction, visit: Visit) -> View | Go:
    """Answer the customer, and change the status along with that."""
    item, form = _hold(tx, visit), visit.form

    def work() -> None:
        if form.get("last", "") != (item.customer_comments[-1].id if item.customer_comments else ""):
            raise Stale(_ANSWERED)
        add_comment(
            tx, visit.actor, item.id, NewComment(workspace_id=item.workspace_id, message=form.get("message", ""))
        )
        if form.get("then"):
            change_feedback(
                tx, visit.actor, item.id, FeedbackChange(workspace_id=item.workspace_id, status=form["then"])
            )

    return _try(tx, visit, lambda: send_once(tx, visit, item.id, work), "reply")


@pages.post(_PATH + "/note", role="member")
def write_note(tx: Transaction, visit: Visit) -> View | Go:
    """Leave a note that customers never see."""
    item = _hold(tx, visit)

    def work() -> None:
        new = NewNote(workspace_id=item.workspace_id, content=visit.form.get("content", ""))
        add_note(tx, visit.actor, item.id, new)

    return _try(tx, visit, lambda: send_once(tx, visit, item.id, work), "note")


@pages.post(_PATH + "/watch", role="member")
def watch(tx: Transaction, visit: Visit) -> View | Go:
    """Watch the item, or stop that."""
    item, own = _hold(tx, visit), visit.actor.user_id
    wanted = visit.form.get("watch") == "on"
    watchers = [each for each in item.watcher_ids if each != own] + ([own] if wanted else [])
    change = FeedbackChange(workspace_id=item.workspace_id, watcher_ids=watchers)
    done = "watching" if wanted else "unwatched"
    return _try(tx, visit, lambda: change_feedback(tx, visit.actor, item.id, change), done)


@pages.post(_PATH + "/macro", role="member")
def use_macro(tx: Transaction, visit: Visit) -> View | Go:
    """Run a macro of the item's project."""
    item = _hold(tx, visit)
    done = ["macro"]

    def work() -> None:
        result = run_macro(tx, visit.actor, visit.form.get("macro", ""), item.id, item.workspace_id)
        done[0] = {"matched": "macro"}.get(result.outcome, result.outcome)

    if not visit.form.get("macro"):
        return _view(tx, visit, 422, wrong={"macro": "choose one first"}, typed=dict(visit.form))
    failed = _failure(tx, visit, lambda: send_once(tx, visit, item.id, work))
    return failed or _back(visit, done[0])


def _try(tx: Transaction, visit: Visit, work: Callable[[], object], done: str) -> View | Go:
    """Go back to the page after the work; or show the page with what was typed and what is wrong with it."""
    return _failure(tx, visit, work) or _back(visit, done)


def _failure(tx: Transaction, visit: Visit, work: Callable[[], object]) -> View | None:
    typed = dict(visit.form)
    try:
        with tx.savepoint():
            work()
    except BadRequest as problem:
        wrong = {_field(detail.field): detail.message for detail in problem.details} or {"form": problem.message}
        return _view(tx, visit, 422, wrong=wrong, typed=typed)
    except Stale as problem:
        return _view(tx, visit, 409, wrong={"form": problem.message}, typed=typed, stale=problem.fields)
    except Conflict as problem:
        message = _TWICE if isinstance(problem, SentBefore) else problem.message
        return _view(tx, visit, 409, wrong={"form": message}, typed=typed)
    except Forbidden as problem:
        return _view(tx, visit, 403, wrong={"form": problem.message}, typed=typed)
    return None


def _field(name: str) -> str:
    """The form's name for a field of the API."""
    renamed = {"assigneeId": "assignee", "category": "type", "dueDate": "due"}
    return renamed.get(name, name.partition("[")[0])


def _hold(tx: Transaction, visit: Visit) -> Feedback:
    """The item, which nobody else changes until the unit ends. Raises NotFound."""
    hold_facts(tx, visit.actor, visit.path["feedback_id"], cast(str, visit.workspace_id))
    return _get(tx, visit)


def _get(tx: Transaction, visit: Visit) -> Feedback:
    return _decode(get_feedback(tx, visit.actor, visit.path["feedback_id"], cast(str, visit.workspace_id)))


def _view(tx: Transaction, visit: Visit, status: int = 200, **more: Any) -> View:
    access = enter(tx, visit.actor, cast(str, visit.workspace_id))
    values = values_of(tx, visit.actor, access, _get(tx, visit))
    where = visit.path["feedback_id"]
    back = read_back(visit.query.get("list", ""))
    values |= {"path": f"/app/{visit.workspace_id}/feedback/{where}", "back": back}
    return View("dashboard/item.html", values | more, status)


def _back(visit: Visit, done: str) -> Go:
    listed = read_back(visit.query.get("list", ""))
    where = f"/app/{visit.workspace_id}/feedback/{visit.path['feedback_id']}"
    # An address in an address: its parts must not be taken for the outer one's.
    return Go(f"{where}?list={_quoted(listed)}" if listed else where, done)


def _quoted(text: str) -> str:
    return text.replace("%", "%25").replace("&", "%26").replace("+", "%2B").replace("#", "%23")
