"""The form of an automation: making, trying, changing and deleting one."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

import msgspec

from userhero.automations.actions.save import change_automation, create_automation, delete_automation
from userhero.automations.dry_runs import try_draft
from userhero.automations.pages.drafts import Draft, draft_of, read_draft, wrong_of
from userhero.automations.pages.offers import find_offers
from userhero.automations.pages.texts import takes
from userhero.automations.pages.wording import operator_words
from userhero.automations.queries import get_automation, get_row, list_runs
from userhero.automations.types import Automation, AutomationChange, DraftRun, NewAutomation, RunHistory
from userhero.feedback import list_recent
from userhero.kernel import ids
from userhero.kernel.db import Transaction
from userhero.kernel.errors import BadRequest, Conflict, Forbidden
from userhero.kernel.http.form_ids import FIELD, send_once
from userhero.kernel.http.inputs import convert
from userhero.kernel.http.pages import Go, PageRoutes, View, Visit
from userhero.workspaces import enter

_NEW = "/app/{workspace_id}/automations/new"
_PATH = "/app/{workspace_id}/automations/{automation_id}"
_STALE = "Somebody has changed this automation since you opened it. Save once more to replace what they did."
_UNSURE = "Check the box to delete it."

pages = PageRoutes()
_decode = msgspec.json.Decoder(Automation).decode
_decode_runs = msgspec.json.Decoder(RunHistory).decode


@pages.get(_NEW, role="admin")
def show_new(tx: Transaction, visit: Visit) -> View:
    """An empty form."""
    return _view(tx, visit, visit.query.get("project", ""), Draft(), None)


@pages.post(_NEW, role="admin")
def make(tx: Transaction, visit: Visit) -> View | Go:
    """Build on, try, or make the automation."""
    project_id = visit.form.get("project", "")

    def work(draft: Draft) -> None:
        new = convert({**draft.request(), "projectId": project_id}, NewAutomation, strict=True)
        new.workspace_id = cast(str, visit.workspace_id)
        send_once(tx, visit, project_id, lambda: _made(tx, visit, new))

    return _work(tx, visit, project_id, work)


@pages.get(_PATH, role="admin")
def show_one(tx: Transaction, visit: Visit) -> View:
    """An automation in the form, and what it did of late."""
    automation = _get(tx, visit)
    return _view(tx, visit, automation.project_id, draft_of(automation), automation)


@pages.post(_PATH, role="admin")
def change(tx: Transaction, visit: Visit) -> View | Go:
    """Build on, try, or save the automation."""
    automation = _hold(tx, visit)

    def work(draft: Draft) -> None:
        if draft.seen != automation.updated_at:
            raise Conflict(_STALE)
        wanted = convert(draft.request(), AutomationChange, strict=True)
        wanted.workspace_id = automation.workspace_id
        change_automation(tx, visit.actor, automation.id, wanted)

    return _work(tx, visit, automation.project_id, work, saved=automation)


@pages.post(_PATH + "/delete", role="admin")
def delete(tx: Transaction, visit: Visit) -> View | Go:
    """Delete the automation with its history."""
    automation = _hold(tx, visit)
    if "sure" not in visit.form:
        wrong = {"sure": _UNSURE}
        return _view(tx, visit, automation.project_id, draft_of(automation), automation, status=422, wrong=wrong)
    delete_automation(tx, visit.actor, automation.id, automation.workspace_id)
    return _back(visit, automation.project_id, "deleted")


def _made(tx: Transaction, visit: Visit, new: NewAutomation) -> None:
    create_automation(tx, visit.actor, new)


def _work(
    tx: Transaction, visit: Visit, project_id: str, save: Callable[[Draft], None], saved: Automation | None = None
) -> View | Go:
    """What the button says: save, and go back to the list; or show the form again."""
    draft, what = read_draft(visit.form), visit.form.get("do", "save")
    if what not in ("save", "try"):
        focus = ""
        with suppress(LookupError, ValueError):
            focus = draft.do(what)
        return _view(tx, visit, project_id, draft, saved, focus=focus or visit.form.get("at", ""))
    try:
        with tx.savepoint():
            if what == "try":
                return _view(tx, visit, project_id, draft, saved, tried=_tried(tx, visit, project_id, draft))
            save(draft)
    except BadRequest as problem:
        wrong = wrong_of(problem.details) or {"form": problem.message}
        return _view(tx, visit, project_id, draft, saved, status=422, wrong=wrong)
    except Conflict as problem:
        draft.seen = saved.updated_at if saved else ""
        wrong, form_id = {"form": problem.message}, ids.new("form")
        return _view(tx, visit, project_id, draft, saved, status=409, wrong=wrong, form_id=form_id)
    except Forbidden as problem:
        return _view(tx, visit, project_id, draft, saved, status=403, wrong={"form": problem.message})
    return _back(visit, project_id, "saved")


def _tried(tx: Transaction, visit: Visit, project_id: str, draft: Draft) -> dict[str, Any]:
    """Which of the newest items the conditions match now."""
    values = {"projectId": project_id, "conditions": draft.request()["conditions"]}
    trial = convert(values, DraftRun, strict=True)
    trial.workspace_id = cast(str, visit.workspace_id)
    result = try_draft(tx, visit.actor, trial)
    said = {item.id: " ".join(item.message[:200].split()) for item in list_recent(tx, project_id, trial.limit)}
    matching = [each for each in result.items if each.outcome == "matched"]
    return {"checked": result.checked, "matched": result.matched, "items": matching, "said": said}


def _view(
    tx: Transaction,
    visit: Visit,
    project_id: str,
    draft: Draft,
    saved: Automation | None,
    *,
    status: int = 200,
    **more: Any,
) -> View:
    access = enter(tx, visit.actor, cast(str, visit.workspace_id))
    runs = [] if saved is None else _decode_runs(list_runs(tx, visit.actor, saved.id, saved.workspace_id)).runs
    values = {
        "offers": find_offers(tx, access, project_id),
        "draft": draft,
        "saved": saved,
        "runs": runs,
        "wrong": {},
        "tried": None,
        "focus": "",
        "form_id": visit.form.get(FIELD) or ids.new("form"),
        "takes": takes,
        "operator_words": operator_words,
    }
    return View("automations/edit.html", values | more, status)


def _hold(tx: Transaction, visit: Visit) -> Automation:
    """The automation, which nobody else changes until the unit ends. Raises NotFound, Forbidden for a system one."""
    get_row(tx, visit.actor, visit.path["automation_id"], cast(str, visit.workspace_id), locked=True)
    return _get(tx, visit)


def _get(tx: Transaction, visit: Visit) -> Automation:
    return _decode(get_automation(tx, visit.actor, visit.path["automation_id"], cast(str, visit.workspace_id)))


def _back(visit: Visit, project_id: str, done: str) -> Go:
    return Go(f"/app/{visit.workspace_id}/automations?project={project_id}", done)
