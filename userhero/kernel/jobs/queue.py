"""The queue: one row a job, from the transaction that asks for it until the one that has done it.

``run_at`` says when a job is next due, and is the only thing that a claim looks at. To claim a job is to move it to the
end of a lease, so that it comes up again by itself where whoever claimed it is gone; NULL is for jobs that failed for
good and are kept for people to see.
"""

import secrets
from collections.abc import Iterable
from random import SystemRandom
from typing import Any

import msgspec
from sqlalchemy import Index, Table, bindparam, case, delete, literal_column, null, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from userhero.kernel import clock, ids
from userhero.kernel.db import Statement, Transaction, columns, metadata
from userhero.kernel.db.functions import unindexed
from userhero.kernel.jobs.declared import Job

MAX_ATTEMPTS = 10
KEPT_DAYS = 30
LEASE_SECONDS = 300
_FIRST_DELAY, _FACTOR, _LONGEST_DELAY = 5.0, 3.0, 6 * 3600.0
_ERROR_LENGTH = 2000

jobs = Table(
    "jobs",
    metadata,
    columns.identifier(),
    columns.words("kind"),
    columns.optional("key"),
    columns.words("payload"),
    columns.optional("run_at"),
    columns.count("attempts"),
    columns.optional("lease"),
    columns.optional("error"),
    columns.time("created_at"),
    columns.optional("failed_at"),
    Index("ix_jobs_run_at", "run_at", "id"),
    # A job gives its key up when it is claimed: NULLs are never equal, so only waiting jobs stand in each other's way.
    Index("uq_jobs_kind_key", "kind", "key", unique=True),
    Index("ix_jobs_failed_at", "failed_at"),
)
_j = jobs

_insert = insert(_j).values(
    {name: bindparam(name) for name in ("id", "kind", "key", "payload", "run_at", "created_at")}
)
_sooner = case((_insert.excluded.run_at < _j.c.run_at, _insert.excluded.run_at), else_=_j.c.run_at)
_ENQUEUE = Statement(_insert.on_conflict_do_update(index_elements=[_j.c.kind, _j.c.key], set_={"run_at": _sooner}))
_mine = (_j.c.id == bindparam("job"), _j.c.lease == bindparam("mine"))
_TAKE = Statement(delete(_j).where(*_mine))
_RETRY = Statement(update(_j).where(*_mine).values(run_at=bindparam("later"), lease=null(), error=bindparam("problem")))
_FAIL = Statement(
    update(_j)
    .where(*_mine)
    .values(run_at=null(), lease=null(), error=bindparam("problem"), failed_at=bindparam("moment"))
)
_PURGE = Statement(delete(_j).where(_j.c.failed_at <= bindparam("before")))
_RELEASE = Statement(
    update(_j).where(_j.c.lease.is_not(None), _j.c.run_at > bindparam("far")).values(run_at=bindparam("moment"))
)
_LIST = Statement(
    select(_j.c.id, _j.c.kind, _j.c.run_at, _j.c.attempts, _j.c.error, _j.c.created_at, _j.c.failed_at)
    .order_by(_j.c.created_at, _j.c.id)
    .limit(bindparam("most"))
)

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode
_chance = SystemRandom()


class JobSummary(msgspec.Struct, rename="camel", frozen=True):
    """A job in the queue, as an operator sees it. ``run_at`` is null for one that failed for good."""

    id: str
    kind: str
    run_at: str | None
    attempts: int
    error: str | None
    created_at: str
    failed_at: str | None


class Claimed(msgspec.Struct, frozen=True):
    """A job that one runner holds, and the token that says so."""

    job: Job
    lease: str


class Claims:
    """Takes due jobs of the kinds that this process can do; others wait for a process that can."""

    def __init__(self, kinds: Iterable[str]) -> None:
        # Down the list of what is due: by its index of kinds SQLite would sort all that waits, once for each claim.
        mine = or_(*(unindexed(_j.c.kind) == kind for kind in sorted(kinds)))
        due = (_j.c.run_at <= bindparam("moment"), mine)
        first = select(_j.c.id).where(*due).order_by(_j.c.run_at, _j.c.id).limit(literal_column("1"))
        self._any = Statement(first)
        self._claim = Statement(
            update(_j)
            .where(_j.c.id == first.with_for_update(skip_locked=True).scalar_subquery())
            .values(run_at=bindparam("until"), lease=bindparam("token"), key=null(), attempts=_j.c.attempts + 1)
            .returning(_j.c.id, _j.c.kind, _j.c.payload, _j.c.attempts)
        )

    def is_any_due(self, tx: Transaction) -> bool:
        """True where there is something to claim; a read, so that looking costs nothing."""
        return tx.one(self._any, moment=tx.now) is not None

    def claim(self, tx: Transaction) -> Claimed | None:
        """The job that has been due the longest, held for five minutes; None where there is none."""
        lease = secrets.token_hex(16)
        row = tx.one(self._claim, moment=tx.now, until=clock.shift(tx.now, seconds=LEASE_SECONDS), token=lease)
        if row is None:
            return None
        job_id, kind, payload, attempts = row
        return Claimed(Job(id=job_id, kind=kind, payload=_decode(payload), attempts=attempts), lease)


def enqueue(
    tx: Transaction, kind: str, payload: dict[str, Any], *, run_at: str | None = None, key: str | None = None
) -> None:
    """Ask for a job, to be done once this transaction is durable, and not before ``run_at``.

    While a job of the same kind and ``key`` waits there is no second one; it is done at the earlier of the two times.
    """
    tx.run(
        _ENQUEUE,
        id=ids.new("job"),
        kind=kind,
        key=key,
        payload=_encode(payload).decode(),
        run_at=run_at or tx.now,
        created_at=tx.now,
    )


def take(tx: Transaction, claimed: Claimed) -> bool:
    """Remove a job as the first act of the transaction that does it; False where another runner has it now.

    The row stays locked until that transaction ends, and comes back where it fails.
    """
    return tx.run(_TAKE, job=claimed.job.id, mine=claimed.lease) == 1


def give_back(tx: Transaction, claimed: Claimed, problem: str) -> bool:
    """Put a failed job off, longer each time; after the tenth attempt keep it as failed. True where it will be retried.

    The delays are 5, 15, 45, … seconds up to six hours, a quarter more or less by chance: about ten hours in all.
    """
    attempts = claimed.job.attempts
    values = {"job": claimed.job.id, "mine": claimed.lease, "problem": problem[:_ERROR_LENGTH]}
    if attempts >= MAX_ATTEMPTS:
        tx.run(_FAIL, **values, moment=tx.now)
        return False
    delay = min(_FIRST_DELAY * _FACTOR ** (attempts - 1), _LONGEST_DELAY) * _chance.uniform(0.75, 1.25)
    tx.run(_RETRY, **values, later=clock.shift(tx.now, seconds=delay))
    return True


def purge_failed(tx: Transaction) -> int:
    """Forget what failed more than 30 days ago; returns how many jobs that were."""
    return tx.run(_PURGE, before=clock.shift(tx.now, days=-KEPT_DAYS))


def release_stranded(tx: Transaction) -> int:
    """Let go of jobs whose lease ends later than any lease can: the clock was ahead when they were claimed."""
    return tx.run(_RELEASE, far=clock.shift(tx.now, seconds=2 * LEASE_SECONDS), moment=tx.now)


def list_jobs(tx: Transaction, most: int = 1000) -> list[JobSummary]:
    """The jobs that wait or failed, oldest first."""
    return [JobSummary(*row) for row in tx.all(_LIST, most=most)]
