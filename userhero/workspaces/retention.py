"""For how many days a workspace keeps its feedback: as its plan says, or less where it was told so."""

import msgspec
from sqlalchemy import bindparam, select

from userhero.kernel.db import Statement, Transaction
from userhero.workspaces.plans import PLANS
from userhero.workspaces.tables import workspaces

_w = workspaces
_ALL = Statement(select(_w.c.id, _w.c.name, _w.c.plan, _w.c.retention_days).order_by(_w.c.created_at, _w.c.id))
_ONE = Statement(select(_w.c.plan, _w.c.retention_days).where(_w.c.id == bindparam("workspace")))


class Retention(msgspec.Struct, frozen=True):
    """A workspace, and for how many days it keeps feedback; None is for ever."""

    workspace_id: str
    name: str
    plan: str
    days: int | None


def kept_days(plan: str, chosen: int | None) -> int | None:
    """The shorter of what the plan allows and what was chosen."""
    return min((days for days in (PLANS[plan].retention_days, chosen) if days is not None), default=None)


def list_retentions(tx: Transaction) -> list[Retention]:
    """Every workspace, oldest first: for whoever runs the server, and what is done by itself."""
    return [Retention(row[0], row[1], row[2], kept_days(row[2], row[3])) for row in tx.all(_ALL)]


def retention_days(tx: Transaction, workspace_id: str) -> int | None:
    """For how many days a workspace, which is there, keeps feedback."""
    row = tx.one(_ONE, workspace=workspace_id)
    assert row is not None, "the workspace was entered"
    return kept_days(row[0], row[1])
