"""The feed of events: what happened in a workspace, in an order in which nothing can appear late.

See docs/adr/0005-events-in-order.md.
"""

import re
from typing import Any

from sqlalchemy import and_, bindparam, literal_column, select, tuple_

from userhero.kernel import clock
from userhero.kernel.actor import Actor
from userhero.kernel.db import Document, Statement, Transaction
from userhero.kernel.db.listing import Listing, Order, Position, Slice, Sort
from userhero.kernel.errors import Invalid
from userhero.kernel.events import KEPT_DAYS, events, settled_before
from userhero.webhooks.feed_types import EventList
from userhero.webhooks.kinds import PUBLIC
from userhero.workspaces import Access, enter_named

_ID = re.compile(r"evt_([0-9a-v]{26})")

_e = events
IS_PUBLIC = _e.c.kind.in_([literal_column(f"'{kind}'") for kind in PUBLIC])
DOCUMENT = (
    Document()
    .plain("id", _e.c.id)
    .plain("event", _e.c.kind)
    .plain("timestamp", _e.c.created_at)
    .plain("workspaceId", _e.c.workspace_id)
    .json("data", _e.c.data)
    .end()
)
# A cursor is further than ``after``, so it does not depend on it; nor on what has settled by now. SQLite's turns are 0,
# and its position is the row's number, of which an index makes no use in a comparison of pairs: there the bound is said
# once more, so that it can.
_LISTING = Listing(
    "events",
    DOCUMENT,
    _e.c.position,
    filters={
        "workspace": _e.c.workspace_id == bindparam("workspace"),
        "_settled": _e.c.turn < bindparam("_settled"),
        "_after_turn": tuple_(_e.c.turn, _e.c.position)
        > tuple_(bindparam("_after_turn"), bindparam("_after_position")),
        "_above": and_(_e.c.turn == literal_column("0"), _e.c.position > bindparam("_above")),
        "_below": and_(_e.c.turn == literal_column("0"), _e.c.position < bindparam("_below")),
        "_public": IS_PUBLIC,
    },
    sorts={"turn": Sort(_e.c.turn)},
)
_PLACE = Statement(
    select(_e.c.turn, _e.c.position).where(_e.c.id == bindparam("event"), _e.c.workspace_id == bindparam("workspace"))
)


def list_events(tx: Transaction, actor: Actor, query: EventList) -> Slice:
    """A page of the public events of a workspace, oldest first.

    Raises Invalid where ``after`` names no event of the workspace, or one that is kept no more.
    """
    access = enter_named(tx, actor, query.workspace_id)
    values: dict[str, Any] = {"workspace": access.workspace_id, "_public": True}
    if query.after is not None:
        turn, position = _place(tx, access, query.after)
        values |= {"_after_turn": turn, "_after_position": position}
    wanted = query.wanted()
    if tx.engine == "sqlite":
        values |= _bounds(_LISTING.start_of(tx, wanted, values, "turn", query.order), values, query.order)
    # Asked before anything is read: what settles meanwhile is for the next call.
    values["_settled"] = settled_before(tx)
    return _LISTING.page(tx, wanted, values, sort="turn", order=query.order)


def _bounds(start: Position, values: dict[str, Any], order: Order) -> dict[str, Any]:
    """Between which rows of SQLite a page lies."""
    cursor = start.id if isinstance(start.id, int) else None
    above = [
        place for place in (values.get("_after_position"), cursor if order == "asc" else None) if place is not None
    ]
    found: dict[str, Any] = {"_above": max(above)} if above else {}
    return found | {"_below": cursor} if order == "desc" and cursor is not None else found


def _place(tx: Transaction, access: Access, event_id: str) -> tuple[int, int]:
    found = tx.one(_PLACE, event=event_id, workspace=access.workspace_id)
    if found is not None:
        return int(found[0]), int(found[1])
    if _is_old(event_id, tx.now):
        raise Invalid("after", f"names an event that is kept no more: events are purged after {KEPT_DAYS} days")
    raise Invalid("after", "is no event of this workspace")


def _is_old(event_id: str, now: str) -> bool:
    """Whether an id was made so long ago that its event is purged: ids begin with their time, in milliseconds."""
    matched = _ID.fullmatch(event_id)
    return matched is not None and int(matched[1], 32) >> 80 <= clock.unix(clock.shift(now, days=-KEPT_DAYS)) * 1000
