"""Cleaning up: uploads that nobody attached, files that no row names, drafts that a crash left."""

from functools import partial

from userhero.kernel import clock
from userhero.kernel.db import Database, Transaction
from userhero.kernel.jobs import Job, Jobs, enqueue
from userhero.kernel.storage import sweep_drafts
from userhero.media import actions, queries
from userhero.media.examine import stored_name

jobs = Jobs()

_MINUTE, _DAY = 60, 86_400


@jobs.on("media.expire", every=10 * _MINUTE)
def expire(tx: Transaction, job: Job) -> None:
    """Remove uploads that were never attached, 500 at a time."""
    del job
    if actions.drop_forgotten(tx) == 500:
        enqueue(tx, "media.expire", {})


@jobs.outside("media.remove", every=_MINUTE)
def remove(database: Database, job: Job) -> None:
    """Remove the files whose rows are gone."""
    del job
    for _ in range(20):
        tokens = database.read(actions.list_removals)
        if not tokens:
            return
        for token in tokens:
            database.storage.delete(stored_name(token))
        database.write(partial(actions.settle_removals, tokens=tokens))
    database.write(lambda tx: enqueue(tx, "media.remove", {}))


@jobs.outside("media.sweep", every=_DAY)
def sweep(database: Database, job: Job) -> None:
    """Remove files older than a day that no row names: their upload was interrupted."""
    del job
    before = clock.seconds() - _DAY
    sweep_drafts(database.storage.incoming, before)
    for file in database.storage.all():
        token = file.name.rpartition("/")[2]
        if file.name != stored_name(token):
            continue  # Somebody else's, who sees to it.
        if file.written_at < before and database.read(partial(queries.find_stored, token=token)) is None:
            database.storage.delete(file.name)
