"""Invitations: made, sent again, withdrawn, accepted.

The token of a link is random and only its digest is kept. Where mail is set up, it is made by the job that sends the
mail, so that it never lies in the queue either; elsewhere it is returned once, to be copied.
"""

import secrets
from collections.abc import Callable

from sqlalchemy import bindparam, delete, literal_column, null, select, update

from userhero.kernel import audit, clock, ids
from userhero.kernel.actor import Actor
from userhero.kernel.crypto import digest
from userhero.kernel.db import Statement, Transaction, insertion
from userhero.kernel.errors import Conflict, Invalid, NotFound
from userhero.kernel.jobs import enqueue
from userhero.workspaces.invitations import DAYS, Invitation, count_acts, find_for, find_invitation, get_invited
from userhero.workspaces.members import find_teammate
from userhero.workspaces.membership import Held, find_role, hold_workspace, join
from userhero.workspaces.people import account_email
from userhero.workspaces.powers import check_power
from userhero.workspaces.tables import invitations
from userhero.workspaces.types import ROLES, Access, Role
from userhero.workspaces.usage import check_limit, count_members, reserve

MAIL = "workspaces.mail_invitation"
# Open ones at once, and links made within a day: nobody sends mail to strangers by the thousand.
MAX_OPEN, MAX_A_DAY = 100, 200
KEPT_DAYS, CHUNK = 30, 500
CREATED, RESENT = "invitation.created", "invitation.resent"

_i = invitations
_INSERT = insertion(
    invitations,
    "id", "workspace_id", "email", "role", "digest", "invited_by", "way", "created_at", "sent_at", "expires_at",
)  # fmt: skip
_RENEW = Statement(
    update(_i)
    .where(_i.c.id == bindparam("invitation"))
    .values(
        digest=bindparam("token"), way=bindparam("by"), error=null(), invited_by=bindparam("inviter"),
        sent_at=bindparam("moment"), expires_at=bindparam("ends"),
    )
)  # fmt: skip
_DELETE = Statement(delete(_i).where(_i.c.id == bindparam("invitation")))
_USE = Statement(
    delete(_i)
    .where(_i.c.id == bindparam("invitation"), _i.c.digest == bindparam("token"), _i.c.expires_at > bindparam("moment"))
    .returning(_i.c.id)
)
_MADE_BY = Statement(
    select(_i.c.id, _i.c.email, _i.c.role).where(
        _i.c.invited_by == bindparam("inviter"), _i.c.workspace_id == bindparam("workspace")
    )
)
_OPEN = Statement(
    select(_i.c.id).where(_i.c.workspace_id == bindparam("workspace"), _i.c.expires_at > bindparam("moment"))
)
_old = select(_i.c.id).where(_i.c.expires_at <= bindparam("before")).limit(literal_column(str(CHUNK)))
_PURGE = Statement(delete(_i).where(_i.c.id.in_(_old)))


def invite(tx: Transaction, actor: Actor, access: Access, *, email: str, role: str, by_mail: bool) -> tuple[str, str]:
    """Let whoever gets a link into the workspace; returns the invitation's id and the link's token, which is empty
    where the link is mailed.

    Raises Invalid for an address that is none, is a member's or is invited already, and for an unknown role; Forbidden
    for a role that is not the actor's to give, and where the plan has no room; Conflict where there are too many.
    """
    held = hold_workspace(tx, access.workspace_id)
    address, wanted = account_email(email), _check_role(role)
    _check_inviter(tx, actor, held.id, wanted)
    if find_teammate(tx, held.id, address) is not None:
        raise Invalid("email", "is a member of this workspace already")
    before = find_for(tx, held.id, address)
    if before is not None and before.expires_at > tx.now:
        raise Invalid("email", "is invited already: send that invitation again, below")
    waiting = len(tx.texts(_OPEN, workspace=held.id, moment=tx.now))
    _check_room(tx, access, waiting)
    _check_pace(tx, held.id)
    if before is not None:
        tx.run(_DELETE, invitation=before.id)
    invitation_id, token = ids.new("inv"), "" if by_mail else secrets.token_urlsafe(32)
    tx.run(
        _INSERT,
        id=invitation_id,
        workspace_id=held.id,
        email=address,
        role=wanted,
        digest=None if by_mail else digest(token),
        invited_by=actor.user_id,
        way="waiting" if by_mail else "link",
        created_at=tx.now,
        sent_at=tx.now,
        expires_at=clock.shift(tx.now, days=DAYS),
    )
    made = {"email": address, "role": wanted}
    audit.record(tx, actor, held.id, CREATED, audit.Subject(invitation_id, address), after=made)
    _mail(tx, invitation_id, by_mail=by_mail)
    return invitation_id, token


