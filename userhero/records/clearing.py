"""Removing what a deleted workspace had: by a job, in short units of work, each of which can be done again."""

from functools import partial

from userhero import feedback
from userhero.kernel import clock
from userhero.kernel.db import Database
from userhero.records.actions.remove_workspace import go_on, remove_part
from userhero.records.belongings import tables

# Then another job goes on.
JOB_SECONDS = 120.0


def clear_workspace(database: Database, workspace_id: str) -> None:
    """Remove as much of it as a job may; another one goes on where there is more."""
    started = clock.monotonic()
    for table in tables():
        while database.write(partial(remove_part, table=table, workspace_id=workspace_id)):
            if clock.monotonic() - started > JOB_SECONDS:
                database.write(partial(go_on, workspace_id=workspace_id))
                return
    while database.write(feedback.compact_index):
        continue
