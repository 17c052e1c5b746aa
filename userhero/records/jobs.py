"""Background work on records."""

from functools import partial

from userhero.kernel import clock, log
from userhero.kernel.db import Database, Transaction
from userhero.kernel.jobs import Job, Jobs, enqueue
from userhero.records.actions.erase import ERASE, purge_evidence
from userhero.records.actions.export import REMOVE, WRITE, expire_some, fail
from userhero.records.actions.remove_workspace import REMOVE_WORKSPACE
from userhero.records.clearing import clear_workspace
from userhero.records.erasing import erase_rest
from userhero.records.queries import parts_of
from userhero.records.redoing import forget_notes
from userhero.records.retention import remove_old
from userhero.records.writing import export_of, is_known_file, write_export

jobs = Jobs()

_logger = log.get("records")

_EXPIRE, _EVIDENCE = "records.expire", "records.forget_evidence"
RETAIN = "records.retain"
_HOUR, _DAY = 3600, 86_400
# About ten minutes; then people are told rather than kept waiting.
_ATTEMPTS = 5


@jobs.outside(WRITE)
def export(database: Database, job: Job) -> None:
    """Write an export, or more of it."""
    export_id = job.payload["export"]
    try:
        write_export(database, export_id)
    except Exception as error:
        if job.attempts < _ATTEMPTS:
            raise
        _logger.exception("export given up", export=export_id)
        problem = f"It could not be written: {type(error).__name__}."
        database.write(partial(fail, export_id=export_id, problem=problem))


@jobs.outside(REMOVE)
def remove(database: Database, job: Job) -> None:
    """Remove files of exports that are gone."""
    for name in job.payload["files"]:
        database.storage.delete(name)


@jobs.outside(ERASE)
def erase(database: Database, job: Job) -> None:
    """Erase what is left of a customer, or more of it."""
    erase_rest(database, job.payload["erasure"])


@jobs.outside(REMOVE_WORKSPACE)
def remove_workspace(database: Database, job: Job) -> None:
    """Remove what a deleted workspace had, or more of it."""
    clear_workspace(database, job.payload["workspace"])


@jobs.on(_EVIDENCE, every=_DAY)
def forget_evidence(tx: Transaction, job: Job) -> None:
    """Forget old erasures, a part at a time."""
    del job
    if purge_evidence(tx):
        enqueue(tx, _EVIDENCE, {}, key="more")


@jobs.outside(RETAIN, every=_DAY)
def retain(database: Database, job: Job) -> None:
    """Remove feedback that workspaces keep no longer."""
    del job
    if remove_old(database):
        database.write(lambda tx: enqueue(tx, RETAIN, {}, key="more"))


@jobs.on(_EXPIRE, every=_HOUR)
def expire(tx: Transaction, job: Job) -> None:
    """Remove archives whose time is over, a part at a time."""
    del job
    if expire_some(tx):
        enqueue(tx, _EXPIRE, {}, key="more")


@jobs.outside("records.sweep", every=_DAY)
def sweep(database: Database, job: Job) -> None:
    """Remove files of exports older than a day that no export names, whoever wrote them was interrupted; and notes of
    erasures after three years.
    """
    del job
    forget_notes(database)
    before = clock.seconds() - _DAY
    for file in database.storage.all():
        export_id = export_of(file.name)
        if export_id is None or file.written_at >= before:
            continue
        if not is_known_file(database.read(partial(parts_of, export_id=export_id)), file.name):
            database.storage.delete(file.name)
