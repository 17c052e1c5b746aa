"""Trying again what did not go out, and forgetting what is old."""

from sqlalchemy import bindparam, delete, literal_column, null, or_, select, update

from userhero.kernel import clock
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.errors import Conflict, NotFound
from userhero.notifications.actions.post import wake
from userhero.notifications.tables import outbox

FORGET = "notifications.forget"
KEPT_DAYS, CHUNK = 30, 500

_o = outbox
_anew = {
    "status": "waiting", "next_attempt_at": bindparam("moment"), "attempts": 0, "hold_until": null(), "lease": null()
}  # fmt: skip
_STATE = Statement(select(_o.c.status, _o.c.channel, _o.c.recipient).where(_o.c.id == bindparam("one")))
_is_free = or_(_o.c.lease.is_(None), _o.c.next_attempt_at <= bindparam("moment"))
_one = (_o.c.id == bindparam("one"), _o.c.status != "sent", _is_free)
_AGAIN = Statement(update(_o).where(*_one).values(_anew))
_stuck = (
    select(_o.c.position)
    .where(or_(*(_o.c.status == status for status in ("failed", "kept"))))
    .order_by(_o.c.position)
    .limit(literal_column(str(CHUNK)))
)
_ALL_AGAIN = Statement(
    update(_o).where(_o.c.position.in_(_stuck)).values(_anew).returning(_o.c.channel, _o.c.recipient)
)
_old = select(_o.c.position).where(_o.c.created_at <= bindparam("before")).order_by(_o.c.created_at)
_PURGE = Statement(delete(_o).where(_o.c.position.in_(_old.limit(literal_column(str(CHUNK))))))
_FORGET = Statement(
    delete(_o).where(
        _o.c.position.in_(
            select(_o.c.position).where(_o.c.customer_id == bindparam("customer")).limit(literal_column(str(CHUNK)))
        )
    )
)


def retry_one(tx: Transaction, outbox_id: str) -> None:
    """Send a mail or message that did not go out, whatever stood in its way. Raises NotFound, or Conflict where it was
    sent or is being sent.
    """
    found = tx.one(_STATE, one=outbox_id)
    if found is None:
        raise NotFound(f"There is no mail or message {outbox_id}.")
    status, channel, recipient = found
    if not tx.run(_AGAIN, one=outbox_id, moment=tx.now):
        raise Conflict("It was sent." if status == "sent" else "It is being sent just now.")
    wake(tx, channel, recipient)


def retry_some(tx: Transaction) -> int:
    """Send up to 500 of those that failed or were put aside; returns how many."""
    rows = tx.all(_ALL_AGAIN, moment=tx.now)
    for channel, recipient in sorted({(row[0], row[1]) for row in rows}):
        wake(tx, channel, recipient)
    return len(rows)


def purge_outbox(tx: Transaction) -> bool:
    """Forget mails and messages after 30 days, 500 at the most; True where there may be more."""
    return tx.run(_PURGE, before=clock.shift(tx.now, days=-KEPT_DAYS)) == CHUNK


def forget_customer(tx: Transaction, customer_id: str) -> bool:
    """Forget 500 mails to a customer who was removed; True where there may be more."""
    return tx.run(_FORGET, customer=customer_id) == CHUNK
