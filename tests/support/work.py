"""Background work in the hands of a test. The application under test does its jobs too, at a time of its own."""

from sqlalchemy import literal_column, select

from userhero.kernel import clock
from userhero.kernel.db import Database, Statement, Transaction
from userhero.kernel.events import cursors, events
from userhero.kernel.jobs import JobSummary, Runner, list_jobs
from userhero.kernel.jobs.queue import LEASE_SECONDS
from userhero.server.composition import LISTENERS, job_table

_newest = select(events.c.turn, events.c.position).order_by(events.c.turn.desc(), events.c.position.desc())
_NEWEST = Statement(_newest.limit(literal_column("1")))
_HEARD = Statement(select(cursors.c.listener, cursors.c.turn, cursors.c.position))


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
    runner = Runner(database, job_table())
    runner.run_due()
    while not database.read(_all_heard) or any(job.kind in kinds for job in database.read(list_jobs)):
        runner.run_due()


def catch_up(database: Database, *kinds: str) -> None:
    """Let everything follow that is due by now: every listener has heard of it then, and jobs of these kinds are left
    for later only. A test whose clock was further ahead may have left some of those.
    """
    runner = Runner(database, job_table())

    def is_at_hand(job: JobSummary) -> bool:
        """Due, or somebody is doing it: then it is put off by its lease."""
        until = clock.shift(clock.now(), seconds=LEASE_SECONDS) if job.attempts > 0 else clock.now()
        return job.kind in kinds and job.run_at is not None and job.run_at <= until

    runner.run_due()
    while not database.read(_all_heard) or any(map(is_at_hand, database.read(list_jobs))):
        runner.run_due()


def _all_heard(tx: Transaction) -> bool:
    newest, places = tx.one(_NEWEST), {name: (turn, position) for name, turn, position in tx.all(_HEARD)}
    return newest is None or all(places.get(listeners.name, (0, 0)) >= newest for listeners in LISTENERS)
