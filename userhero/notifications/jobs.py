"""Background work on notifications."""

from userhero.kernel.db import Database, Transaction
from userhero.kernel.jobs import Job, Jobs, enqueue
from userhero.notifications.actions.answer import purge_answers
from userhero.notifications.actions.caps import purge_counts
from userhero.notifications.actions.fold import fold
from userhero.notifications.actions.mark_read import READ, mark_some, purge_notifications
from userhero.notifications.actions.post import DELIVER, FOLD, SEND, wake
from userhero.notifications.actions.retry import FORGET, forget_customer, purge_outbox
from userhero.notifications.actions.send import find_overdue
from userhero.notifications.fetching import FETCH, fetch_answers
from userhero.notifications.sending import send_mail, send_messages

jobs = Jobs()

_PURGE, _PURGE_OUTBOX, _PURGE_COUNTS = (
    "notifications.purge",
    "notifications.purge_outbox",
    "notifications.purge_counts",
)
_PURGE_ANSWERS = "notifications.purge_answers"


@jobs.outside(SEND, every=60)
def send(database: Database, job: Job) -> None:
    """Send the mails that are due."""
    del job
    send_mail(database)


@jobs.outside(FETCH, every=60)
def fetch(database: Database, job: Job) -> None:
    """Fetch answers from the mailbox, where there is one."""
    del job
    fetch_answers(database)


@jobs.outside(DELIVER)
def deliver(database: Database, job: Job) -> None:
    """Send the messages that are due to one place."""
    send_messages(database, job.payload["recipient"])


@jobs.on(FOLD)
def digest(tx: Transaction, job: Job) -> None:
    """Make one of what was held for somebody."""
    fold(tx, job.payload)


@jobs.on(FORGET)
def forget(tx: Transaction, job: Job) -> None:
    """Remove mails to a customer who was removed, a part at a time."""
    if forget_customer(tx, job.payload["customer"]):
        enqueue(tx, FORGET, job.payload)


@jobs.on("notifications.sweep", every=60)
def sweep(tx: Transaction, job: Job) -> None:
    """See to messages that are overdue with nobody at them."""
    del job
    for recipient in find_overdue(tx):
        wake(tx, "slack", recipient)


@jobs.on(READ)
def read(tx: Transaction, job: Job) -> None:
    """Mark what is left of somebody's notifications as read, a part at a time."""
    if mark_some(tx, **job.payload):
        enqueue(tx, READ, job.payload)


@jobs.on(_PURGE, every=3600)
def purge(tx: Transaction, job: Job) -> None:
    """Forget old notifications, a part at a time."""
    del job
    if purge_notifications(tx):
        enqueue(tx, _PURGE, {}, key="more")


@jobs.on(_PURGE_OUTBOX, every=3600)
def purge_sent(tx: Transaction, job: Job) -> None:
    """Forget old mails and messages, a part at a time."""
    del job
    if purge_outbox(tx):
        enqueue(tx, _PURGE_OUTBOX, {}, key="more")


@jobs.on(_PURGE_COUNTS, every=3600)
def purge_old_counts(tx: Transaction, job: Job) -> None:
    """Forget what was counted for caps, a part at a time."""
    del job
    if purge_counts(tx):
        enqueue(tx, _PURGE_COUNTS, {}, key="more")


@jobs.on(_PURGE_ANSWERS, every=3600)
def purge_taken(tx: Transaction, job: Job) -> None:
    """Forget which mails were taken long ago, a part at a time."""
    del job
    if purge_answers(tx):
        enqueue(tx, _PURGE_ANSWERS, {}, key="more")
