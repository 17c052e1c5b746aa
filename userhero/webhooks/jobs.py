"""Background work on webhooks."""

from userhero.kernel.db import Transaction
from userhero.kernel.jobs import Job, Jobs, enqueue
from userhero.webhooks.actions import purge_receipts

jobs = Jobs()

_PURGE = "webhooks.purge_receipts"


@jobs.on(_PURGE, every=3600)
def purge(tx: Transaction, job: Job) -> None:
    """Forget what was delivered more than a day ago, a part at a time."""
    del job
    if purge_receipts(tx):
        enqueue(tx, _PURGE, {}, key="more")
