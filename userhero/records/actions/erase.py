"""Asking for a customer to be erased, and how far that is."""

import msgspec
from sqlalchemy import bindparam, delete, literal_column, null, select, update

from userhero.customers import begin_farewell, end_farewell
from userhero.kernel import audit, clock, ids
from userhero.kernel.actor import Actor
from userhero.kernel.db import Statement, Transaction, insertion
from userhero.kernel.errors import NotFound
from userhero.kernel.jobs import enqueue
from userhero.records.erasure_queries import find_of_customer, render
from userhero.records.erasure_types import Erase, ErasureRow, Marks
from userhero.records.tables import erasures

ERASE = "records.erase"
# Whoever erased somebody may have to show it: in many places claims last three years.
EVIDENCE_DAYS, CHUNK = 3 * 365, 500

_e = erasures
_INSERT = insertion(_e, "id", "workspace_id", "customer_id", "content", "marks", "created_at")
_one = _e.c.id == bindparam("erasure")
_BEGIN = Statement(update(_e).where(_one).values(status="running", marks=bindparam("sealed"), total=bindparam("all")))
_PAUSE = Statement(update(_e).where(_one, _e.c.finished_at.is_(None)).values(marks=bindparam("sealed")))
_ADVANCE = Statement(update(_e).where(_one).values(stage=bindparam("reached"), done=bindparam("so_far")))
_END = Statement(
    update(_e)
    .where(_one, _e.c.finished_at.is_(None))
    .values(status="done", marks=null(), done=_e.c.total, finished_at=bindparam("moment"))
)
_old = select(_e.c.id).where(_e.c.created_at <= bindparam("before")).order_by(_e.c.created_at)
_PURGE = Statement(delete(_e).where(_e.c.id.in_(_old.limit(literal_column(str(CHUNK))))))


def erase_customer(tx: Transaction, actor: Actor, customer_id: str, erase: Erase) -> str:
    """Make a customer gone, and let a job erase what is left of them; returns the erasure as JSON. Asked for again, it
    is the same one. Raises NotFound.
    """
    known = find_of_customer(tx, actor, customer_id, erase.workspace_id)
    if known is not None:
        return known
    try:
        leaving = begin_farewell(tx, actor, customer_id, erase.workspace_id)
    except NotFound:
        # Somebody may have asked at the same moment, for whom this has waited: theirs can be seen by now.
        known = find_of_customer(tx, actor, customer_id, erase.workspace_id)
        if known is None:
            raise
        return known
    erasure_id = ids.new("era")
    tx.run(
        _INSERT,
        id=erasure_id,
        workspace_id=leaving.workspace_id,
        customer_id=leaving.id,
        content=erase.content,
        marks=_sealed(tx, Marks(leaving.emails, leaving.phones, [leaving.id, *leaving.merged_ids])),
        created_at=tx.now,
    )
    go_on(tx, erasure_id)
    told = {"erasureId": erasure_id, "content": erase.content}
    audit.record(tx, actor, leaving.workspace_id, "customer.erased", audit.Subject(leaving.id), after=told)
    return render(tx, erasure_id)


def go_on(tx: Transaction, erasure_id: str) -> None:
    """Let a job erase, or go on with it."""
    enqueue(tx, ERASE, {"erasure": erasure_id}, key=erasure_id)


def pause(tx: Transaction, row: ErasureRow, marks: Marks) -> None:
    """Let another job go on where this one ends: however much there is to look at, they come to its end."""
    tx.run(_PAUSE, erasure=row.id, sealed=_sealed(tx, marks))
    go_on(tx, row.id)


def begin(tx: Transaction, row: ErasureRow, marks: Marks, total: int) -> None:
    """Keep by what traces are told, and how much there is to do."""
    tx.run(_BEGIN, erasure=row.id, sealed=_sealed(tx, marks), all=total)


def advance(tx: Transaction, row: ErasureRow, stage: int, done: int) -> None:
    """Keep how far it is."""
    tx.run(_ADVANCE, erasure=row.id, reached=stage, so_far=done)


def end(tx: Transaction, row: ErasureRow) -> None:
    """Forget the customer's id where it leads anywhere, and by what traces were told."""
    end_farewell(tx, row.customer_id)
    tx.run(_END, erasure=row.id, moment=tx.now)


def unsealed(tx: Transaction, row: ErasureRow) -> Marks:
    """By what traces are told."""
    return msgspec.json.decode(tx.keys.unseal(row.marks), type=Marks)


def purge_evidence(tx: Transaction) -> bool:
    """Forget erasures after three years, 500 at the most; True where there may be more."""
    return tx.run(_PURGE, before=clock.shift(tx.now, days=-EVIDENCE_DAYS)) == CHUNK


def _sealed(tx: Transaction, marks: Marks) -> bytes:
    return tx.keys.seal(msgspec.json.encode(marks))
