"""What was done to an item, written down for those who work on it."""

from typing import Any, Literal

import msgspec
from sqlalchemy import bindparam, delete, literal_column, select

from userhero.kernel import clock, ids
from userhero.kernel.actor import Actor
from userhero.kernel.db import Statement, Transaction, insertion
from userhero.workflows.item_types import FieldChange
from userhero.workflows.tables import workflow_activity

KEPT_DAYS, CHUNK = 365, 500

_a = workflow_activity
_INSERT = insertion(
    workflow_activity, "id", "workspace_id", "item_id", "kind", "actor_id", "actor_name", "by_system", "changes",
    "created_at",
)  # fmt: skip
_old = select(_a.c.id).where(_a.c.created_at <= bindparam("before")).order_by(_a.c.created_at)
_PURGE = Statement(delete(_a).where(_a.c.id.in_(_old.limit(literal_column(str(CHUNK))))))
# What is written down of a change, under the names of the API.
_SHOWN: dict[str, Literal["title", "description", "status", "priority", "assigneeId"]] = {
    "title": "title",
    "description": "description",
    "status": "status",
    "priority": "priority",
    "assignee_id": "assigneeId",
}
_encode = msgspec.json.Encoder().encode


def record(
    tx: Transaction,
    actor: Actor,
    workspace_id: str,
    item_id: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write down that an item was made, or, where ``before`` and ``after`` are given, what changed of it."""
    changes = [FieldChange(_SHOWN[name], (before or {})[name], value) for name, value in (after or {}).items()]
    kind = "created" if after is None else "moved" if "status" in after else "changed"
    by_system = actor.via == "system"
    tx.run(
        _INSERT,
        id=ids.new("wfa"),
        workspace_id=workspace_id,
        item_id=item_id,
        kind=kind,
        actor_id=None if by_system else actor.user_id,
        actor_name=actor.name,
        by_system=by_system,
        changes=_encode(changes).decode(),
        created_at=tx.now,
    )


def purge_activity(tx: Transaction) -> bool:
    """Forget what was done a year ago, at most 500 entries at once; True where there may be more."""
    return tx.run(_PURGE, before=clock.shift(tx.now, days=-KEPT_DAYS)) == CHUNK
