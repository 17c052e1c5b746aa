"""Members as those need to know them who write to people: their names, addresses and roles."""

from collections.abc import Iterable

import msgspec
from sqlalchemy import bindparam, or_, select

from userhero.kernel.db import Statement, Transaction
from userhero.kernel.db.functions import is_among
from userhero.workspaces.tables import members, users, workspaces
from userhero.workspaces.types import API_ROLES, ROLES, Access, Role

_m = members
_people = (
    select(users.c.id, users.c.name, users.c.email, _m.c.role)
    .join_from(_m, users)
    .where(_m.c.workspace_id == bindparam("workspace"))
    .order_by(_m.c.user_id)
)
_NAMED = Statement(_people.where(is_among(_m.c.user_id, bindparam("people"))))
_IN_CHARGE = Statement(_people.where(or_(*(_m.c.role == role for role in sorted(API_ROLES)))))
_BY_EMAIL = Statement(_people.where(users.c.email == bindparam("email")))
_ALL = Statement(_people)
_SEATS = Statement(
    select(users.c.id, users.c.name, users.c.email, _m.c.role, _m.c.created_at, users.c.last_seen_at)
    .join_from(_m, users)
    .where(_m.c.workspace_id == bindparam("workspace"))
    .order_by(_m.c.user_id)
)
_NAME = Statement(select(workspaces.c.name).where(workspaces.c.id == bindparam("workspace")))
_encode = msgspec.json.Encoder().encode


class Teammate(msgspec.Struct, array_like=True, frozen=True):
    """A member of a workspace, and as what."""

    user_id: str
    name: str
    email: str
    role: Role


class Seat(msgspec.Struct, array_like=True, frozen=True):
    """A member as the members page shows them. ``last_seen_at`` is None where they never used a page, signed in."""

    user_id: str
    name: str
    email: str
    role: Role
    since: str
    last_seen_at: str | None


def list_teammates(tx: Transaction, workspace_id: str, user_ids: Iterable[str]) -> list[Teammate]:
    """Those of the users who are members of the workspace now, by id. For work that follows from events."""
    wanted = sorted(set(user_ids))
    if not wanted:
        return []
    return tx.list(Teammate, _NAMED, workspace=workspace_id, people=_encode(wanted).decode())


def list_in_charge(tx: Transaction, workspace_id: str) -> list[Teammate]:
    """The workspace's owners and admins."""
    return tx.list(Teammate, _IN_CHARGE, workspace=workspace_id)


def list_team(tx: Transaction, access: Access) -> list[Teammate]:
    """Everybody in the workspace, by name."""
    everybody = tx.list(Teammate, _ALL, workspace=access.workspace_id)
    return sorted(everybody, key=lambda each: (each.name.casefold(), each.user_id))


def list_seats(tx: Transaction, access: Access) -> list[Seat]:
    """Everybody in the workspace, owners first, then by name."""
    everybody = tx.list(Seat, _SEATS, workspace=access.workspace_id)
    return sorted(everybody, key=lambda each: (ROLES.index(each.role), each.name.casefold(), each.user_id))


def find_teammate(tx: Transaction, workspace_id: str, email: str) -> Teammate | None:
    """The member with an address in its stored spelling, all lower case, or None."""
    return tx.find(Teammate, _BY_EMAIL, workspace=workspace_id, email=email)


def workspace_name(tx: Transaction, workspace_id: str) -> str:
    """What the workspace is called; empty where it is gone."""
    return tx.value(_NAME, workspace=workspace_id) or ""
