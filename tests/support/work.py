"""Background work in the hands of a test. The application under test does its jobs too, at a time of its own."""

from sqlalchemy import func, select

from userhero.kernel.db import Database, Statement, Transaction
from userhero.kernel.events import cursors, events
from userhero.kernel.jobs import Runner, list_jobs
from userhero.server.composition import LISTENERS, job_table

_NEWEST = Statement(select(func.coalesce(func.max(events.c.position), 0)))
_HEARD = Statement(select(cursors.c.listener, cursors.c.position))


def finish(database: Database, kind: str) -> None:
    """Do all that is due, until no job of this kind is left, whoever does it."""
    runner = Runner(database, job_table())
    runner.run_due()
    while any(job.kind == kind for job in database.read(list_jobs)):
        runner.run_due()


def settle(database: Database, *kinds: str) -> None:
    """Let everything follow that follows from what has happened so far: every listener has heard of it then, and no
    job of these kinds is left, whoever did them.
    """
    newest = database.read(lambda tx: int(tx.value(_NEWEST)))
    runner = Runner(database, job_table())
    runner.run_due()
    while database.read(_heard) < newest or any(job.kind in kinds for job in database.read(list_jobs)):
        runner.run_due()


def _heard(tx: Transaction) -> int:
    places = dict(tx.all(_HEARD))
    return min((places.get(listeners.name, 0) for listeners in LISTENERS), default=0)
