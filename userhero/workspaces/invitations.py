"""Invitations as they are kept, and as those see them who have a link or may send one."""

import msgspec
from sqlalchemy import bindparam, func, select

from userhero.kernel.actor import Actor
from userhero.kernel.audit import audit_log
from userhero.kernel.crypto import digest
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.errors import NotFound
from userhero.workspaces.tables import invitations, users, workspaces
from userhero.workspaces.types import Access, Role

DAYS = 7

_i, _a = invitations, audit_log
_row = [_i.c[name] for name in ("id", "workspace_id", "email", "role", "invited_by", "way", "error")]
_times = [_i.c[name] for name in ("created_at", "sent_at", "expires_at")]
_around = _i.join(workspaces, workspaces.c.id == _i.c.workspace_id).outerjoin(users, users.c.id == _i.c.invited_by)
_names = [workspaces.c.name.label("workspace"), users.c.name.label("inviter")]
_all = select(*_row, *_times, *_names).select_from(_around)
_BY_TOKEN = Statement(_all.where(_i.c.digest == bindparam("token"), _i.c.expires_at > bindparam("moment")))
_ONE = Statement(_all.where(_i.c.id == bindparam("invitation"), _i.c.workspace_id == bindparam("workspace")))
_OF_WORKSPACE = Statement(_all.where(_i.c.workspace_id == bindparam("workspace")).order_by(_i.c.created_at, _i.c.id))
_OF_ADDRESS = Statement(_all.where(_i.c.workspace_id == bindparam("workspace"), _i.c.email == bindparam("email")))
_ACTS = Statement(
    select(func.count())
    .select_from(_a)
    .where(
        _a.c.workspace_id == bindparam("workspace"),
        _a.c.act == bindparam("act"),
        _a.c.created_at > bindparam("since"),
    )
)


class Invitation(msgspec.Struct, array_like=True, frozen=True):
    """An invitation into a workspace. ``inviter`` is the name of who made it, None where their account is gone."""

    id: str
    workspace_id: str
    email: str
    role: Role
    invited_by: str | None
    way: str
    error: str | None
    created_at: str
    sent_at: str
    expires_at: str
    workspace: str
    inviter: str | None


def get_invited(tx: Transaction, token: str) -> Invitation:
    """The invitation that a link leads to. Raises NotFound where it was used, withdrawn, replaced, or is over."""
    found = tx.find(Invitation, _BY_TOKEN, token=digest(token), moment=tx.now)
    if found is None:
        raise NotFound(
            "This invitation is not valid any more: it was used or withdrawn, its week is over, or a newer link was "
            "sent. Ask whoever invited you for another one."
        )
    return found


def list_invitations(tx: Transaction, access: Access) -> list[Invitation]:
    """The workspace's invitations that nobody has accepted, oldest first; those too whose time is over."""
    return tx.list(Invitation, _OF_WORKSPACE, workspace=access.workspace_id)


def find_invitation(tx: Transaction, workspace_id: str, invitation_id: str) -> Invitation | None:
    """One of the workspace's invitations, or None."""
    return tx.find(Invitation, _ONE, invitation=invitation_id, workspace=workspace_id)


def find_for(tx: Transaction, workspace_id: str, email: str) -> Invitation | None:
    """The invitation of an address into the workspace, or None."""
    return tx.find(Invitation, _OF_ADDRESS, workspace=workspace_id, email=email)


def count_acts(tx: Transaction, workspace_id: str, act: str, since: str) -> int:
    """How often something was done in the workspace since a time."""
    return int(tx.value(_ACTS, workspace=workspace_id, act=act, since=since))


def is_theirs(invitation: Invitation, actor: Actor) -> bool:
    """Whether the invitation names the address of the actor's account."""
    return invitation.email == actor.email
