"""Reads of deliveries."""

from typing import Any

import msgspec
from msgspec import UnsetType
from sqlalchemy import bindparam, select

from userhero.kernel import clock
from userhero.kernel.actor import Actor
from userhero.kernel.db import Document, Statement, Transaction
from userhero.kernel.db.listing import Listing, Slice, Sort
from userhero.kernel.errors import NotFound
from userhero.webhooks.delivery_types import DeliveryList
from userhero.webhooks.endpoint_queries import check_endpoint
from userhero.webhooks.signing import shown_headers
from userhero.webhooks.tables import webhook_deliveries

_d = webhook_deliveries
DOCUMENT = (
    Document()
    .plain("id", _d.c.id)
    .plain("endpointId", _d.c.endpoint_id)
    .plain("eventId", _d.c.event_id)
    .plain("event", _d.c.event)
    .number("attempt", _d.c.attempt)
    .plain("status", _d.c.status)
    .value("responseStatus", _d.c.response_status)
    .value("error", _d.c.error)
    .value("durationMs", _d.c.duration_ms)
    .plain("createdAt", _d.c.created_at)
    .value("nextAttemptAt", _d.c.next_attempt_at)
)
_LISTING = Listing(
    "deliveries",
    DOCUMENT.end(),
    _d.c.position,
    filters={
        "endpoint": _d.c.endpoint_id == bindparam("endpoint"),
        "status": _d.c.status == bindparam("status"),
    },
    sorts={"createdAt": Sort(_d.c.created_at)},
)
_one = (_d.c.id == bindparam("delivery"), _d.c.endpoint_id == bindparam("endpoint"))
_RENDER = Statement(select(DOCUMENT.end()).where(*_one))
_encode = msgspec.json.Encoder().encode


class _Kept(msgspec.Struct, array_like=True, frozen=True):
    """A delivery as lists show it, without its closing brace, and what else is kept; some of it as JSON text."""

    begun: str
    event_id: str
    body: str
    log: str
    attempted_at: str | None
    response_status: int | None
    answer_headers: str | None
    answer_body: str | None


_KEPT = Statement(select(DOCUMENT.begin(), *(_d.c[name] for name in _Kept.__struct_fields__[1:])).where(*_one))


def list_deliveries(tx: Transaction, actor: Actor, endpoint_id: str, query: DeliveryList) -> Slice:
    """A page of the deliveries to an endpoint, newest first. Raises NotFound."""
    check_endpoint(tx, actor, endpoint_id, query.workspace_id)
    values: dict[str, Any] = {"endpoint": endpoint_id}
    if query.status is not None:
        values["status"] = query.status
    return _LISTING.page(tx, query.wanted(), values, order=query.order)


def get_delivery(
    tx: Transaction, actor: Actor, endpoint_id: str, delivery_id: str, workspace_id: str | UnsetType
) -> str:
    """A delivery as JSON, with what was sent and what was answered. Raises NotFound."""
    check_endpoint(tx, actor, endpoint_id, workspace_id)
    kept = tx.find(_Kept, _KEPT, delivery=delivery_id, endpoint=endpoint_id)
    if kept is None:
        raise NotFound("Delivery not found")
    request, response = _encode(_request(kept)).decode(), _encode(_response(kept)).decode()
    return f'{kept.begun},"attempts":{kept.log},"request":{request},"response":{response}}}'


def render_delivery(tx: Transaction, endpoint_id: str, delivery_id: str) -> str:
    """A delivery that the unit has just written, as JSON."""
    return str(tx.value(_RENDER, delivery=delivery_id, endpoint=endpoint_id))


def _request(kept: _Kept) -> dict[str, Any]:
    at = None if kept.attempted_at is None else int(clock.unix(kept.attempted_at))
    return {"headers": shown_headers(kept.event_id, at), "body": kept.body}


def _response(kept: _Kept) -> dict[str, Any] | None:
    if kept.answer_headers is None:
        return None
    headers = msgspec.Raw(kept.answer_headers.encode())
    return {"status": kept.response_status, "headers": headers, "body": kept.answer_body}
