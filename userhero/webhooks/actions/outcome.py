"""What came of an attempt: for the delivery, and for the endpoint."""

from typing import Any, NamedTuple

import msgspec
from sqlalchemy import and_, bindparam, case, update

from userhero.kernel import audit, clock
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.events import emit
from userhero.webhooks.delivery_types import DeliveryAttempt, Lane, Pace, Parcel
from userhero.webhooks.endpoint_types import EndpointDisabled, EndpointFailing
from userhero.webhooks.kinds import TEST
from userhero.webhooks.schedule import asked_delay, next_delay
from userhero.webhooks.tables import webhook_deliveries, webhook_endpoints
from userhero.workspaces import system_actor

# How long an endpoint may fail, and how long there may be nothing to deliver meanwhile for it to count as one failure.
FAILING_DAYS, IDLE_DAYS = 5, 2
# An exchange that takes longer holds up others; after one that failed over it, the lane steps back for some seconds.
SLOW_MS, STEP_BACK_SECONDS = 5000, 4
# An answer that asks for patience (429, 503) pauses the whole endpoint, for so long at the most.
LONGEST_PAUSE_SECONDS = 300
_LOGGED = 20
_GONE, _BUSY = 410, frozenset({429, 503})

_e, _d = webhook_endpoints, webhook_deliveries
# Somebody asked for it to be sent again while it was under way: then it stays due.
_is_renewed = and_(_d.c.next_attempt_at.is_not(None), _d.c.next_attempt_at != bindparam("was_due"))
_FATE = ("status", "step", "next_attempt_at")
_NOTED = (
    "attempt", "attempted_at", "response_status", "error", "duration_ms", "answer_headers", "answer_body", "log",
)  # fmt: skip
_RECORD = Statement(
    update(_d)
    .where(_d.c.id == bindparam("delivery"))
    .values({name: bindparam(f"new_{name}") for name in _NOTED})
    .values(
        {name: case((_is_renewed, _d.c[name]), else_=bindparam(f"new_{name}", type_=_d.c[name].type)) for name in _FATE}
    )
)
_HEALTH = ("paused_until", "pace", "failing_since", "last_failed_at", "failing_told")
_NOTE = Statement(
    update(_e).where(_e.c.id == bindparam("endpoint")).values({name: bindparam(f"new_{name}") for name in _HEALTH})
)
_DISABLE = Statement(
    update(_e).where(_e.c.id == bindparam("endpoint")).values(enabled=False, updated_at=bindparam("moment"))
)
_encode = msgspec.json.Encoder().encode
_log = msgspec.json.Decoder(list[DeliveryAttempt]).decode


class Done(NamedTuple):
    """An attempt at the address ``url``. ``error`` is None where it succeeded.

    ``status`` and what follows are None where no answer came.
    """

    parcel: Parcel
    url: str
    at: str
    duration_ms: int
    error: str | None
    status: int | None = None
    headers: str | None = None
    body: str | None = None
    retry_after: str | None = None


def record(tx: Transaction, lane: Lane, done: Done) -> Lane:
    """Note what came of an attempt; returns the endpoint as it is now.

    Nothing is concluded from tests, which nobody but their sender waits for, except that the endpoint works, and from
    what an address answered that has been changed meanwhile.
    """
    is_current = done.url == lane.url
    asked = asked_delay(done.retry_after, tx.now) if done.status in _BUSY else 0.0
    attempts = done.parcel.step + 1
    delay = None if _is_final(done, is_current=is_current) else next_delay(attempts, asked)
    _record_delivery(tx, done, None if delay is None else clock.shift(tx.now, seconds=delay))
    if not is_current:
        return lane
    after = _health(tx, lane, done, asked)
    if done.error is not None and done.parcel.event != TEST:
        after = _judged(tx, after, done, is_given_up=delay is None)
    if after != lane:
        tx.run(_NOTE, endpoint=lane.id, **{f"new_{name}": getattr(after, name) for name in _HEALTH})
    return after


