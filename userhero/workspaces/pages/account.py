"""``/app/account``: who one is, one's password, and where one is signed in."""

from collections.abc import Callable
from typing import Any, NamedTuple

from userhero.kernel import ids
from userhero.kernel.db import Transaction
from userhero.kernel.errors import Invalid
from userhero.kernel.http.pages import Go, PageRoutes, View, Visit
from userhero.workspaces.account import (
    change_password,
    end_one,
    end_others,
    find_held,
    list_known,
    list_sessions,
    rename,
)
from userhero.workspaces.clients import client_name
from userhero.workspaces.pages.keys import key_values
from userhero.workspaces.passwords import hash_password, is_password
from userhero.workspaces.second_factor import find_state
from userhero.workspaces.types import NewKey

PATH = "/app/account"
_DONE = {
    "name": "Your name was changed.",
    "password": "Your password was changed. You were signed out everywhere else.",
    "session": "That session was ended.",
    "sessions": "You were signed out everywhere else.",
    "key": "The key was revoked.",
}
# Fields have names of their own, since several forms are on the page.
_NAME, _PRESENT, _NEW = "own_name", "present_password", "new_password"

pages = PageRoutes()


class _Checked(NamedTuple):
    """What became of the two passwords of a form: the hash that the present one fits, and that of the new one."""

    held: str | None
    hashed: str
    wrong: dict[str, str]


@pages.get(PATH, role=None)
def show_account(tx: Transaction, visit: Visit) -> View:
    """The account of whoever signed in."""
    return account_view(tx, visit)


@pages.post(PATH + "/profile", role=None)
def save_profile(tx: Transaction, visit: Visit) -> View | Go:
    """Call oneself something else."""
    try:
        rename(tx, visit.actor, visit.form.get(_NAME, ""))
    except Invalid as error:
        return account_view(tx, visit, wrong={_NAME: error.details[0].message}, typed=dict(visit.form))
    return Go(PATH, "name")


def _check_passwords(tx: Transaction, visit: Visit) -> Callable[[], _Checked]:
    held, own = find_held(tx, visit.actor), list_known(tx, visit.actor)
    present, new = visit.form.get(_PRESENT, ""), visit.form.get(_NEW, "")

    def check() -> _Checked:
        if not is_password(held, present):
            return _Checked(held, "", {_PRESENT: "is not your password"})
        try:
            return _Checked(held, hash_password(new, own), {})
        except Invalid as error:
            return _Checked(held, "", {_NEW: error.details[0].message})

    return check


@pages.post(PATH + "/password", role=None, first=_check_passwords)
def save_password(tx: Transaction, visit: Visit) -> View | Go:
    """Change one's password: whoever only found the browser open can't."""
    checked: _Checked = visit.prepared
    if checked.wrong:
        return account_view(tx, visit, wrong=checked.wrong)
    change_password(tx, visit.actor, checked.held, checked.hashed)
    return Go(PATH, "password")


@pages.post(PATH + "/sessions/{session_id}/end", role=None)
def end_session(tx: Transaction, visit: Visit) -> Go:
    """Sign out of one browser. Raises NotFound for anybody else's."""
    end_one(tx, visit.actor, visit.path["session_id"])
    return Go(PATH, "session")


@pages.post(PATH + "/sessions/end-others", role=None)
def end_other_sessions(tx: Transaction, visit: Visit) -> Go:
    """Sign out everywhere else."""
    end_others(tx, visit.actor)
    return Go(PATH, "sessions")


def account_view(
    tx: Transaction,
    visit: Visit,
    *,
    made: NewKey | None = None,
    wrong: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
) -> View:
    """The whole page; 422 where something is ``wrong``, by field."""
    sessions = [(each, client_name(each.user_agent)) for each in list_sessions(tx, visit.actor)]
    values: dict[str, Any] = {
        **key_values(tx, visit.actor),
        "sessions": sessions,
        "present": visit.actor.credential_id,
        "has_password": find_held(tx, visit.actor) is not None,
        "second_factor": find_state(tx, visit.actor),
        "said": _DONE.get(visit.query.get("done", "")),
        "made": made,
        "wrong": wrong or {},
        "typed": typed or {},
        "form_id": ids.new("form"),
    }
    return View("workspaces/account.html", values, 422 if wrong else 200)
