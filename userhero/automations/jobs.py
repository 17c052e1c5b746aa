"""Background work on automations."""

from userhero.automations.actions.run import purge_runs
from userhero.kernel.db import Transaction
from userhero.kernel.jobs import Job, Jobs, enqueue

jobs = Jobs()

_PURGE = "automations.purge_runs"


@jobs.on(_PURGE, every=3600)
def purge(tx: Transaction, job: Job) -> None:
    """Forget old runs, a part at a time; while there may be more, ask for the next part at once."""
    del job
    if purge_runs(tx):
        enqueue(tx, _PURGE, {}, key="more")
