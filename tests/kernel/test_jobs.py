"""Background work is done once it is asked for durably, by one runner at a time, and again where that one fails."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from tests.support.clock import Clock
from tests.support.databases import Instances
from userhero.kernel.config import Settings
from userhero.kernel.db import Database, Transaction
from userhero.kernel.instance import find_fact, open_database, set_fact
from userhero.kernel.jobs import Job, Jobs, JobSummary, JobTable, Runner, enqueue, list_jobs
from userhero.kernel.jobs.queue import (
    LEASE_SECONDS,
    MAX_ATTEMPTS,
    Claimed,
    Claims,
    purge_failed,
    release_stranded,
    take,
)
from userhero.kernel.jobs.schedule import Schedule

_numbers = count()


@pytest.fixture(scope="module")
def queue(instances: Instances) -> Iterator[Database]:
    """A database without an application on it."""
    instance = instances.make()
    opened = open_database(Settings(data=instance.data, database=instance.url))
    yield opened
    opened.close()


@pytest.fixture
def kind() -> str:
    """A kind of job that no other test has."""
    return "test." + "".join(chr(ord("a") + int(digit)) for digit in str(next(_numbers)))


def runner(
    database: Database, kind: str, handler: Callable[[Transaction, Job], None], *, every: int | None = None
) -> Runner:
    jobs = Jobs()
    jobs.on(kind, every=every)(handler)
    return Runner(database, JobTable([jobs]))


def ask(database: Database, kind: str, *, run_at: str | None = None, key: str | None = None, **payload: object) -> None:
    database.write(lambda tx: enqueue(tx, kind, dict(payload), run_at=run_at, key=key))


def claim(database: Database, kind: str) -> Claimed | None:
    """What a runner does first; a test that stops here is a process that crashed."""
    return database.write(Claims([kind]).claim)


def waiting(database: Database, kind: str) -> list[JobSummary]:
    return [job for job in database.read(list_jobs) if job.kind == kind]


def nothing(tx: Transaction, job: Job) -> None:
    """Does its job by being called."""


def failing(tx: Transaction, job: Job) -> None:
    raise ValueError("on purpose")


def test_a_job_is_done_with_what_it_was_given(queue: Database, kind: str, clock: Clock) -> None:
    done: list[Job] = []
    ask(queue, kind, colour="blue", times=3)
    assert runner(queue, kind, lambda tx, job: done.append(job)).run_due() == 1
    assert [(job.kind, job.payload, job.attempts) for job in done] == [(kind, {"colour": "blue", "times": 3}, 1)]
    assert waiting(queue, kind) == []


def test_what_was_rolled_back_is_not_asked_for(queue: Database, kind: str, clock: Clock) -> None:
    def unit(tx: Transaction) -> None:
        enqueue(tx, kind, {})
        raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        queue.write(unit)
    assert runner(queue, kind, nothing).run_due() == 0


def test_nothing_is_done_before_its_time(queue: Database, kind: str, clock: Clock) -> None:
    later = clock.now()
    clock.advance(-60)
    ask(queue, kind, run_at=later)
    work = runner(queue, kind, nothing)
    assert work.run_due() == 0
    clock.advance(60)
    assert work.run_due() == 1


def test_jobs_are_done_in_the_order_in_which_they_were_due(queue: Database, kind: str, clock: Clock) -> None:
    order: list[object] = []
    for number in range(3):
        ask(queue, kind, number=number)
        clock.advance(0.002)
    runner(queue, kind, lambda tx, job: order.append(job.payload["number"])).run_due()
    assert order == [0, 1, 2]


def test_what_a_job_asks_for_is_done_too(queue: Database, kind: str, clock: Clock) -> None:
    def count_down(tx: Transaction, job: Job) -> None:
        if job.payload["left"]:
            enqueue(tx, kind, {"left": job.payload["left"] - 1})

    ask(queue, kind, left=3)
    assert runner(queue, kind, count_down).run_due() == 4


def test_a_failure_leaves_nothing_behind_but_a_second_try(queue: Database, kind: str, clock: Clock) -> None:
    def half(tx: Transaction, job: Job) -> None:
        set_fact(tx, kind, "written")
        if job.attempts == 1:
            raise ValueError("on purpose")

    ask(queue, kind)
    work = runner(queue, kind, half)
    assert work.run_due() == 0
    assert queue.read(lambda tx: find_fact(tx, kind)) is None
    (left,) = waiting(queue, kind)
    assert (left.attempts, left.error, left.failed_at) == (1, "ValueError: on purpose", None)
    assert work.run_due() == 0, "it has to wait first"
    clock.advance(10)
    assert work.run_due() == 1
    assert queue.read(lambda tx: find_fact(tx, kind)) == "written"


def test_each_failure_waits_longer_and_the_tenth_is_the_last(queue: Database, kind: str, clock: Clock) -> None:
    ask(queue, kind)
    work = runner(queue, kind, failing)
    delays = []
    for attempt in range(1, MAX_ATTEMPTS):
        work.run_due()
        (left,) = waiting(queue, kind)
        assert left.attempts == attempt
        assert left.run_at is not None
        before = clock.seconds
        clock.set(left.run_at)
        delays.append(clock.seconds - before)
    expected = [5.0, 15.0, 45.0, 135.0, 405.0, 1215.0, 3645.0, 10935.0, 21600.0]
    assert all(0.75 * usual <= delay <= 1.25 * usual + 0.001 for delay, usual in zip(delays, expected, strict=True))
    work.run_due()
    (left,) = waiting(queue, kind)
    assert (left.attempts, left.run_at, left.failed_at) == (MAX_ATTEMPTS, None, clock.now())
    clock.advance(days=29)
    assert work.run_due() == 0
    assert queue.write(purge_failed) == 0
    clock.advance(days=1)
    assert queue.write(purge_failed) == 1
    assert waiting(queue, kind) == []


@pytest.mark.case("DUR-06")
def test_a_crash_between_claim_and_end_repeats_the_job(queue: Database, kind: str, clock: Clock) -> None:
    attempts: list[int] = []
    ask(queue, kind)
    assert claim(queue, kind) is not None
    work = runner(queue, kind, lambda tx, job: attempts.append(job.attempts))
    clock.advance(LEASE_SECONDS - 1)
    assert work.run_due() == 0, "whoever has it may be at it still"
    clock.advance(1)
    assert work.run_due() == 1
    assert attempts == [2]


def test_a_runner_that_lost_its_lease_can_not_finish(queue: Database, kind: str, clock: Clock) -> None:
    ask(queue, kind)
    late = claim(queue, kind)
    assert late is not None
    clock.advance(LEASE_SECONDS)
    again = claim(queue, kind)
    assert again is not None
    assert again.job.id == late.job.id
    assert queue.write(lambda tx: take(tx, late)) is False
    assert queue.write(lambda tx: take(tx, again)) is True


def test_a_job_that_ends_its_process_is_given_up(queue: Database, kind: str, clock: Clock) -> None:
    ask(queue, kind)
    for _ in range(MAX_ATTEMPTS):
        assert claim(queue, kind) is not None
        clock.advance(LEASE_SECONDS)
    assert runner(queue, kind, nothing).run_due() == 0
    (left,) = waiting(queue, kind)
    assert (left.error, left.failed_at) == ("the process ended while it ran", clock.now())


@pytest.mark.case("DUR-20")
def test_two_runners_share_the_work_and_never_a_job(queue: Database, kind: str, clock: Clock) -> None:
    done: list[str] = []
    guard = threading.Lock()

    def note(tx: Transaction, job: Job) -> None:
        with guard:
            done.append(job.id)

    for _ in range(60):
        ask(queue, kind)
    together([runner(queue, kind, note).run_due for _ in range(3)])
    assert len(done) == len(set(done)) == 60
    assert waiting(queue, kind) == []


def test_a_job_under_way_is_left_alone_even_after_its_lease(queue: Database, kind: str, clock: Clock) -> None:
    done: list[str] = []
    begun, may_end = threading.Event(), threading.Event()

    def slow(tx: Transaction, job: Job) -> None:
        begun.set()
        assert may_end.wait(30)
        done.append(job.id)

    ask(queue, kind)
    first = threading.Thread(target=runner(queue, kind, slow).run_due)
    first.start()
    assert begun.wait(30)
    clock.advance(LEASE_SECONDS + 1)
    second = threading.Thread(target=runner(queue, kind, slow).run_due)
    second.start()
    if queue.engine == "postgresql":
        second.join(30)
        assert not second.is_alive(), "on SQLite it waits for the only writer; here it finds nothing to do"
    may_end.set()
    first.join(30)
    second.join(30)
    assert len(done) == 1


def test_a_key_keeps_a_second_job_from_waiting(queue: Database, kind: str, clock: Clock) -> None:
    seen: list[object] = []
    later = clock.now()
    clock.advance(-60)
    ask(queue, kind, run_at=later, key="one", number=1)
    ask(queue, kind, key="one", number=2)
    ask(queue, kind, key="two", number=3)
    ask(queue, kind, run_at=later, key="one", number=4)
    work = runner(queue, kind, lambda tx, job: seen.append(job.payload["number"]))
    assert work.run_due() == 2, "it is due at the earlier of the two times"
    assert sorted(map(str, seen)) == ["1", "3"]


def test_a_key_is_free_again_once_its_job_is_under_way(queue: Database, kind: str, clock: Clock) -> None:
    """What changes while a job runs may have escaped it."""

    def once_more(tx: Transaction, job: Job) -> None:
        if not job.payload["again"]:
            enqueue(tx, kind, {"again": True}, key="one")

    ask(queue, kind, key="one", again=False)
    assert claim(queue, kind) is not None
    ask(queue, kind, key="one", again=False)
    assert runner(queue, kind, once_more).run_due() == 2


def test_a_process_leaves_jobs_that_it_does_not_know(queue: Database, kind: str, clock: Clock) -> None:
    ask(queue, kind)
    assert runner(queue, kind + ".other", nothing).run_due() == 0
    assert len(waiting(queue, kind)) == 1


def test_a_lease_from_a_clock_that_was_ahead_is_let_go(queue: Database, kind: str, clock: Clock) -> None:
    ask(queue, kind)
    clock.advance(days=400)
    assert claim(queue, kind) is not None
    clock.advance(days=-400)
    work = runner(queue, kind, nothing)
    assert work.run_due() == 0
    queue.write(release_stranded)
    assert work.run_due() == 1


def test_a_thread_does_what_comes_up_and_ends_when_told(queue: Database, kind: str) -> None:
    done = threading.Event()
    before = set(threading.enumerate())
    work = runner(queue, kind, lambda tx, job: done.set())
    work.start()
    (thread,) = {thread for thread in threading.enumerate() if thread.name == "jobs"} - before
    ask(queue, kind)
    assert done.wait(30)
    work.stop()
    assert not thread.is_alive()


def test_a_schedule_keeps_to_its_grid(queue: Database, kind: str, clock: Clock) -> None:
    at: list[str] = []
    clock.set("2026-03-01T10:17:23Z")
    work = runner(queue, kind, lambda tx, job: at.append(clock.now()), every=3600)
    assert work.run_due() == 1, "what was never done is due"
    assert work.run_due() == 0
    for moment in ("2026-03-01T10:59:59.999Z", "2026-03-01T11:00:07Z", "2026-03-01T11:59:59Z", "2026-03-01T12:00:00Z"):
        clock.set(moment)
        work.run_due()
    assert at == ["2026-03-01T10:17:23.000Z", "2026-03-01T11:00:07.000Z", "2026-03-01T12:00:00.000Z"]


def test_missed_ticks_are_made_up_for_by_one(queue: Database, kind: str, clock: Clock) -> None:
    clock.set("2026-03-01T10:00:00Z")
    work = runner(queue, kind, nothing, every=60)
    work.run_due()
    clock.advance(days=2, seconds=30)
    assert work.run_due() == 1
    clock.advance(30)
    assert work.run_due() == 1


def test_a_tick_that_still_waits_is_not_asked_for_again(queue: Database, kind: str, clock: Clock) -> None:
    jobs = Jobs()
    jobs.on(kind, every=60)(nothing)
    schedule = Schedule(jobs.all)
    for _ in range(5):
        queue.write(schedule.tick)
        clock.advance(60)
    assert len(waiting(queue, kind)) == 1


@pytest.fixture
def berlin() -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = "Europe/Berlin"
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.case("DUR-19")
@pytest.mark.parametrize("night", ["2026-03-28T22:30:00Z", "2026-10-24T22:30:00Z"])
def test_summer_time_makes_no_difference(queue: Database, kind: str, clock: Clock, berlin: None, night: str) -> None:
    at: list[str] = []
    clock.set(night)
    work = runner(queue, kind, lambda tx, job: at.append(clock.now()[11:16]), every=3600)
    for _ in range(16):
        clock.advance(minutes=30)
        work.run_due()
    assert at == ["23:00", "00:00", "01:00", "02:00", "03:00", "04:00", "05:00", "06:00"]


@pytest.mark.case("DUR-19")
def test_a_small_step_back_repeats_no_tick(queue: Database, kind: str, clock: Clock) -> None:
    clock.set("2026-03-01T10:00:01Z")
    work = runner(queue, kind, nothing, every=3600)
    assert work.run_due() == 1
    clock.advance(-5)
    assert work.run_due() == 0, "another machine's clock may be behind by as much"
    clock.advance(3605)
    assert work.run_due() == 1


@pytest.mark.case("DUR-19")
def test_a_big_step_back_stops_no_schedule(queue: Database, kind: str, clock: Clock) -> None:
    clock.set("2027-03-01T10:00:00Z")
    work = runner(queue, kind, nothing, every=3600)
    work.run_due()
    clock.set("2026-03-01T10:00:00Z")
    assert work.run_due() == 1
    clock.advance(hours=1)
    assert work.run_due() == 1


@pytest.mark.case("DUR-20")
def test_two_runners_ask_once_for_a_tick(queue: Database, kind: str, clock: Clock) -> None:
    done: list[str] = []
    clock.set("2026-03-01T10:00:00Z")
    runners = [runner(queue, kind, lambda tx, job: done.append(job.id), every=60) for _ in range(3)]
    for _ in range(10):
        together([each.run_due for each in runners])
        clock.advance(60)
    assert len(done) == 10


def test_what_can_not_be_right_stops_the_start() -> None:
    jobs, others = Jobs(), Jobs()
    with pytest.raises(ValueError, match="no kind of job"):
        jobs.on("Purge everything")
    with pytest.raises(ValueError, match="too often"):
        jobs.on("test.often", every=0)
    jobs.on("test.same")(nothing)
    others.on("test.same")(nothing)
    with pytest.raises(ValueError, match="declared twice"):
        JobTable([jobs, others])


def together(calls: list[Callable[[], object]]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
