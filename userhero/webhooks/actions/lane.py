"""The lane of an endpoint: one worker at a time sends its deliveries, one after the other.

A lane is held under a token for half a minute from step to step, longer than any exchange lasts: whoever was killed
has lost it by then, and the next one sends again what may have been sent already. Who comes while it is held comes back
when it can't be any more.
"""

from typing import NamedTuple

from sqlalchemy import bindparam, func, literal_column, null, or_, select, update

from userhero.kernel import clock
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.jobs import enqueue
from userhero.webhooks.actions.outcome import Done, record
from userhero.webhooks.delivery_types import Lane, Parcel
from userhero.webhooks.tables import webhook_deliveries, webhook_endpoints

DELIVER = "webhooks.deliver"
# After so long a turn is over, for others to have one.
TURN_SECONDS = 10
# Twice as long as an exchange takes.
LANE_SECONDS = 30
# Set by a clock that was ahead: nothing is held or paused for so long.
_IMPLAUSIBLE_SECONDS = 3600
_OVERDUE_SECONDS = 30
# No delivery waits for so long: the schedule and ``Retry-After`` end after a day and a tenth.
_FARTHEST_SECONDS = 2 * 86_400
CHUNK, _SWEPT = 500, 100
_OFF = "The endpoint is switched off."

_e, _d = webhook_endpoints, webhook_deliveries
_one = _e.c.id == bindparam("endpoint")
_free = or_(_e.c.lane.is_(None), _e.c.lane_until <= bindparam("moment"), _e.c.lane_until > bindparam("far"))
_ENTER = Statement(
    update(_e)
    .where(_one, _e.c.deleted_at.is_(None), _free)
    .values(lane=bindparam("token"), lane_until=bindparam("until"))
)
_LEAVE = Statement(update(_e).where(_one).values(lane=null(), lane_until=null()))
_HELD_UNTIL = Statement(select(_e.c.lane_until).where(_one, _e.c.deleted_at.is_(None)))
_HOLD = Statement(
    update(_e)
    .where(_one, _e.c.lane == bindparam("token"))
    .values(lane_until=bindparam("until"))
    .returning(*(_e.c[name] for name in Lane.__struct_fields__))
)
_waiting = (_d.c.endpoint_id == bindparam("endpoint"), _d.c.next_attempt_at.is_not(None))
_parcel = select(*(_d.c[name] for name in Parcel.__struct_fields__))
_in_turn = (_d.c.next_attempt_at, _d.c.position)
_NEXT = Statement(
    _parcel.where(*_waiting, _d.c.next_attempt_at <= bindparam("moment")).order_by(*_in_turn).limit(literal_column("1"))
)
_WHEN = Statement(select(func.min(_d.c.next_attempt_at)).where(*_waiting))
_first_waiting = select(_d.c.position).where(*_waiting).order_by(*_in_turn).limit(literal_column(str(CHUNK)))
_GIVE_UP = Statement(
    update(_d).where(_d.c.position.in_(_first_waiting)).values(status="failed", error=_OFF, next_attempt_at=null())
)
_overdue = (
    select(_d.c.position)
    .where(_d.c.endpoint_id == _e.c.id, _d.c.next_attempt_at <= bindparam("overdue"))
    .correlate(_e)
    .exists()
)
_astray = (
    select(_d.c.position)
    .where(_d.c.endpoint_id == _e.c.id, _d.c.next_attempt_at > bindparam("farthest"))
    .correlate(_e)
    .exists()
)
_far_off = (
    select(_d.c.position)
    .where(_d.c.endpoint_id == bindparam("endpoint"), _d.c.next_attempt_at > bindparam("farthest"))
    .order_by(*_in_turn)
    .limit(literal_column(str(CHUNK)))
)
_RECALL = Statement(update(_d).where(_d.c.position.in_(_far_off)).values(next_attempt_at=bindparam("moment")))
_unpaused = or_(
    _e.c.paused_until.is_(None), _e.c.paused_until <= bindparam("moment"), _e.c.paused_until > bindparam("far")
)
_FORGOTTEN = Statement(
    select(_e.c.id)
    .where(_e.c.deleted_at.is_(None), _free, _unpaused, or_(_overdue, _astray))
    .limit(literal_column(str(_SWEPT)))
)


