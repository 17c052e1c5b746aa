"""What a workspace uses of its plan.

The things that are counted belong to slices above this one, so each says for itself how many there are
(``counts_usage``); what nobody counts is 0.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Literal, TypeVar

from msgspec import UnsetType
from sqlalchemy import bindparam, func, select

from userhero.kernel import clock
from userhero.kernel.actor import Actor
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.errors import Forbidden
from userhero.workspaces.access import reach
from userhero.workspaces.membership import hold_workspace
from userhero.workspaces.plans import PLANS
from userhero.workspaces.tables import members
from userhero.workspaces.types import Access, Period, Usage, UsageCounts

Kind = Literal[
    "feedback_per_month", "projects", "members", "automations", "custom_fields", "custom_statuses", "storage_bytes"
]
Counter = Callable[[Transaction, str], tuple[int, ...]]
C = TypeVar("C", bound=Counter)
_counters: list[tuple[tuple[Kind, ...], Counter]] = []

_WORDS: dict[Kind, str] = {
    "feedback_per_month": "feedback items a month",
    "projects": "projects",
    "members": "members",
    "automations": "automations",
    "custom_fields": "custom fields",
    "custom_statuses": "custom statuses",
    "storage_bytes": "bytes of media",
}
_MEMBERS = Statement(select(func.count()).select_from(members).where(members.c.workspace_id == bindparam("workspace")))


def counts_usage(*kinds: Kind) -> Callable[[C], C]:
    """Declare a function that counts what a workspace uses: one number for each of ``kinds``, in that order."""

    def declare(counter: C) -> C:
        _counters.append((kinds, counter))
        return counter

    return declare


@counts_usage("members")
def count_members(tx: Transaction, workspace_id: str) -> tuple[int, ...]:
    """How many people are in the workspace."""
    return (int(tx.value(_MEMBERS, workspace=workspace_id)),)


def get_usage(tx: Transaction, actor: Actor, workspace_id: str, named: str | UnsetType) -> Usage:
    """The limits of a workspace's plan, and how much of each is used. Raises NotFound or Forbidden as ``reach`` does.

    The period is the calendar month, UTC; its end is the first moment of the next.
    """
    access = reach(tx, actor, workspace_id, named, "Workspace")
    counts = {
        kind: number
        for kinds, counter in _counters
        for kind, number in zip(kinds, counter(tx, access.workspace_id), strict=True)
    }
    return Usage(
        plan=access.plan,
        period=_month(tx.now),
        limits=PLANS[access.plan].limits,
        usage=UsageCounts(**counts),
    )


def reserve(tx: Transaction, access: Access, kind: Kind) -> bool:
    """True where the plan limits ``kind``. Then nobody else adds to what the workspace has until the unit ends, so
    what is counted now still holds when it is added to.
    """
    if getattr(PLANS[access.plan].limits, kind) is None:
        return False
    hold_workspace(tx, access.workspace_id)
    return True


def check_limit(access: Access, kind: Kind, wanted: int) -> None:
    """Raises Forbidden where the workspace would have more of ``kind`` than its plan allows."""
    limit = getattr(PLANS[access.plan].limits, kind)
    if limit is not None and wanted > limit:
        raise Forbidden(f"The workspace's plan allows {limit} {_WORDS[kind]}; this would make {wanted}.")


def _month(now: str) -> Period:
    start = datetime.fromisoformat(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    year, month = (start.year + 1, 1) if start.month == 12 else (start.year, start.month + 1)
    return Period(start=clock.iso(start.timestamp()), end=clock.iso(start.replace(year=year, month=month).timestamp()))
