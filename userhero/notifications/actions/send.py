"""Taking what is due out of the outbox, and noting what became of it.

To take a row is to move it to the end of a lease: where whoever took it is gone, it comes up again, and may then be
sent twice, under one Message-ID. Two never have it at once.
"""

from typing import NamedTuple

import msgspec
from sqlalchemy import bindparam, literal_column, null, or_, select, update

from userhero.kernel import clock
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.mail import Delayed, Outcome, Refused, Sent
from userhero.notifications.actions.post import wake
from userhero.notifications.tables import outbox

# As many as a job sends in its four minutes at a usual pace; a lease is longer than any job.
BATCH, LEASE_SECONDS = 20, 300
# How long after the first, second, … failure the next attempt is, in seconds; after the last there is none.
DELAYS = (60, 300, 1800, 7200, 21600, 86400)
# What waited for a server that was not there is sent by itself for so long, and then only when somebody asks for it.
FRESH_HOURS, CHUNK = 24, 200
_MAX_ERROR = 500

_o = outbox


class Taken(msgspec.Struct, array_like=True, frozen=True):
    """A row to be sent. ``content`` is JSON; ``address`` is an integration's, sealed."""

    id: str
    workspace_id: str
    channel: str
    recipient: str
    recipient_name: str | None
    user_id: str | None
    integration_id: str | None
    target: bytes | None
    kind: str
    feedback_id: str | None
    content: str
    attempts: int
    created_at: str


class Result(NamedTuple):
    """What became of an attempt. ``not_before`` is when the recipient wants to be asked again, if it said so."""

    outcome: Outcome
    not_before: str | None = None


_row = [_o.c[name] for name in Taken.__struct_fields__]
_mine = (_o.c.id == bindparam("one"), _o.c.lease == bindparam("token"))


def _taking(*conditions: object) -> Statement:
    first = (
        select(_o.c.position)
        .where(_o.c.channel == bindparam("channel_"), _o.c.next_attempt_at <= bindparam("moment"), *conditions)  # type: ignore[arg-type]
        .order_by(_o.c.next_attempt_at, _o.c.position)
        .limit(literal_column(str(BATCH)))
        .with_for_update(skip_locked=True)
    )
    return Statement(
        update(_o)
        .where(_o.c.position.in_(first))
        .values(next_attempt_at=bindparam("until"), lease=bindparam("token"))
        .returning(*_row)
    )


_TAKE = _taking()
_TAKE_FOR = _taking(_o.c.recipient == bindparam("recipient_"))
_SENT = Statement(
    update(_o)
    .where(*_mine)
    .values(
        status="sent", sent_at=bindparam("moment"), reply=bindparam("said"), attempts=_o.c.attempts + 1,
        next_attempt_at=null(), lease=null(), error=null(),
    )
)  # fmt: skip
_FAILED = Statement(
    update(_o)
    .where(*_mine)
    .values(status="failed", error=bindparam("said"), attempts=_o.c.attempts + 1, next_attempt_at=null(), lease=null())
)
_LATER = Statement(
    update(_o)
    .where(*_mine)
    .values(error=bindparam("said"), attempts=_o.c.attempts + 1, next_attempt_at=bindparam("later"), lease=null())
)
_PUT_BACK = Statement(
    update(_o)
    .where(_o.c.lease == bindparam("token"), _o.c.id == bindparam("one"))
    .values(next_attempt_at=bindparam("moment"), lease=null())
)
_waiting = (
    select(_o.c.position)
    .where(
        _o.c.channel == "email",
        _o.c.next_attempt_at.is_not(None),
        # Whoever took it is gone once its lease is over.
        or_(_o.c.lease.is_(None), _o.c.next_attempt_at <= bindparam("moment")),
    )
    .limit(literal_column(str(CHUNK)))
)
_KEEP = Statement(
    update(_o).where(_o.c.position.in_(_waiting)).values(status="kept", next_attempt_at=null(), lease=null())
)
_fresh = (
    select(_o.c.position)
    .where(literal_column("status = 'kept'"), _o.c.created_at > bindparam("since"))
    .order_by(_o.c.created_at, _o.c.position)
    .limit(literal_column(str(CHUNK)))
)
_FREE = Statement(
    update(_o).where(_o.c.position.in_(_fresh)).values(status="waiting", next_attempt_at=bindparam("moment"))
)
_OVERDUE = Statement(
    select(_o.c.recipient)
    .where(_o.c.channel == "slack", _o.c.next_attempt_at <= bindparam("overdue"))
    .distinct()
    .limit(literal_column("100"))
)
_IS_DUE = Statement(
    select(_o.c.position)
    .where(_o.c.channel == bindparam("channel_"), _o.c.next_attempt_at <= bindparam("moment"))
    .limit(literal_column("1"))
)


def take(tx: Transaction, token: str, channel: str, recipient: str | None = None) -> list[Taken]:
    """Up to 20 rows that are due, the oldest first, held under a token for five minutes."""
    values = {
        "token": token,
        "channel_": channel,
        "moment": tx.now,
        "until": clock.shift(tx.now, seconds=LEASE_SECONDS),
    }
    if recipient is None:
        found = tx.list(Taken, _TAKE, **values)
    else:
        found = tx.list(Taken, _TAKE_FOR, **values, recipient_=recipient)
    return sorted(found, key=lambda row: row.id)


def record(tx: Transaction, row: Taken, token: str, result: Result) -> None:
    """Note what became of an attempt; nothing where somebody else has the row by now."""
    match result.outcome:
        case Sent(reply=reply):
            tx.run(_SENT, one=row.id, token=token, moment=tx.now, said=_kept(reply))
        case Refused(reason=reason):
            tx.run(_FAILED, one=row.id, token=token, said=_kept(reason))
        case Delayed(reason=reason) if row.attempts >= len(DELAYS):
            tx.run(_FAILED, one=row.id, token=token, said=_kept(reason))
        case Delayed(reason=reason):
            later = clock.shift(tx.now, seconds=DELAYS[row.attempts])
            if result.not_before is not None:
                later = max(later, min(result.not_before, clock.shift(tx.now, seconds=DELAYS[-1])))
            if tx.run(_LATER, one=row.id, token=token, said=_kept(reason), later=later):
                wake(tx, row.channel, row.recipient, later)


def put_back(tx: Transaction, rows: list[Taken], token: str, seconds: int = 0) -> None:
    """Leave rows that were taken and not tried to others, at once or after so long."""
    later = clock.shift(tx.now, seconds=seconds)
    for row in rows:
        tx.run(_PUT_BACK, token=token, one=row.id, moment=later)
        wake(tx, row.channel, row.recipient, later)


def keep_mail(tx: Transaction) -> bool:
    """Without a mail server: put aside up to 200 mails that wait; True where there may be more."""
    return tx.run(_KEEP, moment=tx.now) == CHUNK


def free_mail(tx: Transaction) -> bool:
    """With a mail server: let up to 200 mails out that were put aside within a day; True where there may be more."""
    since = clock.shift(tx.now, hours=-FRESH_HOURS)
    return tx.run(_FREE, since=since, moment=tx.now) == CHUNK


def find_overdue(tx: Transaction) -> list[str]:
    """Places for which messages have waited for half a minute too long, 100 at the most: a crash can leave some."""
    return tx.texts(_OVERDUE, overdue=clock.shift(tx.now, seconds=-30))


def is_any_due(tx: Transaction, channel: str) -> bool:
    """True where there is something to take."""
    return tx.one(_IS_DUE, channel_=channel, moment=tx.now) is not None


def _kept(text: str) -> str:
    return text.replace("\0", "")[:_MAX_ERROR]
