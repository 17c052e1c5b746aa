"""``/app/account``: who one is, and one's API keys."""

from typing import Any

from userhero.kernel import clock
from userhero.kernel.db import Transaction
from userhero.kernel.errors import Invalid, NotFound
from userhero.kernel.http.pages import Go, PageRoutes, View, Visit
from userhero.kernel.http.routing import SCOPES
from userhero.workspaces.keys import create_key, list_keys, revoke_key
from userhero.workspaces.types import NewKey

_PATH = "/app/account"
# How long a key lasts: what the form sends, the days, and what people read.
_LIVES = {"30": (30, "30 days"), "90": (90, "90 days"), "365": (365, "a year"), "never": (None, "until it is revoked")}
_USUAL = "90"

pages = PageRoutes()


@pages.get(_PATH, role=None)
def show_account(tx: Transaction, visit: Visit) -> View:
    """The account of whoever signed in."""
    return _view(tx, visit)


@pages.post(_PATH, role=None)
def make_key(tx: Transaction, visit: Visit) -> View:
    """Make an API key, and show it this once."""
    form = visit.form
    scopes = frozenset(scope for scope in SCOPES if f"scope {scope}" in form)
    try:
        days = _days(form.get("life", _USUAL))
        if not scopes:
            raise Invalid("scopes", "choose at least one")
        end = None if days is None else clock.shift(tx.now, days=days)
        made = create_key(
            tx, email=visit.actor.email, name=form.get("name", ""), scopes=scopes, expires_at=end, actor=visit.actor
        )
    except Invalid as error:
        wrong = {detail.field: detail.message for detail in error.details}
        return _view(tx, visit, wrong=wrong, typed=dict(form), status=422)
    return _view(tx, visit, made=made)


@pages.post(_PATH + "/keys/{key_id}/revoke", role=None)
def end_key(tx: Transaction, visit: Visit) -> Go:
    """Revoke one of one's own keys. Raises NotFound for any other."""
    if visit.path["key_id"] not in [key.id for key in list_keys(tx, visit.actor.email)]:
        raise NotFound("API key not found")
    revoke_key(tx, visit.path["key_id"], visit.actor)
    return Go(_PATH)


def _days(life: str) -> int | None:
    if life not in _LIVES:
        raise Invalid("life", "must be one of the choices")
    return _LIVES[life][0]


def _view(
    tx: Transaction,
    visit: Visit,
    *,
    made: NewKey | None = None,
    wrong: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> View:
    keys = [(key, _state(tx, key.revoked_at, key.expires_at)) for key in list_keys(tx, visit.actor.email)]
    lives = [(value, text) for value, (_, text) in _LIVES.items()]
    values: dict[str, Any] = {"keys": keys, "made": made, "wrong": wrong or {}, "typed": typed or {}, "lives": lives}
    return View("workspaces/account.html", {**values, "scopes": sorted(SCOPES), "usual": _USUAL}, status)


def _state(tx: Transaction, revoked_at: str | None, expires_at: str | None) -> str:
    if revoked_at is not None:
        return "revoked"
    return "expired" if expires_at is not None and expires_at <= tx.now else "active"
