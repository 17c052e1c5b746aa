"""Sending deliveries again because somebody asks for it."""

import msgspec
from msgspec import UnsetType
from sqlalchemy import bindparam, delete, func, literal_column, select, tuple_, update

from userhero.kernel import audit, clock
from userhero.kernel.actor import Actor
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.errors import BadRequest, Invalid, NotFound
from userhero.kernel.jobs import enqueue
from userhero.webhooks.actions.lane import wake
from userhero.webhooks.delivery_queries import render_delivery
from userhero.webhooks.delivery_types import RedeliverySince
from userhero.webhooks.endpoint_queries import get_endpoint_row
from userhero.webhooks.endpoint_types import EndpointRow
from userhero.webhooks.kinds import TEST
from userhero.webhooks.tables import webhook_deliveries

KEPT_DAYS, CHUNK = 30, 500
REDELIVER = "webhooks.redeliver"

_d = webhook_deliveries
_anew = {"status": "pending", "step": 0, "next_attempt_at": bindparam("moment")}
_AGAIN = Statement(
    update(_d).where(_d.c.id == bindparam("delivery"), _d.c.endpoint_id == bindparam("endpoint")).values(_anew)
)
_place = tuple_(_d.c.created_at, _d.c.position)
_failed = (
    _d.c.endpoint_id == bindparam("endpoint"),
    _d.c.status == "failed",
    _d.c.event != TEST,
    _place > tuple_(bindparam("since"), bindparam("position")),
    _d.c.created_at <= bindparam("until"),
)
_COUNT = Statement(select(func.count()).select_from(_d).where(*_failed))
_some = select(_d.c.position).where(*_failed).order_by(_d.c.created_at, _d.c.position).limit(literal_column(str(CHUNK)))
_SOME_AGAIN = Statement(
    update(_d).where(_d.c.position.in_(_some)).values(_anew).returning(_d.c.created_at, _d.c.position)
)
_old = select(_d.c.position).where(_d.c.created_at <= bindparam("before"), _d.c.next_attempt_at.is_(None))
_PURGE = Statement(
    delete(_d).where(_d.c.position.in_(_old.order_by(_d.c.created_at).limit(literal_column(str(CHUNK)))))
)


class Range(msgspec.Struct, frozen=True):
    """Failed deliveries to send again: those after a place in the log, up to a time."""

    endpoint_id: str
    since: str
    position: int
    until: str


def redeliver(tx: Transaction, actor: Actor, endpoint_id: str, delivery_id: str, workspace_id: str | UnsetType) -> str:
    """Send a delivery again, whatever became of it, with the same id and body; returns it as JSON.

    Its schedule starts anew. Raises NotFound, or BadRequest where the endpoint is switched off.
    """
    row = _enabled(tx, actor, endpoint_id, workspace_id)
    if not tx.run(_AGAIN, delivery=delivery_id, endpoint=row.id, moment=tx.now):
        raise NotFound("Delivery not found")
    wake(tx, row.id)
    _record(tx, actor, row, deliveryId=delivery_id)
    return render_delivery(tx, row.id, delivery_id)


def redeliver_failed(
    tx: Transaction, actor: Actor, endpoint_id: str, wanted: RedeliverySince, workspace_id: str | UnsetType
) -> int:
    """Send the deliveries again that failed for good and were made within a time; returns how many these are.

    Raises NotFound, Invalid where a time is none, or BadRequest where the endpoint is switched off.
    """
    since = _time("since", wanted.since)
    until = tx.now if wanted.until is None else min(_time("until", wanted.until), tx.now)
    row = _enabled(tx, actor, endpoint_id, workspace_id)
    count = tx.value(_COUNT, endpoint=row.id, since=since, position=0, until=until)
    go_on(tx, Range(row.id, since, 0, until))
    _record(tx, actor, row, since=since, until=until, count=int(count))
    return int(count)


def go_on(tx: Transaction, rest: Range) -> None:
    """Send 500 of them again; a job sees to those that are left."""
    done = tx.all(_SOME_AGAIN, moment=tx.now, endpoint=rest.endpoint_id, **_bounds(rest))
    if done:
        wake(tx, rest.endpoint_id)
    if len(done) == CHUNK:
        since, position = max((created_at, place) for created_at, place in done)
        left = msgspec.structs.replace(rest, since=since, position=position)
        enqueue(tx, REDELIVER, msgspec.to_builtins(left))


def purge_deliveries(tx: Transaction) -> bool:
    """Forget deliveries after 30 days, at most 500 at once; True where there may be more. What waits is kept."""
    return tx.run(_PURGE, before=clock.shift(tx.now, days=-KEPT_DAYS)) == CHUNK


def _record(tx: Transaction, actor: Actor, row: EndpointRow, **what: str | int) -> None:
    audit.record(
        tx, actor, row.workspace_id, "webhook_endpoint.redelivered", audit.Subject(row.id, row.url), after=what
    )


def _bounds(rest: Range) -> dict[str, str | int]:
    return {"since": rest.since, "position": rest.position, "until": rest.until}


def _enabled(tx: Transaction, actor: Actor, endpoint_id: str, workspace_id: str | UnsetType) -> EndpointRow:
    _, row = get_endpoint_row(tx, actor, endpoint_id, workspace_id)
    if not row.enabled:
        raise BadRequest("This webhook endpoint is switched off.")
    return row


def _time(field: str, text: str) -> str:
    try:
        return clock.parse(text)
    except ValueError:
        raise Invalid(field, "must be an ISO 8601 time") from None
