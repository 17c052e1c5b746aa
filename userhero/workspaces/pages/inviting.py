"""Forms of ``/app/{workspace_id}/members`` for invitations, and the page where somebody who signed in accepts one."""

from typing import NamedTuple, cast

import msgspec

from userhero.kernel.db import Transaction
from userhero.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from userhero.kernel.http.form_ids import send_once
from userhero.kernel.http.pages import Go, PageRoutes, View, Visit
from userhero.kernel.instance import is_mail_set_up, public_address
from userhero.workspaces.access import enter
from userhero.workspaces.actions.invitations import accept, invite, invite_again, withdraw
from userhero.workspaces.invitations import find_for, find_invitation, get_invited, is_theirs
from userhero.workspaces.membership import find_role
from userhero.workspaces.pages.members import PATH, members_view
from userhero.workspaces.people import account_email

_ONE = "/app/{workspace_id}/invitations/{invitation_id}"
_ACCEPT = "/app/invitations/{token}"

pages = PageRoutes()


class _Made(NamedTuple):
    """An invitation, and the token of its link; empty where that is mailed."""

    id: str
    token: str


_encode, _decode = msgspec.json.Encoder().encode, msgspec.json.Decoder(_Made).decode


@pages.post(PATH, role="admin")
def make_invitation(tx: Transaction, visit: Visit) -> View | Go:
    """Invite an address; to whoever sends the form twice, the same link is shown again."""
    access, form = enter(tx, visit.actor, _place(visit)), visit.form
    email, role, by_mail = form.get("email", ""), form.get("role", ""), is_mail_set_up(tx) and "copy" not in form

    def work() -> bytes:
        return _encode(_Made(*invite(tx, visit.actor, access, email=email, role=role, by_mail=by_mail)))

    try:
        address = account_email(email)
        made = _decode(send_once(tx, visit, access.workspace_id, work))
    except (Invalid, Forbidden, Conflict) as problem:
        return members_view(tx, visit, problem)
    return _shown(tx, visit, made.token, address)


@pages.post(_ONE + "/again", role="admin")
def renew_invitation(tx: Transaction, visit: Visit) -> View | Go:
    """A new link for another week, by mail or to be copied."""
    access, invitation_id = enter(tx, visit.actor, _place(visit)), visit.path["invitation_id"]
    by_mail = is_mail_set_up(tx) and "copy" not in visit.form
    try:
        token = invite_again(tx, visit.actor, access, invitation_id, by_mail=by_mail)
    except (Forbidden, Conflict) as problem:
        return members_view(tx, visit, problem, about=invitation_id)
    found = find_invitation(tx, access.workspace_id, invitation_id)
    assert found is not None, "it was renewed just now"
    return _shown(tx, visit, token, found.email)


@pages.post(_ONE + "/withdraw", role="admin")
def end_invitation(tx: Transaction, visit: Visit) -> View | Go:
    """Let an invitation's link lead nowhere."""
    access, invitation_id = enter(tx, visit.actor, _place(visit)), visit.path["invitation_id"]
    try:
        withdraw(tx, visit.actor, access, invitation_id)
    except Forbidden as problem:
        return members_view(tx, visit, problem, about=invitation_id)
    return Go(f"/app/{access.workspace_id}/members", "withdrawn")


@pages.get(_ACCEPT, role=None)
def show_invitation(tx: Transaction, visit: Visit) -> View:
    """What one is invited to, and as whom one would join."""
    return _invited(tx, visit)


@pages.post(_ACCEPT, role=None)
def join(tx: Transaction, visit: Visit) -> View | Go:
    """Join with the account that is signed in."""
    try:
        found = accept(tx, visit.actor, visit.path["token"])
    except (Conflict, Forbidden) as problem:
        return _invited(tx, visit, problem.message, problem.status)
    return Go(f"/app/{found.workspace_id}/members", "joined")


def _invited(tx: Transaction, visit: Visit, message: str = "", status: int = 200) -> View:
    found = get_invited(tx, visit.path["token"])
    values = {
        "invitation": found,
        "token": visit.path["token"],
        "is_theirs": is_theirs(found, visit.actor),
        "present": find_role(tx, found.workspace_id, visit.actor.user_id),
        "message": message,
    }
    return View("workspaces/join.html", values, status)


def _shown(tx: Transaction, visit: Visit, token: str, address: str) -> View | Go:
    """The link, where there is one to be copied."""
    if not token:
        return Go(f"/app/{_place(visit)}/members", "invited")
    found = find_for(tx, _place(visit), address)
    try:
        is_open = found is not None and get_invited(tx, token).id == found.id
    except NotFound:
        is_open = False
    if not is_open:
        raise Conflict("The link that this form made is used or withdrawn. Load the page again to make another.")
    return members_view(tx, visit, link=f"{public_address(tx)}/invitations/{token}", invited=address)


def _place(visit: Visit) -> str:
    return cast(str, visit.workspace_id)
