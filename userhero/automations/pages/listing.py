"""``/app/{workspace_id}/automations``: the automations of a project, what they do, and whether they are on."""

from typing import Any, NamedTuple, cast

import msgspec

from userhero.automations.actions.save import change_automation
from userhero.automations.pages.offers import find_offers
from userhero.automations.pages.wording import TRIGGERS, actions_in_words, conditions_in_words
from userhero.automations.queries import list_automations
from userhero.automations.types import Automation, AutomationChange, AutomationList, AutomationPage
from userhero.kernel.db import Transaction
from userhero.kernel.errors import Forbidden
from userhero.kernel.http.pages import Go, PageRoutes, View, Visit
from userhero.workspaces import enter

PATH = "/app/{workspace_id}/automations"
_SIZE = 100
_DONE = {"saved": "Saved.", "deleted": "Deleted.", "on": "It is on.", "off": "It is off."}

pages = PageRoutes()
_decode = msgspec.json.Decoder(AutomationPage).decode


class Row(NamedTuple):
    """An automation as the list shows it, in words."""

    automation: Automation
    conditions: str
    actions: str


@pages.get(PATH, role="viewer")
def show_automations(tx: Transaction, visit: Visit) -> View:
    """The automations of a project in the order in which they run, those of SLA rules first."""
    return _view(tx, visit)


@pages.post(PATH + "/{automation_id}/switch", role="admin")
def switch(tx: Transaction, visit: Visit) -> View | Go:
    """Turn one on or off."""
    enabled = visit.form.get("enabled") == "on"
    change = AutomationChange(workspace_id=cast(str, visit.workspace_id), enabled=enabled)
    try:
        with tx.savepoint():
            made = change_automation(tx, visit.actor, visit.path["automation_id"], change)
    except Forbidden as problem:
        return _view(tx, visit, wrong=problem.message, status=403)
    project_id = msgspec.json.decode(made, type=Automation).project_id
    return Go(f"/app/{visit.workspace_id}/automations?project={project_id}", "on" if enabled else "off")


def _view(tx: Transaction, visit: Visit, *, wrong: str = "", status: int = 200) -> View:
    access = enter(tx, visit.actor, cast(str, visit.workspace_id))
    offers = find_offers(tx, access, visit.query.get("project", ""))
    wanted = AutomationList(
        workspace_id=access.workspace_id,
        project_id=offers.project.id,
        include_system=True,
        limit=_SIZE,
        cursor=visit.query.get("cursor") or None,
    )
    found = _decode(list_automations(tx, visit.actor, wanted))
    names = offers.names
    values: dict[str, Any] = {
        "offers": offers,
        "rows": [_row(each, names) for each in found.automations],
        "next": found.next_cursor,
        "triggers": TRIGGERS,
        "said": _DONE.get(visit.query.get("done", ""), ""),
        "wrong": wrong,
    }
    return View("automations/list.html", values, status)


def _row(automation: Automation, names: dict[str, str]) -> Row:
    conditions = conditions_in_words(automation.conditions, names)
    return Row(automation, conditions, actions_in_words(msgspec.to_builtins(automation.actions), names))
