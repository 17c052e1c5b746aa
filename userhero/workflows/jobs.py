"""Background work on workflows."""

from userhero.kernel.db import Transaction
from userhero.kernel.jobs import Job, Jobs, enqueue
from userhero.workflows.actions.activity import purge_activity

jobs = Jobs()

_PURGE = "workflows.purge_activity"


@jobs.on(_PURGE, every=3600)
def purge(tx: Transaction, job: Job) -> None:
    """Forget what was done to items more than a year ago, a part at a time."""
    del job
    if purge_activity(tx):
        enqueue(tx, _PURGE, {}, key="more")
