"""Reads of workspaces."""

from msgspec import UnsetType
from sqlalchemy import Select, bindparam, func, or_, select

from userhero.kernel.actor import Actor
from userhero.kernel.db import Document, Statement, Transaction
from userhero.workspaces.access import reach
from userhero.workspaces.plans import PLANS
from userhero.workspaces.retention import retention_days
from userhero.workspaces.tables import members, users, workspaces
from userhero.workspaces.types import API_ROLES

_w, _m = workspaces, members
_others = members.alias("others")
_member_count = select(func.count()).select_from(_others).where(_others.c.workspace_id == _w.c.id).scalar_subquery()


def document() -> Document:
    """A workspace as a member sees it, in the fields of the list."""
    return (
        Document()
        .plain("id", _w.c.id)
        .value("name", _w.c.name)
        .plain("plan", _w.c.plan)
        .plain("billingInterval", _w.c.billing_interval)
        .plain("subscriptionStatus", _w.c.subscription_status)
        .flag("apiAccessEnabled", _w.c.api_access)
        .number("memberCount", _member_count)
        .plain("role", _m.c.role)
        .plain("createdAt", _w.c.created_at)
        .plain("updatedAt", _w.c.updated_at)
    )


def _listed() -> Select[str]:
    return (
        select(document().end())
        .join_from(_m, _w)
        .where(
            _m.c.user_id == bindparam("user"),
            or_(*(_m.c.role == role for role in sorted(API_ROLES))),
            _w.c.api_access,
            or_(*(_w.c.plan == plan.name for plan in PLANS.values() if plan.api)),
        )
        .order_by(_w.c.created_at.desc(), _w.c.id.desc())
    )


_LIST = Statement(_listed())
_GET = Statement(
    select(document().begin())
    .join_from(_m, _w)
    .where(_m.c.user_id == bindparam("user"), _m.c.workspace_id == bindparam("workspace"))
)
_MEMBERS = Statement(
    select(
        Document()
        .plain("userId", users.c.id)
        .value("name", users.c.name)
        .value("email", users.c.email)
        .plain("role", _m.c.role)
        .end()
    )
    .join_from(_m, users)
    .where(_m.c.workspace_id == bindparam("workspace"))
    .order_by(_m.c.created_at, _m.c.user_id)
)


def list_workspaces(tx: Transaction, actor: Actor) -> list[str]:
    """Every workspace that the actor may use over the API, newest first."""
    return tx.texts(_LIST, user=actor.user_id)


def get_workspace(tx: Transaction, actor: Actor, workspace_id: str, named: str | UnsetType) -> str:
    """A workspace with its members and settings, as JSON. Raises NotFound or Forbidden as ``reach`` does."""
    access = reach(tx, actor, workspace_id, named, "Workspace")
    start = tx.value(_GET, user=actor.user_id, workspace=access.workspace_id)
    people = ",".join(tx.texts(_MEMBERS, workspace=access.workspace_id))
    switched = "true" if access.api_access else "false"
    days = retention_days(tx, access.workspace_id)
    settings = f'{{"apiAccessEnabled":{switched},"retentionDays":{"null" if days is None else days}}}'
    return f'{start},"members":[{people}],"settings":{settings}}}'