def invite_again(tx: Transaction, actor: Actor, access: Access, invitation_id: str, *, by_mail: bool) -> str:
    """A new link in the place of the one before, for another week; returns its token, empty where it is mailed.

    Raises NotFound, Forbidden for a role that is not the actor's to give, Conflict where there were too many.
    """
    found = _hold(tx, access, invitation_id)
    _check_inviter(tx, actor, access.workspace_id, found.role)
    _check_pace(tx, access.workspace_id)
    token = "" if by_mail else secrets.token_urlsafe(32)
    tx.run(
        _RENEW,
        invitation=found.id,
        token=None if by_mail else digest(token),
        by="waiting" if by_mail else "link",
        inviter=actor.user_id,
        moment=tx.now,
        ends=clock.shift(tx.now, days=DAYS),
    )
    after = {"email": found.email, "role": found.role}
    audit.record(tx, actor, access.workspace_id, RESENT, audit.Subject(found.id, found.email), after=after)
    _mail(tx, found.id, by_mail=by_mail)
    return token


def withdraw(tx: Transaction, actor: Actor, access: Access, invitation_id: str) -> None:
    """End an invitation: its link leads nowhere. Raises NotFound, Forbidden where the role is not theirs to give."""
    found = _hold(tx, access, invitation_id)
    _check_inviter(tx, actor, access.workspace_id, found.role)
    _end(tx, actor, access.workspace_id, (found.id, found.email, found.role))


def withdraw_of(
    tx: Transaction, actor: Actor, workspace_id: str, inviter_id: str, keeps: Callable[[Role], bool]
) -> None:
    """End the invitations that somebody has made into the workspace, but for those to roles that ``keeps`` says."""
    for row in tx.all(_MADE_BY, inviter=inviter_id, workspace=workspace_id):
        if not keeps(row[2]):
            _end(tx, actor, workspace_id, row)


def accept(tx: Transaction, actor: Actor, token: str) -> Invitation:
    """Bring the actor into the workspace that the link leads to, and end it: of two who use it one is refused.

    Raises NotFound where it leads nowhere any more, Conflict where they are in that workspace already, Forbidden where
    its plan has no room.
    """
    found = get_invited(tx, token)
    held = hold_workspace(tx, found.workspace_id)
    if find_role(tx, held.id, actor.user_id) is not None:
        raise Conflict(f"You are in {held.name} already. The invitation is still open for {found.email}.")
    if not tx.texts(_USE, invitation=found.id, token=digest(token), moment=tx.now):
        # Somebody was faster.
        get_invited(tx, token)
        raise NotFound("This invitation is not valid any more.")
    access = Access(held.id, held.plan, held.api_access_enabled, found.role)
    if reserve(tx, access, "members"):
        check_limit(access, "members", count_members(tx, held.id)[0] + 1)
    join(tx, held.id, actor.user_id, found.role)
    told = {"email": found.email, "role": found.role, "invitedById": found.invited_by}
    audit.record(tx, actor, held.id, "invitation.accepted", audit.Subject(found.id, found.email), before=told)
    member = audit.Subject(actor.user_id, actor.name)
    audit.record(tx, actor, held.id, "member.added", member, after={"role": found.role})
    return found


def purge_invitations(tx: Transaction) -> bool:
    """Forget invitations that ended 30 days ago, 500 at the most; True where there may be more."""
    return tx.run(_PURGE, before=clock.shift(tx.now, days=-KEPT_DAYS)) == CHUNK


def _hold(tx: Transaction, access: Access, invitation_id: str) -> Invitation:
    held: Held = hold_workspace(tx, access.workspace_id)
    found = find_invitation(tx, held.id, invitation_id)
    if found is None:
        raise NotFound("Invitation not found: it was accepted or withdrawn.")
    return found


def _end(tx: Transaction, actor: Actor, workspace_id: str, row: tuple[str, ...]) -> None:
    invitation_id, email, role = row
    tx.run(_DELETE, invitation=invitation_id)
    before = {"email": email, "role": role}
    audit.record(tx, actor, workspace_id, "invitation.withdrawn", audit.Subject(invitation_id, email), before=before)


def _check_inviter(tx: Transaction, actor: Actor, workspace_id: str, role: Role) -> None:
    own = find_role(tx, workspace_id, actor.user_id)
    if own is None:
        raise NotFound("Workspace not found")
    check_power(own, role)


def _check_role(role: str) -> Role:
    found = next((each for each in ROLES if each == role), None)
    if found is None:
        raise Invalid("role", "must be one of the choices")
    return found


def _check_room(tx: Transaction, access: Access, waiting: int) -> None:
    if waiting >= MAX_OPEN:
        raise Conflict(f"{MAX_OPEN} invitations are open, which is the most. Withdraw some first.")
    if reserve(tx, access, "members"):
        check_limit(access, "members", count_members(tx, access.workspace_id)[0] + waiting + 1)


def _check_pace(tx: Transaction, workspace_id: str) -> None:
    since = clock.shift(tx.now, days=-1)
    if sum(count_acts(tx, workspace_id, act, since) for act in (CREATED, RESENT)) >= MAX_A_DAY:
        raise Conflict(f"{MAX_A_DAY} invitations went out within a day, which is the most. Go on tomorrow.")


def _mail(tx: Transaction, invitation_id: str, *, by_mail: bool) -> None:
    if by_mail:
        enqueue(tx, MAIL, {"invitation": invitation_id}, key=invitation_id)
