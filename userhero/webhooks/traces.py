"""Deliveries that tell of somebody who is to be forgotten."""

from sqlalchemy import bindparam, delete, literal_column, select

from userhero.kernel.db import Statement
from userhero.kernel.db.functions import unindexed
from userhero.kernel.db.traces import Traces
from userhero.kernel.events import HARMLESS
from userhero.webhooks.tables import webhook_deliveries, webhook_endpoints

_d, _e = webhook_deliveries, webhook_endpoints

TRACES = (
    Traces(
        _d.c.position,
        _d.c.created_at,
        [_d.c.body, _d.c.answer_body, _d.c.answer_headers, _d.c.error, _d.c.log],
        of_workspace=[
            unindexed(_d.c.endpoint_id).in_(select(_e.c.id).where(_e.c.workspace_id == bindparam("workspace"))),
            _d.c.event.not_in([literal_column(f"'{kind}'") for kind in HARMLESS]),
        ],
        event_id=_d.c.event_id,
        forget=Statement(delete(_d).where(_d.c.position == bindparam("trace"))),
    ),
)
