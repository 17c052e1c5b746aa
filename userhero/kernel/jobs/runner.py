"""Doing what is due: in threads of a server or worker, or once from the command line."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from userhero.kernel import log
from userhero.kernel.db import Database, Transaction
from userhero.kernel.jobs.declared import Kind
from userhero.kernel.jobs.queue import MAX_ATTEMPTS, Claimed, Claims, give_back, take
from userhero.kernel.jobs.schedule import Schedule
from userhero.kernel.jobs.table import JobTable

# How many jobs wait for the network at once, so that one slow machine somewhere holds up nobody else.
OUTSIDE = 8
_POLL_SECONDS = 0.25
_AFTER_TROUBLE_SECONDS = 5.0

_logger = log.get("jobs")


class _Taken(Exception):
    """The lease ran out, and another runner has the job."""


class Runner:
    """Does the jobs of a database, and tells its listeners. Any number of runners share the work.

    Of jobs that run in a transaction one is done after the other; jobs outside of any are done eight at a time.
    """

    def __init__(self, database: Database, table: JobTable) -> None:
        self._database = database
        self._relay = table.relay
        self._schedule = Schedule(list(table.kinds.values()))
        inside = {name: kind for name, kind in table.kinds.items() if kind.outside is None}
        outside = {name: kind for name, kind in table.kinds.items() if kind.outside is not None}
        self._all = _Bench(database, table.kinds)
        self._inside = _Bench(database, inside)
        self._outside = _Bench(database, outside)
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def run_due(self) -> int:
        """Do all that is due now, by schedule too, and what follows from it; returns how many jobs succeeded.

        Raises ServiceUnavailable where the database can't be reached.
        """
        done = 0
        while not self._stopping.is_set():
            self._look_ahead()
            told = self._relay.run(self._database)
            claimed = self._all.claim()
            if claimed is None and not told:
                break
            done += claimed is not None and self._all.do(claimed)
        return done

    def start(self) -> None:
        """Do what is due, as it becomes due, in threads of its own until ``stop``."""
        for name, work in (("jobs", self._do_inside), ("jobs-outside", self._do_outside)):
            thread = threading.Thread(target=work, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Finish the jobs at hand, then end the threads."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def _look_ahead(self) -> None:
        if self._database.read(self._schedule.is_any_due):
            self._database.write(self._schedule.tick)

    def _do_inside(self) -> None:
        self._repeat(self._inside_once)

    def _inside_once(self) -> bool:
        self._look_ahead()
        told = self._relay.run(self._database)
        claimed = self._inside.claim()
        if claimed is not None:
            self._inside.do(claimed)
        return told or claimed is not None

    def _do_outside(self) -> None:
        free = threading.Semaphore(OUTSIDE)

        def work(claimed: Claimed) -> None:
            try:
                self._outside.do(claimed)
            except Exception:
                # The lease brings it back.
                _logger.exception("a job's end can't be recorded now", job=claimed.job.id)
            finally:
                free.release()

        def once() -> bool:
            # Claimed only when somebody is free to do it: a claim that waits would outlive its lease.
            if not free.acquire(timeout=_POLL_SECONDS):
                return True
            claimed = None
            try:
                claimed = self._outside.claim()
            finally:
                if claimed is None:
                    free.release()
                else:
                    pool.submit(work, claimed)
            return claimed is not None

        with ThreadPoolExecutor(OUTSIDE, thread_name_prefix="outside") as pool:
            self._repeat(once)

    def _repeat(self, once: Callable[[], bool]) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            try:
                pause = 0.0 if once() else _POLL_SECONDS
            except Exception:
                # Whatever it is, a later poll may fare better.
                _logger.exception("jobs can't be run now")
                pause = _AFTER_TROUBLE_SECONDS


class _Bench:
    """Claims jobs of some kinds, and does them."""

    def __init__(self, database: Database, kinds: dict[str, Kind]) -> None:
        self._database = database
        self._kinds = kinds
        self._claims = Claims(kinds) if kinds else None

    def claim(self) -> Claimed | None:
        """The job that has been due the longest; None where there is none, or others have them all."""
        if self._claims is None or not self._database.read(self._claims.is_any_due):
            return None
        return self._database.write(self._claims.claim)

    def do(self, claimed: Claimed) -> bool:
        """Do it; True where it succeeded, else it is put off."""
        job = claimed.job
        # Claimed and never given back: whatever it does ends the process, so it is not tried for ever.
        if job.attempts > MAX_ATTEMPTS:
            self._give_back(claimed, "the process ended while it ran")
            return False

        kind = self._kinds[job.kind]

        def unit(tx: Transaction) -> None:
            if not take(tx, claimed):
                raise _Taken
            if kind.handler is not None:
                kind.handler(tx, job)

        try:
            if kind.outside is not None:
                kind.outside(self._database, job)
            self._database.write(unit)
        except _Taken:
            _logger.warning("lease lost", job=job.id, kind=job.kind)
            return False
        except Exception as error:
            _logger.exception("job failed", job=job.id, kind=job.kind, attempt=job.attempts)
            self._give_back(claimed, f"{type(error).__name__}: {error}")
            return False
        return True

    def _give_back(self, claimed: Claimed, problem: str) -> None:
        if not self._database.write(lambda tx: give_back(tx, claimed, problem)):
            _logger.error("job given up", job=claimed.job.id, kind=claimed.job.kind, problem=problem)
