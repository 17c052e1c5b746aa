"""Doing what is due: in a thread of a server or worker, or once from the command line."""

import threading

from userhero.kernel import log
from userhero.kernel.db import Database, Transaction
from userhero.kernel.jobs.declared import JobTable
from userhero.kernel.jobs.queue import MAX_ATTEMPTS, Claimed, Claims, give_back, take
from userhero.kernel.jobs.schedule import Schedule

_POLL_SECONDS = 0.25
_AFTER_TROUBLE_SECONDS = 5.0

_logger = log.get("jobs")


class _Taken(Exception):
    """The lease ran out, and another runner has the job."""


class Runner:
    """Does the jobs of a database, one after the other. Any number of runners share the work."""

    def __init__(self, database: Database, table: JobTable) -> None:
        self._database = database
        self._kinds = table.kinds
        self._claims = Claims(table.kinds)
        self._schedule = Schedule(list(table.kinds.values()))
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def run_due(self) -> int:
        """Do all that is due now, by schedule too, and what that asks for; returns how many jobs succeeded.

        Raises ServiceUnavailable where the database can't be reached.
        """
        done = 0
        while not self._stopping.is_set():
            if self._database.read(self._schedule.is_any_due):
                self._database.write(self._schedule.tick)
            if not self._database.read(self._claims.is_any_due):
                break
            claimed = self._database.write(self._claims.claim)
            if claimed is None:
                break  # What is due is under way elsewhere.
            done += self._do(claimed)
        return done

    def start(self) -> None:
        """Do what is due, as it becomes due, in a thread of its own until ``stop``."""
        self._thread = threading.Thread(target=self._poll, name="jobs", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the job at hand, then end the thread."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _poll(self) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            try:
                self.run_due()
                pause = _POLL_SECONDS
            except Exception:
                # Whatever it is, a later poll may fare better.
                _logger.exception("jobs can't be run now")
                pause = _AFTER_TROUBLE_SECONDS

    def _do(self, claimed: Claimed) -> bool:
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
