"""Who is in a workspace, and as what: changed by owners, admins, and whoever leaves.

Owners make and unmake owners; owners and admins manage everybody else; nobody raises themself; a workspace always has
an owner. Roles are compared while the workspace is held, so that of two who act at once the second is judged by what
the first has made of them.
"""

from typing import ClassVar, get_args

from userhero.kernel import audit
from userhero.kernel.actor import OPERATOR, Actor
from userhero.kernel.db import Transaction
from userhero.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from userhero.kernel.events import Event, emit
from userhero.workspaces.actions.invitations import withdraw_of
from userhero.workspaces.membership import find_role, has_other_owner, hold_workspace, join, leave
from userhero.workspaces.people import find_person, get_user
from userhero.workspaces.powers import check_power, may_manage
from userhero.workspaces.types import ROLES, Person, Role

_LAST = "A workspace needs an owner; make somebody else one first."


class MemberRemoved(Event):
    """Somebody is in the workspace no more. ``by_name`` is who took them out, or they themself."""

    kind: ClassVar[str] = "member.removed"

    by_id: str
    by_name: str


def set_member(tx: Transaction, workspace_id: str, *, email: str, role: str, actor: Actor = OPERATOR) -> None:
    """Give a user a role in the workspace; ``none`` takes them out. For whoever runs the server: any role goes.

    Raises NotFound for an unknown workspace or user, Invalid for an unknown role, Conflict where the workspace would be
    left without an owner.
    """
    hold_workspace(tx, workspace_id)
    user = get_user(tx, email)
    if role not in (*get_args(Role), "none"):
        raise Invalid("role", "must be owner, admin, member, viewer or none")
    _apply(tx, actor, workspace_id, user, _role(role))


def change_role(tx: Transaction, actor: Actor, workspace_id: str, user_id: str, role: str, seen: str) -> None:
    """Give a member another role. ``seen`` is the one that the actor took them to have.

    Raises NotFound, Invalid for a role that is none, Forbidden where it is not the actor's to give or take, Conflict
    where it is another one by now, and where the workspace would be left without an owner.
    """
    own, theirs, user = _hold(tx, actor, workspace_id, user_id)
    if role not in ROLES:
        raise Invalid("role", "must be one of the choices")
    new = _role(role)
    assert new is not None, "it is one of the roles"
    if theirs != seen:
        raise Conflict(f"Somebody has changed this meanwhile: {user.name} is {theirs} now.")
    if user_id == actor.user_id and ROLES.index(new) < ROLES.index(own):
        raise Forbidden("Nobody gives themself a higher role. Ask an owner.")
    check_power(own, theirs, new)
    _apply(tx, actor, workspace_id, user, new)


def remove_member(tx: Transaction, actor: Actor, workspace_id: str, user_id: str) -> None:
    """Take a member out of the workspace. Raises NotFound, Forbidden, and Conflict for the last owner."""
    own, theirs, user = _hold(tx, actor, workspace_id, user_id)
    check_power(own, theirs)
    _apply(tx, actor, workspace_id, user, None)


def leave_workspace(tx: Transaction, actor: Actor, workspace_id: str) -> None:
    """Leave the workspace, whatever one's role. Raises Conflict for the last owner."""
    _, _, user = _hold(tx, actor, workspace_id, actor.user_id)
    _apply(tx, actor, workspace_id, user, None)


def check_not_last(tx: Transaction, workspace_id: str, user_id: str) -> None:
    """Raises Conflict where the workspace would have no owner without this one."""
    if not has_other_owner(tx, workspace_id, user_id):
        raise Conflict(_LAST)


def _hold(tx: Transaction, actor: Actor, workspace_id: str, user_id: str) -> tuple[Role, Role, Person]:
    """The actor's role, the other's, and who that is; none of it changes until the unit ends."""
    hold_workspace(tx, workspace_id)
    own = find_role(tx, workspace_id, actor.user_id)
    theirs, user = find_role(tx, workspace_id, user_id), find_person(tx, user_id)
    if own is None:
        raise NotFound("Workspace not found")
    if theirs is None or user is None:
        raise NotFound("Member not found")
    return own, theirs, user


def _apply(tx: Transaction, actor: Actor, workspace_id: str, user: Person, after: Role | None) -> None:
    before = find_role(tx, workspace_id, user.user_id)
    if after != "owner":
        check_not_last(tx, workspace_id, user.user_id)
    if before == after:
        return
    verb = "added" if before is None else "removed" if after is None else "role_changed"
    audit.record(
        tx,
        actor,
        workspace_id,
        f"member.{verb}",
        audit.Subject(user.user_id, user.name),
        before=None if before is None else {"role": before},
        after=None if after is None else {"role": after},
    )
    if after is None:
        leave(tx, workspace_id, user.user_id)
        event = MemberRemoved(id=user.user_id, by_id=actor.user_id, by_name=actor.name)
        emit(tx, workspace_id, event, actor_id=actor.user_id)
    else:
        join(tx, workspace_id, user.user_id, after)
    # Nobody lets people in whom they could not let in any more.
    withdraw_of(tx, actor, workspace_id, user.user_id, lambda role: after is not None and may_manage(after, role))


def _role(text: str) -> Role | None:
    return next((role for role in ROLES if role == text), None)
