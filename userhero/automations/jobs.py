"""Background work on automations."""

import msgspec

from userhero.automations.actions import fire, scan
from userhero.automations.actions.run import purge_runs
from userhero.kernel.db import Database, Transaction
from userhero.kernel.jobs import Job, Jobs, enqueue

jobs = Jobs()

_PURGE = "automations.purge_runs"
_SCHEDULE = "automations.schedule"


@jobs.on(_PURGE, every=3600)
def purge(tx: Transaction, job: Job) -> None:
    """Forget old runs, a part at a time; while there may be more, ask for the next part at once."""
    del job
    if purge_runs(tx):
        enqueue(tx, _PURGE, {}, key="more")


@jobs.on(fire.CONTINUE)
def go_on(tx: Transaction, job: Job) -> None:
    """Run the rest of what an event sets off."""
    fire.go_on(tx, msgspec.convert(job.payload, fire.Occasion))


@jobs.on(_SCHEDULE, every=60)
def schedule(tx: Transaction, job: Job) -> None:
    """Ask for the scans that are due."""
    del job
    if scan.start_due(tx):
        enqueue(tx, _SCHEDULE, {}, key="more")


@jobs.outside(scan.SCAN)
def look_at_items(database: Database, job: Job) -> None:
    """Let a scheduled automation act on what matches."""
    rest = scan.scan(database, msgspec.convert(job.payload, scan.Scan))
    if rest is not None:
        database.write(lambda tx: enqueue(tx, scan.SCAN, msgspec.to_builtins(rest), key=rest.automation_id))
