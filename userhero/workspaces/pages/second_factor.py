"""``/app/account/second-factor``: an authenticator app set up, recovery codes, and the way back."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from userhero.kernel import ids
from userhero.kernel.db import Transaction
from userhero.kernel.errors import Conflict, Invalid, NotFound
from userhero.kernel.http.form_ids import send_once
from userhero.kernel.http.pages import Go, PageRoutes, View, Visit
from userhero.ui import qr_path
from userhero.workspaces import totp
from userhero.workspaces.account import check_held, find_held
from userhero.workspaces.mailing import PRODUCT
from userhero.workspaces.passwords import is_password
from userhero.workspaces.second_factor import are_good, begin, cancel, confirm, find_state, renew_codes, switch_off

PATH = "/app/account/second-factor"
_PRESENT, _NOT_YOURS = "present_password", "is not your password"
_STALE = "The recovery codes that this form led to are used up or replaced. Load the page again."
_DONE = {
    "off": "Your second factor is off. Your password is enough to sign in.",
    "cancelled": "Nothing was set up.",
}

pages = PageRoutes()
_encode, _decode = msgspec.json.Encoder().encode, msgspec.json.Decoder(list[str]).decode


class _Checked(NamedTuple):
    """The hash that the password of a form was held against, and whether it fits."""

    held: str | None
    fits: bool


def _check(tx: Transaction, visit: Visit) -> Callable[[], _Checked]:
    held, present = find_held(tx, visit.actor), visit.form.get(_PRESENT, "")
    return lambda: _Checked(held, is_password(held, present))


@pages.get(PATH, role=None)
def show_second_factor(tx: Transaction, visit: Visit) -> View:
    """How far one is, and what comes next."""
    return _view(tx, visit)


@pages.post(PATH, role=None, first=_check)
def start(tx: Transaction, visit: Visit) -> View | Go:
    """Make a secret for an app: whoever only found the browser open can't."""
    return _with_password(tx, visit, "start", lambda: _begun(tx, visit))


@pages.post(PATH + "/confirm", role=None)
def finish(tx: Transaction, visit: Visit) -> View:
    """Let it count, and show the recovery codes this once: to whoever sent the form twice, the same ones again."""
    try:
        if not visit.form.get("code", "").strip():
            raise Invalid("code", "type the six digits that the app shows")
        codes = _decode(
            send_once(tx, visit, visit.actor.user_id, lambda: _encode(confirm(tx, visit.actor, visit.form["code"])))
        )
    except Invalid as problem:
        return _view(tx, visit, wrong={"code": problem.details[0].message})
    except (Conflict, NotFound) as problem:
        return _view(tx, visit, wrong={"": problem.message})
    if not are_good(tx, visit.actor, codes):
        return _view(tx, visit, wrong={"": _STALE})
    return _view(tx, visit, codes=codes)


@pages.post(PATH + "/cancel", role=None)
def stop(tx: Transaction, visit: Visit) -> Go:
    """Set nothing up."""
    cancel(tx, visit.actor)
    return Go(PATH, "cancelled")


@pages.post(PATH + "/codes", role=None, first=_check)
def make_codes(tx: Transaction, visit: Visit) -> View | Go:
    """Make new recovery codes, and show them this once. Sent twice, those hold that are shown last."""
    return _with_password(tx, visit, "codes", lambda: _view(tx, visit, codes=renew_codes(tx, visit.actor)))


@pages.post(PATH + "/off", role=None, first=_check)
def turn_off(tx: Transaction, visit: Visit) -> View | Go:
    """Let the password be enough again."""
    return _with_password(tx, visit, "off", lambda: _off(tx, visit))


def _with_password(tx: Transaction, visit: Visit, form: str, work: Callable[[], View | Go]) -> View | Go:
    checked: _Checked = visit.prepared
    if not checked.fits:
        return _view(tx, visit, wrong={form: _NOT_YOURS})
    try:
        check_held(tx, visit.actor, checked.held)
        return work()
    except (Conflict, NotFound) as problem:
        return _view(tx, visit, wrong={form: problem.message})


def _begun(tx: Transaction, visit: Visit) -> Go:
    begin(tx, visit.actor)
    return Go(PATH)


def _off(tx: Transaction, visit: Visit) -> Go:
    switch_off(tx, visit.actor)
    return Go(PATH, "off")


def _view(
    tx: Transaction, visit: Visit, *, codes: list[str] | None = None, wrong: dict[str, str] | None = None
) -> View:
    """The page; ``wrong`` says what was wrong, by form or field."""
    state = find_state(tx, visit.actor)
    otpauth = "" if state.secret is None else totp.link(state.secret, visit.actor.email, PRODUCT)
    values = {
        "state": state,
        "secret": "" if state.secret is None else totp.shown(state.secret),
        "otpauth": otpauth,
        "qr": qr_path(otpauth) if otpauth else None,
        "codes": codes or [],
        "has_password": find_held(tx, visit.actor) is not None,
        "wrong": wrong or {},
        "said": _DONE.get(visit.query.get("done", ""), ""),
        "form_id": ids.new("form"),
    }
    return View("workspaces/second_factor.html", values, 422 if wrong else 200)
