"""``/webhook-endpoints/{id}/deliveries``."""

from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction
from userhero.kernel.http.answers import Json, Page
from userhero.kernel.http.inputs import Input
from userhero.kernel.http.routing import Routes
from userhero.webhooks import delivery_queries
from userhero.webhooks.actions.redeliver import redeliver, redeliver_failed
from userhero.webhooks.delivery_types import Delivery, DeliveryDetail, DeliveryList, Redelivered, RedeliverySince

routes = Routes("Webhook endpoints")


@routes.get("/webhook-endpoints/{endpoint_id}/deliveries", scope="integrations:read")
def list_deliveries(tx: Transaction, actor: Actor, endpoint_id: str, query: DeliveryList) -> Page[Delivery]:
    """List the deliveries to a webhook endpoint, newest first. They are kept for 30 days."""
    return Page(delivery_queries.list_deliveries(tx, actor, endpoint_id, query))


@routes.get("/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}", scope="integrations:read")
def get_delivery(
    tx: Transaction, actor: Actor, endpoint_id: str, delivery_id: str, query: Input
) -> Json[DeliveryDetail]:
    """Get a delivery with what was sent and what was answered."""
    return Json(delivery_queries.get_delivery(tx, actor, endpoint_id, delivery_id, query.workspace_id))


@routes.post(
    "/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}/redeliver", scope="integrations:write", status=200
)
def redeliver_one(
    tx: Transaction, actor: Actor, endpoint_id: str, delivery_id: str, query: Input, body: Input
) -> Json[Delivery]:
    """Send a delivery again.

    It has the same `webhook-id` and body, whatever became of it before, and its schedule starts anew.
    """
    named = body.workspace_id or query.workspace_id
    return Json(redeliver(tx, actor, endpoint_id, delivery_id, named))


@routes.post(
    "/webhook-endpoints/{endpoint_id}/deliveries/redeliver",
    scope="integrations:write",
    status=200,
    example={"workspaceId": "ws_123", "since": "2026-04-06T10:30:00Z"},
)
def redeliver_all_failed(
    tx: Transaction, actor: Actor, endpoint_id: str, query: Input, body: RedeliverySince
) -> Json[Redelivered]:
    """Send the deliveries again that failed for good since a time."""
    named = body.workspace_id or query.workspace_id
    return Json.of(Redelivered(redeliver_failed(tx, actor, endpoint_id, body, named)))