def _is_final(done: Done, *, is_current: bool) -> bool:
    return done.error is None or (done.status == _GONE and is_current) or done.parcel.event == TEST


def _record_delivery(tx: Transaction, done: Done, next_attempt_at: str | None) -> None:
    parcel = done.parcel
    attempt = DeliveryAttempt(parcel.attempt + 1, done.at, done.status, done.error, done.duration_ms)
    status = "delivered" if done.error is None else "failed" if next_attempt_at is None else "pending"
    tx.run(
        _RECORD,
        delivery=parcel.id,
        was_due=parcel.next_attempt_at,
        new_status=status,
        new_attempt=attempt.attempt,
        new_step=parcel.step + 1,
        new_next_attempt_at=next_attempt_at,
        new_attempted_at=done.at,
        new_response_status=done.status,
        new_error=done.error,
        new_duration_ms=done.duration_ms,
        new_answer_headers=done.headers,
        new_answer_body=done.body,
        new_log=_encode([*_log(parcel.log), attempt][-_LOGGED:]).decode(),
    )


def _health(tx: Transaction, lane: Lane, done: Done, asked: float) -> Lane:
    """The endpoint after the attempt, as far as that depends on this one alone."""
    pace: Pace = "slow" if done.duration_ms >= SLOW_MS else "quick"
    pause = min(asked, LONGEST_PAUSE_SECONDS)
    if pace == "slow" and done.error is not None:
        pause = max(pause, STEP_BACK_SECONDS)
    changes: dict[str, Any] = {
        "pace": pace,
        "paused_until": clock.shift(tx.now, seconds=pause) if pause else None,
    }
    if done.error is None:
        changes |= {"failing_since": None, "last_failed_at": None, "failing_told": False}
    return msgspec.structs.replace(lane, **changes)


def _judged(tx: Transaction, lane: Lane, done: Done, *, is_given_up: bool) -> Lane:
    """The endpoint after a failure: switched off where it is gone, or has failed for days."""
    goes_on = (
        lane.failing_since is not None
        and lane.last_failed_at is not None
        and done.parcel.created_at <= clock.shift(lane.last_failed_at, days=IDLE_DAYS)
    )
    since = lane.failing_since if goes_on and lane.failing_since is not None else tx.now
    after = msgspec.structs.replace(
        lane, failing_since=since, last_failed_at=tx.now, failing_told=lane.failing_told and goes_on
    )
    if done.status == _GONE or since <= clock.shift(tx.now, days=-FAILING_DAYS):
        return _disabled(tx, after, is_gone=done.status == _GONE)
    if is_given_up and not after.failing_told:
        emit(tx, lane.workspace_id, _failing(after, done))
        return msgspec.structs.replace(after, failing_told=True)
    return after


def _disabled(tx: Transaction, lane: Lane, *, is_gone: bool) -> Lane:
    tx.run(_DISABLE, endpoint=lane.id, moment=tx.now)
    event = EndpointDisabled(
        id=lane.id,
        project_id=lane.project_id,
        url=lane.url,
        reason="gone" if is_gone else "failing",
        failing_since=lane.failing_since or tx.now,
        disabled_at=tx.now,
    )
    emit(tx, lane.workspace_id, event)
    audit.record(
        tx,
        system_actor(lane.workspace_id, "Deliveries"),
        lane.workspace_id,
        "webhook_endpoint.updated",
        audit.Subject(lane.id, lane.url),
        before={"enabled": True},
        after={"enabled": False},
    )
    return msgspec.structs.replace(lane, enabled=False)


def _failing(lane: Lane, done: Done) -> EndpointFailing:
    return EndpointFailing(
        id=lane.id,
        project_id=lane.project_id,
        url=lane.url,
        event_id=done.parcel.event_id,
        error=done.error or "",
        failing_since=lane.failing_since or "",
    )
