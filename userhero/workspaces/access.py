"""The tenant's door: nobody reaches a row of a workspace without passing here."""

from typing import NoReturn

from msgspec import UNSET, UnsetType
from sqlalchemy import bindparam, literal_column, select

from userhero.kernel.actor import Actor
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.errors import Forbidden, Invalid, NotFound
from userhero.workspaces.plans import PLANS
from userhero.workspaces.tables import members, users, workspaces
from userhero.workspaces.types import API_ROLES, Access, Person

# Stands in events for whoever made a change that no person made.
SYSTEM = "system"
_ACCESS = Statement(
    select(workspaces.c.id, workspaces.c.plan, workspaces.c.api_access, members.c.role)
    .join_from(members, workspaces)
    .where(members.c.workspace_id == bindparam("workspace"), members.c.user_id == bindparam("user"))
)
_OWN = Statement(
    select(workspaces.c.id, workspaces.c.plan, workspaces.c.api_access, literal_column("'owner'")).where(
        workspaces.c.id == bindparam("workspace")
    )
)
_PERSON = Statement(
    select(users.c.id, users.c.name, users.c.email)
    .join_from(members, users)
    .where(members.c.workspace_id == bindparam("workspace"), members.c.user_id == bindparam("user"))
)


def enter(tx: Transaction, actor: Actor, workspace_id: str) -> Access:
    """Let an actor into a workspace.

    Raises NotFound for an unknown workspace and for one that the actor is no member of (existence is not revealed),
    Forbidden where an API key's user is neither owner nor admin, or the workspace has no API access.
    """
    access = _find(tx, actor, workspace_id)
    if access is None:
        raise NotFound("Workspace not found")
    if actor.via == "key":
        _check_api(access)
    tx.tenant = workspace_id
    return access


def enter_named(tx: Transaction, actor: Actor, workspace_id: str | UnsetType) -> Access:
    """Enter the workspace that the request must name. Raises Invalid where it names none; see ``enter``."""
    if isinstance(workspace_id, UnsetType):
        raise Invalid("workspaceId", "is required")
    return enter(tx, actor, workspace_id)


def reach(tx: Transaction, actor: Actor, owner: str | None, named: str | UnsetType, what: str) -> Access:
    """Enter the workspace that owns an object. ``owner`` is None where there is no such object.

    ``named`` is the workspace that the request gave, if any; ``what`` names the object in the error. Raises NotFound
    where the object is unknown, a stranger's, or not in the named workspace (all alike); Forbidden as ``enter`` does.
    """
    if owner is None or (named is not UNSET and named != owner):
        _missing(what)
    access = _find(tx, actor, owner)
    if access is None:
        _missing(what)
    if actor.via == "key":
        _check_api(access)
    tx.tenant = owner
    return access


def recheck(tx: Transaction, actor: Actor, workspace_id: str) -> None:
    """Raises as ``enter`` does where the actor may not enter the workspace any more."""
    enter(tx, actor, workspace_id)


def find_member(tx: Transaction, access: Access, user_id: str) -> Person | None:
    """A member of the workspace, whatever their role, or None."""
    return tx.find(Person, _PERSON, workspace=access.workspace_id, user=user_id)


def system_actor(workspace_id: str, name: str) -> Actor:
    """What acts by itself in one workspace and may enter no other: a rule that fires, a signed delivery."""
    return Actor(SYSTEM, name, "", workspace_id, frozenset(), "system")


def _find(tx: Transaction, actor: Actor, workspace_id: str) -> Access | None:
    if actor.via == "system":
        return tx.find(Access, _OWN, workspace=workspace_id) if actor.credential_id == workspace_id else None
    return tx.find(Access, _ACCESS, workspace=workspace_id, user=actor.user_id)


def _check_api(access: Access) -> None:
    if access.role not in API_ROLES:
        raise Forbidden("Only owners and admins of the workspace may use its REST API.")
    if not access.api_access:
        raise Forbidden("API access is switched off for this workspace (Settings > Integrations).")
    if not PLANS[access.plan].api:
        raise Forbidden("The workspace's plan does not include the REST API.")


def _missing(what: str) -> NoReturn:
    raise NotFound(f"{what} not found")
