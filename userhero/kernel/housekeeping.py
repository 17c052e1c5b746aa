"""What the kernel cleans up by itself."""

from userhero.kernel import audit, events
from userhero.kernel.db import Database, Transaction
from userhero.kernel.http import idempotency
from userhero.kernel.jobs import Job, Jobs, enqueue
from userhero.kernel.jobs.queue import purge_failed, release_stranded

jobs = Jobs()

_HOUR = 3600


@jobs.on("idempotency.purge", every=_HOUR)
def purge_idempotency_keys(tx: Transaction, job: Job) -> None:
    """Forget idempotency keys after their day."""
    del job
    idempotency.purge(tx)


@jobs.on("jobs.purge", every=_HOUR)
def purge_jobs(tx: Transaction, job: Job) -> None:
    """Forget failed jobs after 30 days, and free jobs that a wrong clock has put out of reach."""
    del job
    purge_failed(tx)
    release_stranded(tx)


@jobs.on("events.purge", every=_HOUR)
def purge_events(tx: Transaction, job: Job) -> None:
    """Forget events after 30 days, a part at a time; while there may be more, ask for the next part at once."""
    del job
    if events.purge(tx):
        enqueue(tx, "events.purge", {}, key="more")


@jobs.outside("audit.purge", every=_HOUR)
def purge_audit_log(database: Database, job: Job) -> None:
    """Forget what the audit log has held for as long as it should, a part at a time."""
    del job

    def unit(tx: Transaction) -> None:
        if audit.purge(tx, database.audit_days):
            enqueue(tx, "audit.purge", {}, key="more")

    database.write(unit)
