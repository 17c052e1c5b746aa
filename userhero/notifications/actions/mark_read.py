"""Marking notifications as read, and forgetting old ones."""

import msgspec
from msgspec import UNSET
from sqlalchemy import bindparam, delete, func, literal_column, select, update

from userhero.kernel import clock
from userhero.kernel.actor import Actor
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.db.functions import is_among
from userhero.kernel.errors import Invalid, NotFound
from userhero.kernel.jobs import enqueue
from userhero.notifications.queries import count_unread
from userhero.notifications.tables import notifications
from userhero.notifications.types import MarkRead
from userhero.workspaces import enter_named

READ = "notifications.read"
KEPT_DAYS, CHUNK = 90, 500

_n = notifications
_owner = (_n.c.workspace_id == bindparam("workspace"), _n.c.user_id == bindparam("user"))
_unread = _n.c.read_at.is_(None)
_named = (*_owner, is_among(_n.c.id, bindparam("named")))
_COUNT = Statement(select(func.count()).select_from(_n).where(*_named))
_MARK = Statement(update(_n).where(*_named, _unread).values(read_at=bindparam("moment")))
_some_unread = (
    select(_n.c.id)
    .where(*_owner, _unread, _n.c.created_at <= bindparam("until"))
    .order_by(_n.c.created_at, _n.c.id)
    .limit(literal_column(str(CHUNK)))
)
_MARK_SOME = Statement(update(_n).where(_n.c.id.in_(_some_unread)).values(read_at=bindparam("moment")))
_old = select(_n.c.id).where(_n.c.created_at <= bindparam("before")).order_by(_n.c.created_at)
_PURGE = Statement(delete(_n).where(_n.c.id.in_(_old.limit(literal_column(str(CHUNK))))))
_encode = msgspec.json.Encoder().encode


def mark_read(tx: Transaction, actor: Actor, given: MarkRead) -> int:
    """Mark notifications of the actor as read; returns how many are unread now.

    Raises NotFound where one of them is not the actor's. Of all, the first 500 are marked at once and the others within
    moments.
    """
    access = enter_named(tx, actor, given.workspace_id)
    if (given.ids is UNSET) is not given.all:
        raise Invalid("ids", "must be given where all is not true, and only then")
    whose = {"workspace": access.workspace_id, "user": actor.user_id}
    if isinstance(given.ids, list):
        wanted = sorted(set(given.ids))
        named = _encode(wanted).decode()
        if tx.value(_COUNT, **whose, named=named) != len(wanted):
            raise NotFound("Notification not found")
        tx.run(_MARK, **whose, named=named, moment=tx.now)
    elif mark_some(tx, **whose, until=tx.now):
        enqueue(tx, READ, {**whose, "until": tx.now})
        return 0
    return count_unread(tx, actor, access.workspace_id)


def mark_some(tx: Transaction, workspace: str, user: str, until: str) -> bool:
    """Mark up to 500 notifications that somebody got until a time; True where there may be more."""
    return tx.run(_MARK_SOME, workspace=workspace, user=user, until=until, moment=tx.now) == CHUNK


def purge_notifications(tx: Transaction) -> bool:
    """Forget notifications after 90 days, 500 at the most; True where there may be more."""
    return tx.run(_PURGE, before=clock.shift(tx.now, days=-KEPT_DAYS)) == CHUNK
