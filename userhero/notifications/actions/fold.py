"""Digests: what was held for a recipient becomes one mail or message."""

from typing import Any

import msgspec
from sqlalchemy import bindparam, delete, func, literal_column, select

from userhero.kernel.db import Statement, Transaction
from userhero.kernel.jobs import enqueue
from userhero.notifications.actions.post import FOLD, Parcel, post
from userhero.notifications.content import Content, Entry, read
from userhero.notifications.recipients import Channel, Recipient
from userhero.notifications.tables import outbox
from userhero.notifications.wanted import unwanted_kinds
from userhero.workspaces import workspace_name

MOST_ENTRIES, CHUNK = 50, 500

_o = outbox
_held = (
    _o.c.workspace_id == bindparam("workspace"),
    _o.c.recipient == bindparam("recipient"),
    _o.c.hold_until <= bindparam("until"),
)
_COUNTS = Statement(select(_o.c.kind, func.count()).where(*_held).group_by(_o.c.kind).order_by(_o.c.kind))


class _Held(msgspec.Struct, array_like=True):
    channel: Channel
    recipient_name: str | None
    user_id: str | None
    integration_id: str | None
    target: bytes | None
    kind: str
    content: str


_FIRST = Statement(
    select(*(_o.c[name] for name in _Held.__struct_fields__))
    .where(*_held)
    .order_by(_o.c.hold_until, _o.c.position)
    .limit(literal_column(str(MOST_ENTRIES)))
)
_some = select(_o.c.position).where(*_held).limit(literal_column(str(CHUNK)))
_CLEAR = Statement(delete(_o).where(_o.c.position.in_(_some)))
_NEXT = Statement(
    select(func.min(_o.c.hold_until)).where(
        _o.c.workspace_id == bindparam("workspace"),
        _o.c.recipient == bindparam("recipient"),
        _o.c.hold_until > bindparam("until"),
    )
)


def fold(tx: Transaction, payload: dict[str, Any]) -> None:
    """Make one of all that is due to a recipient now, and see to what is due later. Where there is nothing, or nothing
    that they still want, nothing is sent.

    What became part of it is removed, 500 rows at once: ``until`` in the payload says that only this is left to do.
    """
    where = {"workspace": payload["workspace"], "recipient": payload["recipient"]}
    until = payload.get("until")
    if until is None:
        until = tx.now
        _send(tx, where, until)
    if tx.run(_CLEAR, **where, until=until) == CHUNK:
        enqueue(tx, FOLD, {**where, "until": until})
    following = tx.value(_NEXT, **where, until=tx.now)
    if following is not None:
        enqueue(tx, FOLD, where, run_at=following, key=f"{where['workspace']} {where['recipient']}")


def _send(tx: Transaction, where: dict[str, str], until: str) -> None:
    rows = tx.list(_Held, _FIRST, **where, until=until)
    if not rows:
        return
    counts = dict(tx.all(_COUNTS, **where, until=until))
    user_id = rows[0].user_id
    unwanted = set() if user_id is None else unwanted_kinds(tx, where["workspace"], user_id)
    total = sum(number for kind, number in counts.items() if kind not in unwanted)
    entries = [_entry(row) for row in rows if row.kind not in unwanted]
    if not total or not entries:
        return
    first = rows[0]
    recipient = Recipient(
        first.channel,
        where["recipient"],
        name=first.recipient_name,
        user_id=first.user_id,
        integration_id=first.integration_id,
        target=first.target,
    )
    content = _content(workspace_name(tx, where["workspace"]), total, entries, sorted(counts.keys() - unwanted))
    post(tx, Parcel(where["workspace"], "digest", content), recipient, is_digest=True)


def _entry(row: _Held) -> Entry:
    content = read(row.content)
    return Entry(content.title, content.path)


def _content(workspace: str, total: int, entries: list[Entry], kinds: list[str]) -> Content:
    title = "One thing happened" if total == 1 else f"{total:,} things happened"
    return Content(
        workspace=workspace,
        subject=f"[{workspace}] {title}",
        title=title,
        reason="You get this because you asked for digests, or because there was more than we send one by one.",
        entries=entries,
        more=total - len(entries),
        folded=kinds,
    )
