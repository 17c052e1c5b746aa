"""``/app/{workspace_id}/members``: who is in a workspace, and as what; roles changed, people taken out, leaving."""

from typing import Any, cast

from userhero.kernel import ids
from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction
from userhero.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from userhero.kernel.http.pages import Go, PageRoutes, View, Visit
from userhero.kernel.instance import is_mail_set_up
from userhero.workspaces.access import enter
from userhero.workspaces.actions.members import change_role, check_not_last, leave_workspace, remove_member
from userhero.workspaces.invitations import DAYS, list_invitations
from userhero.workspaces.members import Seat, list_seats
from userhero.workspaces.powers import check_power, list_grantable, may_manage
from userhero.workspaces.types import ROLES, Access

PATH = "/app/{workspace_id}/members"
_ONE = PATH + "/{user_id}"
_LEAVE = "/app/{workspace_id}/leave"
_DONE = {
    "role": "The role was changed. It holds at once.",
    "removed": "They are out of this workspace, at once.",
    "invited": "The invitation is on its way by mail.",
    "withdrawn": "The invitation was withdrawn. Its link leads nowhere now.",
    "joined": "You are in. Welcome.",
}
_UNSURE_REMOVE, _UNSURE_LEAVE = "Check the box to take them out.", "Check the box to leave."

pages = PageRoutes()


@pages.get(PATH, role="viewer")
def show_members(tx: Transaction, visit: Visit) -> View:
    """Everybody in the workspace; invitations too, for owners and admins."""
    return members_view(tx, visit)


@pages.post(_ONE + "/role", role="admin")
def save_role(tx: Transaction, visit: Visit) -> View | Go:
    """Give a member another role."""
    user_id, form = visit.path["user_id"], visit.form
    try:
        change_role(tx, visit.actor, _place(visit), user_id, form.get("role", ""), form.get("seen", ""))
    except (Invalid, Forbidden, Conflict) as problem:
        return members_view(tx, visit, problem, about=user_id)
    return Go(f"/app/{_place(visit)}/members", "role")


@pages.get(_ONE + "/remove", role="admin")
def ask_remove(tx: Transaction, visit: Visit) -> View:
    """What it means to take a member out."""
    return _ask_remove(tx, visit)


@pages.post(_ONE + "/remove", role="admin")
def remove(tx: Transaction, visit: Visit) -> View | Go:
    """Take a member out of the workspace."""
    if "sure" not in visit.form:
        return _ask_remove(tx, visit, Invalid("sure", _UNSURE_REMOVE))
    try:
        remove_member(tx, visit.actor, _place(visit), visit.path["user_id"])
    except (Forbidden, Conflict) as problem:
        return _ask_remove(tx, visit, problem)
    if visit.path["user_id"] == visit.actor.user_id:
        return Go("/app/workspaces")
    return Go(f"/app/{_place(visit)}/members", "removed")


@pages.get(_LEAVE, role="viewer")
def ask_leave(tx: Transaction, visit: Visit) -> View:
    """What it means to leave."""
    return _ask_leave(tx, visit)


@pages.post(_LEAVE, role="viewer")
def leave(tx: Transaction, visit: Visit) -> View | Go:
    """Leave the workspace."""
    if "sure" not in visit.form:
        return _ask_leave(tx, visit, Invalid("sure", _UNSURE_LEAVE))
    try:
        leave_workspace(tx, visit.actor, _place(visit))
    except Conflict as problem:
        return _ask_leave(tx, visit, problem)
    return Go("/app/workspaces")


def members_view(
    tx: Transaction, visit: Visit, problem: Problem | None = None, *, about: str = "", link: str = "", invited: str = ""
) -> View:
    """The whole page. What is wrong stands where it belongs: beside a member or an invitation (``about`` is its id), or
    in the form of a new one. ``link`` is that of an invitation just made, which is shown this once.
    """
    access = enter(tx, visit.actor, _place(visit))
    grantable = list_grantable(access.role)
    field, message = _said(problem)
    values: dict[str, Any] = {
        "seats": [_row(access, visit.actor, seat) for seat in list_seats(tx, access)],
        "grantable": grantable,
        "invitations": list_invitations(tx, access) if grantable else [],
        "may_withdraw": lambda role: role in grantable,
        "by_mail": is_mail_set_up(tx),
        "days": DAYS,
        "moment": tx.now,
        "said": _DONE.get(visit.query.get("done", ""), ""),
        "link": link,
        "invited": invited,
        "about": about,
        "message": message,
        "wrong": {} if about or not message else {field or "email": message},
        "typed": dict(visit.form) if problem is not None else {},
        "form_id": ids.new("form"),
    }
    return View("workspaces/members.html", values, _status(problem))


def _row(access: Access, actor: Actor, seat: Seat) -> dict[str, Any]:
    """A member, and what the visitor may do about them."""
    is_self = seat.user_id == actor.user_id
    may = may_manage(access.role, seat.role)
    roles = [role for role in list_grantable(access.role) if may]
    if is_self:
        roles = [role for role in roles if ROLES.index(role) >= ROLES.index(seat.role)]
    return {"seat": seat, "is_self": is_self, "roles": roles, "may_remove": may and not is_self}


def _ask_remove(tx: Transaction, visit: Visit, problem: Problem | None = None) -> View:
    access = enter(tx, visit.actor, _place(visit))
    seat = _seat(tx, access, visit.path["user_id"])
    check_power(access.role, seat.role)
    return _ask(tx, access, seat, problem, "workspaces/remove_member.html")


def _ask_leave(tx: Transaction, visit: Visit, problem: Problem | None = None) -> View:
    access = enter(tx, visit.actor, _place(visit))
    return _ask(tx, access, _seat(tx, access, visit.actor.user_id), problem, "workspaces/leave.html")


def _ask(tx: Transaction, access: Access, seat: Seat, problem: Problem | None, template: str) -> View:
    """What is to be confirmed; and where it can't be done, why."""
    hindrance = ""
    try:
        check_not_last(tx, access.workspace_id, seat.user_id)
    except Conflict as found:
        hindrance = found.message
    wrong = {} if problem is None else {"sure": _said(problem)[1]}
    return View(template, {"seat": seat, "hindrance": hindrance, "wrong": wrong}, _status(problem))


def _seat(tx: Transaction, access: Access, user_id: str) -> Seat:
    found = next((seat for seat in list_seats(tx, access) if seat.user_id == user_id), None)
    if found is None:
        raise NotFound("Member not found")
    return found


def _said(problem: Problem | None) -> tuple[str, str]:
    """The field that is wrong, if it is one, and what to say."""
    if problem is None:
        return "", ""
    if isinstance(problem, Invalid):
        return problem.details[0].field, problem.details[0].message
    return "", problem.message


def _status(problem: Problem | None) -> int:
    return 200 if problem is None else 422 if isinstance(problem, Invalid) else problem.status


def _place(visit: Visit) -> str:
    return cast(str, visit.workspace_id)
