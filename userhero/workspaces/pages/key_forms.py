"""Forms of ``/app/account`` for API keys."""

import msgspec

from userhero.kernel import clock
from userhero.kernel.db import Transaction
from userhero.kernel.errors import Conflict, Invalid, NotFound
from userhero.kernel.http.form_ids import send_once
from userhero.kernel.http.pages import Go, PageRoutes, View, Visit
from userhero.kernel.http.routing import SCOPES
from userhero.workspaces.keys import create_key, list_keys, revoke_key
from userhero.workspaces.pages.account import PATH, account_view
from userhero.workspaces.pages.keys import USUAL, days_of
from userhero.workspaces.types import NewKey

pages = PageRoutes()
_decode = msgspec.json.Decoder(NewKey).decode


@pages.post(PATH, role=None)
def make_key(tx: Transaction, visit: Visit) -> View:
    """Make an API key, and show it this once: to whoever sent the form twice, the same key again."""
    try:
        made = _decode(send_once(tx, visit, visit.actor.user_id, lambda: msgspec.json.encode(_make(tx, visit))))
    except Invalid as error:
        wrong = {detail.field: detail.message for detail in error.details}
        return account_view(tx, visit, wrong=wrong, typed=dict(visit.form))
    if made.id in [key.id for key in list_keys(tx, visit.actor.email) if key.revoked_at is None]:
        return account_view(tx, visit, made=made)
    raise Conflict("The key that this form made was revoked. Load the page again to make another.")


def _make(tx: Transaction, visit: Visit) -> NewKey:
    form = visit.form
    scopes = frozenset(scope for scope in SCOPES if f"scope {scope}" in form)
    days = days_of(form.get("life", USUAL))
    if not scopes:
        raise Invalid("scopes", "choose at least one")
    end = None if days is None else clock.shift(tx.now, days=days)
    name = form.get("name", "")
    return create_key(tx, email=visit.actor.email, name=name, scopes=scopes, expires_at=end, actor=visit.actor)


@pages.post(PATH + "/keys/{key_id}/revoke", role=None)
def end_key(tx: Transaction, visit: Visit) -> Go:
    """Revoke one of one's own keys. Raises NotFound for any other."""
    if visit.path["key_id"] not in [key.id for key in list_keys(tx, visit.actor.email)]:
        raise NotFound("API key not found")
    revoke_key(tx, visit.path["key_id"], visit.actor)
    return Go(PATH, "key")
