"""Writes on workspaces and their members."""

from typing import get_args

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from userhero.kernel import ids
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
_EXISTS = Statement(select(_w.c.id).where(_w.c.id == bindparam("workspace")))
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


def create_workspace(tx: Transaction, *, name: str, owner_email: str, plan: str = "pro_max") -> str:
    """A new workspace with one owner; returns its id. Raises NotFound for an unknown owner, or Invalid."""
    owner = get_user(tx, owner_email)
    if not 1 <= len(name.strip()) <= MAX_NAME:
        raise Invalid("name", f"must have 1 to {MAX_NAME} characters")
    _check_plan(plan)
    workspace_id = ids.new("ws")
    tx.run(_INSERT, id=workspace_id, name=name.strip(), plan=plan, created_at=tx.now, updated_at=tx.now)
    tx.run(_JOIN, workspace=workspace_id, user=owner.user_id, role="owner", now=tx.now)
    return workspace_id


def set_workspace(
    tx: Transaction,
    workspace_id: str,
    *,
    plan: str | None = None,
    api_access: bool | None = None,
    retention_days: int | None = None,
) -> None:
    """Change the plan, switch the REST API on or off, or keep feedback for fewer days than the plan does (0: for as
    many). Raises NotFound, or Invalid for an unknown plan or days that are not 0 to 36,500.
    """
    _check_exists(tx, workspace_id)
    if plan is not None:
        _check_plan(plan)
        tx.run(_SET_PLAN, workspace=workspace_id, new=plan, now=tx.now)
    if api_access is not None:
        tx.run(_SET_API, workspace=workspace_id, new=api_access, now=tx.now)
    if retention_days is not None:
        if not 0 <= retention_days <= MAX_DAYS:
            raise Invalid("retentionDays", f"must be 0 to {MAX_DAYS:,} days")
        tx.run(_SET_RETENTION, workspace=workspace_id, new=retention_days or None, now=tx.now)


def set_member(tx: Transaction, workspace_id: str, *, email: str, role: str) -> None:
    """Give a user a role in the workspace; ``none`` takes them out.

    Raises NotFound for an unknown workspace or user, Invalid for an unknown role, Conflict where the workspace would be
    left without an owner.
    """
    _check_exists(tx, workspace_id)
    user = get_user(tx, email)
    if role not in (*get_args(Role), "none"):
        raise Invalid("role", "must be owner, admin, member, viewer or none")
    if role != "owner" and not tx.value(_OTHER_OWNERS, workspace=workspace_id, user=user.user_id):
        raise Conflict("A workspace needs an owner; make somebody else one first.")
    if role == "none":
        tx.run(_LEAVE, workspace=workspace_id, user=user.user_id)
    else:
        tx.run(_JOIN, workspace=workspace_id, user=user.user_id, role=role, now=tx.now)


def _check_exists(tx: Transaction, workspace_id: str) -> None:
    if tx.one(_EXISTS, workspace=workspace_id) is None:
        raise NotFound(f"There is no workspace {workspace_id}.")


def _check_plan(plan: str) -> None:
    if plan not in PLANS:
        raise Invalid("plan", f"must be one of {', '.join(PLANS)}")