class Load(NamedTuple):
    """A delivery to be sent now, and the endpoint that it goes to."""

    lane: Lane
    parcel: Parcel


def wake(tx: Transaction, endpoint_id: str, at: str | None = None) -> None:
    """See to it that the endpoint's deliveries are sent, at a time or at once."""
    enqueue(tx, DELIVER, {"endpoint": endpoint_id}, run_at=at, key=endpoint_id)


def enter(tx: Transaction, endpoint_id: str, token: str) -> bool:
    """Take the lane; False where somebody has it, or where there is no such endpoint."""
    far = clock.shift(tx.now, seconds=_IMPLAUSIBLE_SECONDS)
    if tx.run(_ENTER, endpoint=endpoint_id, token=token, moment=tx.now, far=far, until=_lease(tx)):
        return True
    held_until = tx.value(_HELD_UNTIL, endpoint=endpoint_id)
    if held_until is not None:
        wake(tx, endpoint_id, held_until)
    return False


def advance(tx: Transaction, endpoint_id: str, token: str, done: Done | None, *, is_over: bool) -> Load | None:
    """Record what came of a delivery, and return the next; None where there is none, or the turn is over.

    The lane is left then. Where it has been lost meanwhile nothing is recorded: somebody else sends the same again.
    """
    lane = tx.find(Lane, _HOLD, endpoint=endpoint_id, token=token, until=_lease(tx))
    if lane is None:
        return None
    if done is not None:
        lane = record(tx, lane, done)
    if lane.enabled and not is_over and not _is_paused(lane, tx.now):
        parcel = tx.find(Parcel, _NEXT, endpoint=lane.id, moment=tx.now)
        if parcel is not None:
            return Load(lane, parcel)
    if not lane.enabled:
        give_up(tx, lane.id)
    leave(tx, lane)
    return None


def give_up(tx: Transaction, endpoint_id: str) -> None:
    """Let what waits for an endpoint that is switched off fail, 500 of it at the most."""
    tx.run(_GIVE_UP, endpoint=endpoint_id)


def leave(tx: Transaction, lane: Lane, *, not_before: str = "") -> None:
    """Let go of the lane, and see to it that what waits is sent in its time, or given up at once."""
    tx.run(_LEAVE, endpoint=lane.id)
    due = tx.value(_WHEN, endpoint=lane.id)
    if due is None:
        return
    if not lane.enabled:
        wake(tx, lane.id)
        return
    if lane.paused_until is not None and _is_paused(lane, tx.now):
        not_before = max(not_before, lane.paused_until)
    wake(tx, lane.id, max(due, not_before, tx.now))


def step_aside(tx: Transaction, lane: Lane, token: str, seconds: float) -> None:
    """Leave the lane for so long, with nothing sent."""
    if tx.find(Lane, _HOLD, endpoint=lane.id, token=token, until=_lease(tx)) is not None:
        leave(tx, lane, not_before=clock.shift(tx.now, seconds=seconds))


def find_forgotten(tx: Transaction) -> list[str]:
    """Endpoints with something overdue and nobody at it, 100 at the most: a crash can leave some behind.

    So can a clock that was days ahead: what was to be sent in that future counts as overdue.
    """
    far, overdue = clock.shift(tx.now, seconds=_IMPLAUSIBLE_SECONDS), clock.shift(tx.now, seconds=-_OVERDUE_SECONDS)
    return tx.texts(_FORGOTTEN, moment=tx.now, far=far, overdue=overdue, farthest=_farthest(tx))


def remember(tx: Transaction, endpoint_id: str) -> None:
    """See to a forgotten endpoint; of what a clock that was ahead has put off, to 500 deliveries at the most."""
    tx.run(_RECALL, endpoint=endpoint_id, moment=tx.now, farthest=_farthest(tx))
    wake(tx, endpoint_id)


def _farthest(tx: Transaction) -> str:
    return clock.shift(tx.now, seconds=_FARTHEST_SECONDS)


def _lease(tx: Transaction) -> str:
    return clock.shift(tx.now, seconds=LANE_SECONDS)


def _is_paused(lane: Lane, now: str) -> bool:
    if lane.paused_until is None:
        return False
    return now < lane.paused_until <= clock.shift(now, seconds=_IMPLAUSIBLE_SECONDS)
