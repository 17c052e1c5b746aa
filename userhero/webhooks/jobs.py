"""Background work on webhooks."""

from functools import partial

import msgspec

from userhero.kernel.db import Database, Transaction
from userhero.kernel.jobs import Job, Jobs, enqueue
from userhero.webhooks.actions.endpoints import REMOVE, remove_some
from userhero.webhooks.actions.incoming import purge_receipts
from userhero.webhooks.actions.lane import DELIVER, find_forgotten, remember
from userhero.webhooks.actions.redeliver import REDELIVER, Range, go_on, purge_deliveries
from userhero.webhooks.sending import deliver

jobs = Jobs()

_PURGE = "webhooks.purge_receipts"
_PURGE_DELIVERIES = "webhooks.purge_deliveries"


@jobs.on(_PURGE, every=3600)
def purge(tx: Transaction, job: Job) -> None:
    """Forget what was delivered more than a day ago, a part at a time."""
    del job
    if purge_receipts(tx):
        enqueue(tx, _PURGE, {}, key="more")


@jobs.on(_PURGE_DELIVERIES, every=3600)
def purge_log(tx: Transaction, job: Job) -> None:
    """Forget deliveries to endpoints after 30 days, a part at a time."""
    del job
    if purge_deliveries(tx):
        enqueue(tx, _PURGE_DELIVERIES, {}, key="more")


@jobs.on(REMOVE)
def remove(tx: Transaction, job: Job) -> None:
    """Remove the deliveries of an endpoint that was deleted, a part at a time."""
    endpoint_id = job.payload["endpoint"]
    if remove_some(tx, endpoint_id):
        enqueue(tx, REMOVE, {"endpoint": endpoint_id}, key=endpoint_id)


@jobs.on(REDELIVER)
def redeliver(tx: Transaction, job: Job) -> None:
    """Send failed deliveries again, a part at a time."""
    go_on(tx, msgspec.convert(job.payload, Range))


@jobs.outside(DELIVER)
def send(database: Database, job: Job) -> None:
    """Send what is due to an endpoint."""
    deliver(database, job.payload["endpoint"])


@jobs.outside("webhooks.sweep", every=60)
def sweep(database: Database, job: Job) -> None:
    """See to deliveries that are overdue with nobody at them."""
    del job
    for endpoint_id in database.read(find_forgotten):
        database.write(partial(remember, endpoint_id=endpoint_id))
