"""Background work on accounts."""

from userhero.kernel.db import Transaction
from userhero.kernel.jobs import Job, Jobs, enqueue
from userhero.workspaces.sessions import purge_sessions

jobs = Jobs()

_PURGE = "workspaces.purge_sessions"


@jobs.on(_PURGE, every=3600)
def purge(tx: Transaction, job: Job) -> None:
    """Forget sessions that are over, a part at a time."""
    del job
    if purge_sessions(tx):
        enqueue(tx, _PURGE, {}, key="more")
