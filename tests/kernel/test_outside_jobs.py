"""Work that waits for something else than the database runs outside any transaction, and again where it fails."""

import threading
from collections.abc import Iterator

import pytest

from tests.support.clock import Clock
from tests.support.databases import Instances
from userhero.kernel.config import Settings
from userhero.kernel.db import Database
from userhero.kernel.instance import find_fact, open_database, set_fact
from userhero.kernel.jobs import Job, Jobs, JobTable, Runner, enqueue, list_jobs


@pytest.fixture(scope="module")
def queue(instances: Instances) -> Iterator[Database]:
    """A database without an application on it."""
    instance = instances.make()
    opened = open_database(Settings(data=instance.data, database=instance.url))
    yield opened
    opened.close()


def test_it_opens_transactions_of_its_own(queue: Database) -> None:
    jobs = Jobs()

    @jobs.outside("test.outside")
    def work(database: Database, job: Job) -> None:
        database.write(lambda tx: set_fact(tx, "outside", str(job.payload["number"])))

    queue.write(lambda tx: enqueue(tx, "test.outside", {"number": 7}))
    assert Runner(queue, JobTable([jobs])).run_due() == 1
    assert queue.read(lambda tx: find_fact(tx, "outside")) == "7"
    assert queue.read(list_jobs) == []


def test_it_is_tried_again_and_what_it_did_stays(queue: Database, clock: Clock) -> None:
    jobs, tries = Jobs(), []

    @jobs.outside("test.again")
    def work(database: Database, job: Job) -> None:
        database.write(lambda tx: set_fact(tx, "again", str(job.attempts)))
        tries.append(job.attempts)
        if job.attempts == 1:
            raise RuntimeError("the store is away")

    queue.write(lambda tx: enqueue(tx, "test.again", {}))
    runner = Runner(queue, JobTable([jobs]))
    assert runner.run_due() == 0
    assert queue.read(lambda tx: find_fact(tx, "again")) == "1"
    (waiting,) = queue.read(list_jobs)
    assert waiting.error == "RuntimeError: the store is away"
    clock.advance(60)
    assert runner.run_due() == 1
    assert tries == [1, 2]
    assert queue.read(list_jobs) == []


def test_kinds_are_checked_when_they_are_declared() -> None:
    with pytest.raises(ValueError, match="no kind of job"):
        Jobs().outside("Wrong")
    with pytest.raises(ValueError, match="too often"):
        Jobs().outside("test.often", every=0)


def test_one_that_waits_holds_no_other_up(queue: Database) -> None:
    """Each waits for the other: neither ends unless both run at once."""
    jobs, meeting = Jobs(), threading.Barrier(2, timeout=30)
    met = threading.Semaphore(0)

    @jobs.outside("test.meet")
    def work(database: Database, job: Job) -> None:
        meeting.wait()
        met.release()

    for _ in range(2):
        queue.write(lambda tx: enqueue(tx, "test.meet", {}))
    runner = Runner(queue, JobTable([jobs]))
    runner.start()
    try:
        assert [met.acquire(timeout=30) for _ in range(2)] == [True, True]
    finally:
        runner.stop()
    assert queue.read(list_jobs) == []
