"""How many mails and messages go out, to one recipient and from one workspace.

They are counted by the hour, in rows of their own: what was sent counts, even if what it was about is removed since.
"""

from typing import NamedTuple

from sqlalchemy import bindparam, case, delete, func, literal_column, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from userhero.kernel import clock
from userhero.kernel.db import Statement, Transaction
from userhero.notifications.addresses import address_mark
from userhero.notifications.recipients import Recipient
from userhero.notifications.tables import outbox_counts

KEPT_HOURS, CHUNK = 48, 500

_c = outbox_counts
_put = insert(_c).values(subject=bindparam("subject"), hour=bindparam("hour"), sent=literal_column("1"))
_COUNT = Statement(_put.on_conflict_do_update(index_elements=[_c.c.subject, _c.c.hour], set_={"sent": _c.c.sent + 1}))
_this_hour = case((_c.c.hour == bindparam("hour"), _c.c.sent), else_=0)
_SENT = Statement(
    select(func.coalesce(func.sum(_this_hour), 0), func.coalesce(func.sum(_c.c.sent), 0)).where(
        _c.c.subject == bindparam("subject"), _c.c.hour > bindparam("since")
    )
)
_old = (
    select(_c.c.subject, _c.c.hour)
    .where(_c.c.hour <= bindparam("before"))
    .order_by(_c.c.hour)
    .limit(literal_column(str(CHUNK)))
)
_PURGE = Statement(delete(_c).where(tuple_(_c.c.subject, _c.c.hour).in_(_old)))


class Cap(NamedTuple):
    """The most from one full hour to the next, and within 24 of these hours."""

    hour: int
    day: int | None = None


MAIL, SLACK = Cap(20), Cap(60)
# To an address of which nobody knows whether whoever gave it reads there.
UNPROVEN = Cap(10, 30)
# From one workspace, to all addresses that are no member's.
OUTSIDE = Cap(500, 2000)


def is_over(tx: Transaction, workspace_id: str, recipient: Recipient) -> bool:
    """Whether one more would exceed a cap."""
    own = SLACK if recipient.channel == "slack" else UNPROVEN if recipient.is_unproven else MAIL
    if _is_full(tx, _subject(tx, recipient), own):
        return True
    return recipient.is_outside and _is_full(tx, workspace_id, OUTSIDE)


def count_one(tx: Transaction, workspace_id: str, recipient: Recipient) -> None:
    """Note that one more goes out."""
    tx.run(_COUNT, subject=_subject(tx, recipient), hour=_hour(tx.now))
    if recipient.is_outside:
        tx.run(_COUNT, subject=workspace_id, hour=_hour(tx.now))


def purge_counts(tx: Transaction) -> bool:
    """Forget 500 counts that no cap asks for any more; True where there may be more."""
    return tx.run(_PURGE, before=clock.shift(tx.now, hours=-KEPT_HOURS)) == CHUNK


def _is_full(tx: Transaction, subject: str, cap: Cap) -> bool:
    found = tx.one(_SENT, subject=subject, hour=_hour(tx.now), since=clock.shift(_hour(tx.now), hours=-24))
    assert found is not None, "a sum is always there"
    this_hour, today = found
    return this_hour >= cap.hour or (cap.day is not None and today >= cap.day)


def _subject(tx: Transaction, recipient: Recipient) -> str:
    """What stands for a recipient, and leads back to nobody."""
    return f"{recipient.channel} {address_mark(tx.keys, recipient.address)}"


def _hour(now: str) -> str:
    return clock.iso(clock.unix(now) // 3600 * 3600)
