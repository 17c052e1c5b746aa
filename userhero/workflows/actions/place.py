"""Where an item stands on its board.

All items of a workflow are in one order, by ``position``; a column shows those of its status, in that order. Positions
are far apart, so that a move is a change of one row. Where two neighbours have come so close that nothing fits between
them, the items after them make room. Whoever asks here holds the workflow, so no two moves see the same gap.
"""

from typing import NamedTuple

from sqlalchemy import bindparam, func, literal_column, select, update

from userhero.kernel.db import Statement, Transaction
from userhero.kernel.errors import Invalid
from userhero.workflows.item_types import ItemRow
from userhero.workflows.tables import workflow_items

GAP = 1 << 20
# How many items make room at first, and how far apart they must be after that; else all of the board do.
WINDOW, ENOUGH = 256, 1024

_i = workflow_items
_others = (_i.c.workflow_id == bindparam("workflow"), _i.c.id != bindparam("item"))
_FIRST = Statement(select(func.min(_i.c.position)).where(*_others))
_LAST = Statement(select(func.max(_i.c.position)).where(*_others))
_NEXT = Statement(select(func.min(_i.c.position)).where(*_others, _i.c.position > bindparam("place")))
_PREVIOUS = Statement(select(func.max(_i.c.position)).where(*_others, _i.c.position < bindparam("place")))
_NEIGHBOUR = Statement(
    select(_i.c.position).where(*_others, _i.c.id == bindparam("neighbour"), _i.c.status == bindparam("status"))
)
_following = select(_i.c.id, func.row_number().over(order_by=(_i.c.position, _i.c.id)).label("number")).where(
    _i.c.workflow_id == bindparam("workflow")
)
_near = (
    _following.where(_i.c.position > bindparam("left"))
    .order_by(_i.c.position, _i.c.id)
    .limit(literal_column(str(WINDOW)))
    .subquery("near")
)
_all = _following.subquery("everyone")
_SPREAD = Statement(
    update(_i).where(_i.c.id == _near.c.id).values(position=bindparam("start") + _near.c.number * bindparam("step"))
)
_SPREAD_ALL = Statement(
    update(_i).where(_i.c.id == _all.c.id).values(position=_all.c.number * literal_column(str(GAP)))
)
_BEYOND = Statement(
    select(_i.c.position)
    .where(_i.c.workflow_id == bindparam("workflow"), _i.c.position > bindparam("left"))
    .order_by(_i.c.position, _i.c.id)
    .limit(literal_column("1"))
    .offset(literal_column(str(WINDOW)))
)


class Spot(NamedTuple):
    """A place for an item: beside a neighbour of the same column, or, without one, at an end of it."""

    side: str
    neighbour: str | None


END = Spot("before", None)


def at_end(tx: Transaction, workflow_id: str) -> int:
    """The position of a new item: after all others of the board."""
    last = tx.value(_LAST, workflow=workflow_id, item="")
    return 0 if last is None else int(last) + GAP


def position_for(tx: Transaction, item: ItemRow, status: str, spot: Spot) -> int:
    """The position of an item at a spot of the column ``status``; its own where it stands there already.

    Raises Invalid where the neighbour is not another item of that column.
    """
    left, right = _gap(tx, item, status, spot)
    if left is not None and right is not None and right - left < 2:
        _make_room(tx, item.workflow_id, left)
        left, right = _gap(tx, item, status, spot)
    if (left is None or left < item.position) and (right is None or item.position < right):
        return item.position
    if left is None:
        assert right is not None, "without others an item stands where it should"
        return right - GAP
    return left + GAP if right is None else (left + right) // 2


def _gap(tx: Transaction, item: ItemRow, status: str, spot: Spot) -> tuple[int | None, int | None]:
    """The positions of the items before and after the spot, None where there is none."""
    others = {"workflow": item.workflow_id, "item": item.id}
    if spot.neighbour is None:
        return (tx.value(_LAST, **others), None) if spot.side == "before" else (None, tx.value(_FIRST, **others))
    place = tx.value(_NEIGHBOUR, **others, neighbour=spot.neighbour, status=status)
    if place is None:
        raise Invalid(spot.side, f"must be another item of the column {status}")
    if spot.side == "before":
        return tx.value(_PREVIOUS, **others, place=place), place
    return place, tx.value(_NEXT, **others, place=place)


def _make_room(tx: Transaction, workflow_id: str, left: int) -> None:
    """Spread the items after ``left`` over the room up to those that stay; over all there is where that is little."""
    beyond = tx.value(_BEYOND, workflow=workflow_id, left=left)
    step = GAP if beyond is None else (beyond - left) // (WINDOW + 1)
    if step < ENOUGH:
        tx.run(_SPREAD_ALL, workflow=workflow_id)
    else:
        tx.run(_SPREAD, workflow=workflow_id, left=left, start=left, step=step)
