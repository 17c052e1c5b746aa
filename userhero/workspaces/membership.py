"""Who is in a workspace, as those need it who change that: the workspace held, roles read under that lock, rows put in.

Nothing here asks who may: see ``actions``.
"""

from typing import cast

import msgspec
from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert

from userhero.kernel.db import Statement, Transaction
from userhero.kernel.errors import NotFound
from userhero.workspaces.tables import members, workspaces
from userhero.workspaces.types import Role

_w, _m = workspaces, members
# Whoever changes the workspace or its members waits for whoever does so already.
_HOLD = Statement(
    select(_w.c.id, _w.c.name, _w.c.plan, _w.c.api_access, _w.c.retention_days)
    .where(_w.c.id == bindparam("workspace"))
    .with_for_update(key_share=True)
)
_ROLE = Statement(
    select(_m.c.role).where(_m.c.workspace_id == bindparam("workspace"), _m.c.user_id == bindparam("user"))
)
_joined = upsert(_m).values(
    workspace_id=bindparam("workspace"),
    user_id=bindparam("user"),
    role=bindparam("role"),
    created_at=bindparam("now"),
)
_JOIN = Statement(
    _joined.on_conflict_do_update(
        index_elements=[_m.c.workspace_id, _m.c.user_id], set_={"role": _joined.excluded.role}
    )
)
_LEAVE = Statement(delete(_m).where(_m.c.workspace_id == bindparam("workspace"), _m.c.user_id == bindparam("user")))
_OTHER_OWNERS = Statement(
    select(func.count())
    .select_from(_m)
    .where(_m.c.workspace_id == bindparam("workspace"), _m.c.user_id != bindparam("user"), _m.c.role == "owner")
)


class Held(msgspec.Struct, rename="camel", frozen=True):
    """A workspace that nobody else changes until the unit ends, as the audit log tells of it."""

    id: str
    name: str
    plan: str
    api_access_enabled: bool
    retention_days: int | None


def hold_workspace(tx: Transaction, workspace_id: str) -> Held:
    """Let nobody else change the workspace, its members or invitations until the unit ends. Raises NotFound."""
    row = tx.one(_HOLD, workspace=workspace_id)
    if row is None:
        raise NotFound(f"There is no workspace {workspace_id}.")
    found, name, plan, api_access, retention_days = row
    return Held(found, name, plan, bool(api_access), retention_days)


def find_role(tx: Transaction, workspace_id: str, user_id: str) -> Role | None:
    """What somebody is in the workspace; None where they are not in it."""
    return cast("Role | None", tx.value(_ROLE, workspace=workspace_id, user=user_id))


def has_other_owner(tx: Transaction, workspace_id: str, user_id: str) -> bool:
    """Whether anybody but this one owns the workspace."""
    return bool(tx.value(_OTHER_OWNERS, workspace=workspace_id, user=user_id))


def join(tx: Transaction, workspace_id: str, user_id: str, role: str) -> None:
    """Put somebody into the workspace, or give them another role there."""
    tx.run(_JOIN, workspace=workspace_id, user=user_id, role=role, now=tx.now)


def leave(tx: Transaction, workspace_id: str, user_id: str) -> None:
    """Take somebody out of the workspace, with what is theirs there alone: notifications, choices, mail to them."""
    tx.run(_LEAVE, workspace=workspace_id, user=user_id)
