"""``/webhook-endpoints``."""

from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction
from userhero.kernel.http.answers import Deleted, Json, Page
from userhero.kernel.http.inputs import Input
from userhero.kernel.http.routing import Routes
from userhero.webhooks import endpoint_queries
from userhero.webhooks.actions import endpoints
from userhero.webhooks.delivery_types import Delivery
from userhero.webhooks.endpoint_types import (
    CreatedWebhookEndpoint,
    NewWebhookEndpoint,
    WebhookEndpoint,
    WebhookEndpointChange,
    WebhookEndpointList,
)

routes = Routes("Webhook endpoints")


@routes.get("/webhook-endpoints", scope="integrations:read")
def list_webhook_endpoints(tx: Transaction, actor: Actor, query: WebhookEndpointList) -> Page[WebhookEndpoint]:
    """List the webhook endpoints of a workspace, newest first."""
    return Page(endpoint_queries.list_endpoints(tx, actor, query))


@routes.post(
    "/webhook-endpoints",
    scope="integrations:write",
    example={
        "workspaceId": "ws_123",
        "url": "https://hooks.example.com/userhero",
        "events": ["feedback.created", "feedback.updated"],
    },
)
def create_webhook_endpoint(tx: Transaction, actor: Actor, body: NewWebhookEndpoint) -> Json[CreatedWebhookEndpoint]:
    """Create a webhook endpoint.

    From now on it is told of events. The answer holds the secret that deliveries are signed with. It is not shown
    again.
    """
    return Json(endpoints.create_endpoint(tx, actor, body))


@routes.get("/webhook-endpoints/{endpoint_id}", scope="integrations:read")
def get_webhook_endpoint(tx: Transaction, actor: Actor, endpoint_id: str, query: Input) -> Json[WebhookEndpoint]:
    """Get a webhook endpoint."""
    return Json(endpoint_queries.get_endpoint(tx, actor, endpoint_id, query.workspace_id))


@routes.patch(
    "/webhook-endpoints/{endpoint_id}",
    scope="integrations:write",
    example={"workspaceId": "ws_123", "enabled": True, "events": ["*"]},
)
def update_webhook_endpoint(
    tx: Transaction, actor: Actor, endpoint_id: str, body: WebhookEndpointChange
) -> Json[WebhookEndpoint]:
    """Update a webhook endpoint.

    What waits for one that is switched off has failed. One that is switched on again hears of what happens from then
    on; what failed can be sent again.
    """
    return Json(endpoints.change_endpoint(tx, actor, endpoint_id, body))


@routes.delete("/webhook-endpoints/{endpoint_id}", scope="integrations:write")
def delete_webhook_endpoint(tx: Transaction, actor: Actor, endpoint_id: str, query: Input) -> Deleted:
    """Delete a webhook endpoint and its deliveries."""
    endpoints.delete_endpoint(tx, actor, endpoint_id, query.workspace_id)
    return Deleted(endpoint_id)


@routes.post("/webhook-endpoints/{endpoint_id}/rotate-secret", scope="integrations:write", status=200)
def rotate_webhook_endpoint_secret(
    tx: Transaction, actor: Actor, endpoint_id: str, query: Input, body: Input
) -> Json[CreatedWebhookEndpoint]:
    """Give a webhook endpoint a new secret.

    For 24 hours deliveries are signed with both, then with the new one alone.
    """
    named = body.workspace_id or query.workspace_id
    return Json(endpoints.rotate_secret(tx, actor, endpoint_id, named))


@routes.post("/webhook-endpoints/{endpoint_id}/test", scope="integrations:write", status=200)
def test_webhook_endpoint(tx: Transaction, actor: Actor, endpoint_id: str, query: Input, body: Input) -> Json[Delivery]:
    """Send a test to a webhook endpoint.

    The answer is the delivery, which is tried once, within moments: read it again to see what came of it.
    """
    named = body.workspace_id or query.workspace_id
    return Json(endpoints.send_test(tx, actor, endpoint_id, named))
