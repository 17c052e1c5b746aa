"""Writes on workspaces themselves."""

import msgspec
from sqlalchemy import bindparam, update

from userhero.kernel import audit, ids
from userhero.kernel.actor import OPERATOR, Actor
from userhero.kernel.db import Statement, Transaction, insertion
from userhero.kernel.errors import Invalid
from userhero.workspaces.membership import hold_workspace, join
from userhero.workspaces.people import get_user
from userhero.workspaces.plans import PLANS
from userhero.workspaces.tables import workspaces

MAX_NAME, MAX_DAYS = 200, 36_500

_w = workspaces
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
_encode = msgspec.json.Encoder().encode


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
    join(tx, workspace_id, owner.user_id, "owner")
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
    held = hold_workspace(tx, workspace_id)
    if plan is not None:
        _check_plan(plan)
        tx.run(_SET_PLAN, workspace=workspace_id, new=plan, now=tx.now)
    if api_access is not None:
        tx.run(_SET_API, workspace=workspace_id, new=api_access, now=tx.now)
    if retention_days is not None:
        if not 0 <= retention_days <= MAX_DAYS:
            raise Invalid("retentionDays", f"must be 0 to {MAX_DAYS:,} days")
        tx.run(_SET_RETENTION, workspace=workspace_id, new=retention_days or None, now=tx.now)
    before, after = (_encode(each).decode() for each in (held, hold_workspace(tx, workspace_id)))
    audit.record_change(tx, actor, workspace_id, "workspace.updated", before=before, after=after)


def _check_plan(plan: str) -> None:
    if plan not in PLANS:
        raise Invalid("plan", f"must be one of {', '.join(PLANS)}")
