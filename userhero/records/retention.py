"""Removing feedback once a workspace keeps it no longer."""

from collections.abc import Sequence
from functools import partial

import msgspec

from userhero.feedback import count_older, list_older, remove_item
from userhero.kernel import clock
from userhero.kernel.db import Database, Transaction
from userhero.workspaces import Retention, list_retentions

# What led to an item's removal, as its event says.
CAUSE = "retention"
# Items in one unit of work.
_PART = 10
JOB_SECONDS = 120.0


class RetentionStatus(msgspec.Struct, rename="camel", frozen=True):
    """How retention stands in a workspace: ``days`` is null where it keeps all; ``due`` items are still to go."""

    workspace_id: str
    name: str
    plan: str
    days: int | None
    due: int


def list_retention_status(tx: Transaction) -> list[RetentionStatus]:
    """How retention stands in every workspace, for whoever runs the server."""
    return [
        RetentionStatus(
            each.workspace_id,
            each.name,
            each.plan,
            each.days,
            0 if each.days is None else count_older(tx, each.workspace_id, _before(tx.now, each.days)),
        )
        for each in list_retentions(tx)
    ]


def remove_old(database: Database) -> bool:
    """Remove what workspaces keep no longer, as much as a job may; True where there is more."""
    started = clock.monotonic()
    for each in database.read(list_retentions):
        while found := database.read(partial(_due, retention=each)):
            for start in range(0, len(found), _PART):
                database.write(partial(_remove, items=found[start : start + _PART]))
            if clock.monotonic() - started > JOB_SECONDS:
                return True
    return False


def _due(tx: Transaction, retention: Retention) -> list[str]:
    if retention.days is None:
        return []
    return list_older(tx, retention.workspace_id, _before(tx.now, retention.days))


def _remove(tx: Transaction, items: Sequence[str]) -> None:
    with tx.because((CAUSE,)):
        for feedback_id in items:
            remove_item(tx, feedback_id)


def _before(now: str, days: int) -> str:
    return clock.shift(now, days=-days)
