"""What happened in a tenant's workspace, as the outbox has it."""

import json
from typing import Any

from sqlalchemy import bindparam, select

from tests.support.tenants import Tenant
from userhero.kernel.db import Database, Statement
from userhero.kernel.events import events

_EVENTS = Statement(
    select(events.c.kind, events.c.data)
    .where(events.c.workspace_id == bindparam("workspace"))
    .order_by(events.c.position)
)


def events_of(database: Database, tenant: Tenant) -> list[tuple[str, Any]]:
    """Kind and data of every event, oldest first."""
    rows = database.read(lambda tx: tx.all(_EVENTS, workspace=tenant.workspace_id))
    return [(kind, json.loads(data)) for kind, data in rows]
