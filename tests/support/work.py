"""Background work in the hands of a test. The application under test does its jobs too, at a time of its own."""

from userhero.kernel.db import Database
from userhero.kernel.jobs import Runner, list_jobs
from userhero.server.composition import job_table


def finish(database: Database, kind: str) -> None:
    """Do all that is due, until no job of this kind is left, whoever does it."""
    runner = Runner(database, job_table())
    runner.run_due()
    while any(job.kind == kind for job in database.read(list_jobs)):
        runner.run_due()
