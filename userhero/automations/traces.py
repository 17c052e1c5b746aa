"""Runs of automations that tell of somebody who is to be forgotten."""

from sqlalchemy import bindparam, delete

from userhero.automations.tables import automation_runs
from userhero.kernel.db import Statement
from userhero.kernel.db.functions import unindexed
from userhero.kernel.db.traces import Traces

_r = automation_runs

TRACES = (
    Traces(
        _r.c.id,
        _r.c.run_at,
        [_r.c.feedback_id, _r.c.actions],
        of_workspace=[unindexed(_r.c.workspace_id) == bindparam("workspace")],
        forget=Statement(delete(_r).where(_r.c.id == bindparam("trace"))),
    ),
)
