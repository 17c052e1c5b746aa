"""Background work on customers."""

from functools import partial

from userhero.customers.actions.leave import RELINK, relink_more
from userhero.kernel.db import Database
from userhero.kernel.jobs import Job, Jobs, enqueue

jobs = Jobs()

# A few seconds' worth; other jobs get their turn in between.
_PARTS = 400


@jobs.outside(RELINK)
def relink_feedback(database: Database, job: Job) -> None:
    """Let feedback follow a customer who was merged or deleted, in units of work too short to wait for."""
    customer_id = job.payload["customer"]
    for _ in range(_PARTS):
        if not database.write(partial(relink_more, customer_id=customer_id)):
            return
    database.write(lambda tx: enqueue(tx, RELINK, {"customer": customer_id}, key=customer_id))
