"""Background work on feedback."""

import msgspec

from userhero.feedback.actions.breach import mark_late_responses, mark_missed_deadlines, warn_of_deadlines
from userhero.feedback.actions.recategorise import JOB as RECATEGORISE
from userhero.feedback.actions.recategorise import Place, move_more
from userhero.feedback.actions.unassign import JOB as UNASSIGN
from userhero.feedback.actions.unassign import Gone, unassign_some
from userhero.kernel.db import Transaction
from userhero.kernel.jobs import Job, Jobs, enqueue

jobs = Jobs()

_CHECK = "feedback.check_deadlines"
_CHECK_RESPONSES = "feedback.check_responses"
_WARN = "feedback.warn"


@jobs.on(_CHECK, every=60)
def check_deadlines(tx: Transaction, job: Job) -> None:
    """Mark what is overdue, a part at a time; while there may be more, ask for the next part at once."""
    del job
    if mark_missed_deadlines(tx):
        enqueue(tx, _CHECK, {}, key="more")


@jobs.on(_CHECK_RESPONSES, every=60)
def check_responses(tx: Transaction, job: Job) -> None:
    """Mark what nobody has answered in time, a part at a time."""
    del job
    if mark_late_responses(tx):
        enqueue(tx, _CHECK_RESPONSES, {}, key="more")


@jobs.on(_WARN, every=60)
def warn(tx: Transaction, job: Job) -> None:
    """Warn of deadlines that are near, a part at a time."""
    del job
    if warn_of_deadlines(tx):
        enqueue(tx, _WARN, {}, key="more")


@jobs.on(RECATEGORISE)
def recategorise(tx: Transaction, job: Job) -> None:
    """Let more items follow a status whose category has changed."""
    move_more(tx, msgspec.convert(job.payload, Place))


@jobs.on(UNASSIGN)
def unassign(tx: Transaction, job: Job) -> None:
    """Take somebody who left the workspace off more of their open items."""
    unassign_some(tx, msgspec.convert(job.payload, Gone))
