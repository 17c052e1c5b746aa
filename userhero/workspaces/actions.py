"""Writes on workspaces and their members."""

from typing import get_args

import msgspec
from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from userhero.kernel import audit, ids
from userhero.kernel.actor import OPERATOR, Actor
from userhero.kernel.db import Statement, Transaction, insertion
from userhero.kernel.errors import Conflict, Invalid, NotFound
from userhero.workspaces.people import get_user
from userhero.workspaces.plans import PLANS
from userhero.workspaces.tables import members, workspaces
from userhero.workspaces.types import Role

MAX_NAME, MAX_DAYS = 200, 36_500

_w, _m = workspaces, members
_INSERT = insertion(workspaces, "id", "name", "plan", "created_at", "updated_at")
_SET_PLAN = Statement(
    update(_w).where(_w.c.id == bindparam("workspace")).values(plan=bindparam("new"), updated_at=bindparam("now"))
)
_SET_API = Statement(
    update(_w).where(_w.c.id == bindparam("workspace")).values(api_access=bindparam("new"), updated_at=bindparam("now"))
)
_SET_RETENTION = Statement(
    update(_w)
    .where(_w.c.id == bindparam("workspace"))
    .values(retention_days=bindparam("new"), updated_at=bindparam("now"))
)
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
_encode = msgspec.json.Encoder().encode


class _Held(msgspec.Struct, rename="camel", frozen=True):
    """What the audit log tells of a workspace."""

    id: str
    name: str
    plan: str
    api_access_enabled: bool
    retention_days: int | None


def create_workspace(
    tx: Transaction, *, name: str, owner_email: str, plan: str = "pro_max", actor: Actor = OPERATOR
) -> str:
    """A new workspace with one owner; returns its id. Raises NotFound for an unknown owner, or Invalid."""
    owner = get_user(tx, owner_email)
    if not 1 <= len(name.strip()) <= MAX_NAME:
        raise Invalid("name", f"must have 1 to {MAX_NAME} characters")
    _check_plan(plan)
    workspace_id = ids.new("ws")
    tx.run(_INSERT, id=workspace_id, name=name.strip(), plan=plan, created_at=tx.now, updated_at=tx.now)
    tx.run(_JOIN, workspace=workspace_id, user=owner.user_id, role="owner", now=tx.now)
    made = {"name": name.strip(), "plan": plan, "ownerId": owner.user_id}
    audit.record(tx, actor, workspace_id, "workspace.created", audit.Subject(workspace_id, name.strip()), after=made)
    return workspace_id


def set_workspace(
    tx: Transaction,
    workspace_id: str,
    *,
    plan: str | None = None,
    api_access: bool | None = None,
    retention_days: int | None = None,
    actor: Actor = OPERATOR,
) -> None:
    """Change the plan, switch the REST API on or off, or keep feedback for fewer days than the plan does (0: for as
    many). Raises NotFound, or Invalid for an unknown plan or days that are not 0 to 36,500.
    """
    held = _hold(tx, workspace_id)
    if plan is not None:
        _check_plan(plan)
        tx.run(_SET_PLAN, workspace=workspace_id, new=plan, now=tx.now)
    if api_access is not None:
        tx.run(_SET_API, workspace=workspace_id, new=api_access, now=tx.now)
    if retention_days is not None:
        if not 0 <= retention_days <= MAX_DAYS:
            raise Invalid("retentionDays", f"must be 0 to {MAX_DAYS:,} days")
        tx.run(_SET_RETENTION, workspace=workspace_id, new=retention_days or None, now=tx.now)
    before, after = (_encode(each).decode() for each in (held, _hold(tx, workspace_id)))
    audit.record_change(tx, actor, workspace_id, "workspace.updated", before=before, after=after)


def set_member(tx: Transaction, workspace_id: str, *, email: str, role: str, actor: Actor = OPERATOR) -> None:
    """Give a user a role in the workspace; ``none`` takes them out.

    Raises NotFound for an unknown workspace or user, Invalid for an unknown role, Conflict where the workspace would be
    left without an owner.
    """
    _hold(tx, workspace_id)
    user = get_user(tx, email)
    if role not in (*get_args(Role), "none"):
        raise Invalid("role", "must be owner, admin, member, viewer or none")
    if role != "owner" and not tx.value(_OTHER_OWNERS, workspace=workspace_id, user=user.user_id):
        raise Conflict("A workspace needs an owner; make somebody else one first.")
    before: str | None = tx.value(_ROLE, workspace=workspace_id, user=user.user_id)
    if role == "none":
        tx.run(_LEAVE, workspace=workspace_id, user=user.user_id)
    else:
        tx.run(_JOIN, workspace=workspace_id, user=user.user_id, role=role, now=tx.now)
    after = None if role == "none" else role
    if before != after:
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


def _hold(tx: Transaction, workspace_id: str) -> _Held:
    row = tx.one(_HOLD, workspace=workspace_id)
    if row is None:
        raise NotFound(f"There is no workspace {workspace_id}.")
    found, name, plan, api_access, retention_days = row
    return _Held(found, name, plan, bool(api_access), retention_days)


def _check_plan(plan: str) -> None:
    if plan not in PLANS:
        raise Invalid("plan", f"must be one of {', '.join(PLANS)}")
