"""``/webhooks``, and the addresses that deliveries come to."""

import msgspec

from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction
from userhero.kernel.errors import BadRequest, NotFound, Unauthorized
from userhero.kernel.http import inputs, json
from userhero.kernel.http.answers import Answer, Deleted, Json, Whole
from userhero.kernel.http.hooks import Admitted, Delivery, Hooks
from userhero.kernel.http.inputs import Input
from userhero.kernel.http.routing import Routes
from userhero.webhooks import queries
from userhero.webhooks.actions import incoming
from userhero.webhooks.signatures import mark_of
from userhero.webhooks.types import CreatedWebhook, NewWebhook, Payload, Webhook, WebhookList
from userhero.workspaces import system_actor

routes = Routes("Incoming webhooks")
hooks = Hooks()


@routes.get("/webhooks", scope="integrations:read")
def list_webhooks(tx: Transaction, actor: Actor, query: WebhookList) -> Whole[Webhook]:
    """List the incoming webhooks of a workspace, newest first.

    All of them come at once, up to 1,000; `page`, `pageSize` or `cursor` ask for a part.
    """
    return Whole(queries.list_webhooks(tx, actor, query), paged=query.paged)


@routes.post(
    "/webhooks",
    scope="integrations:write",
    example={"workspaceId": "ws_123", "name": "Zapier Integration", "projectId": "proj_456"},
)
def create_webhook(tx: Transaction, actor: Actor, body: NewWebhook) -> Json[CreatedWebhook]:
    """Create an incoming webhook.

    The answer holds the secret that deliveries are signed with. It is not shown again.
    """
    return Json(incoming.create_webhook(tx, actor, body))


@routes.get("/webhooks/{webhook_id}", scope="integrations:read")
def get_webhook(tx: Transaction, actor: Actor, webhook_id: str, query: Input) -> Json[Webhook]:
    """Get an incoming webhook."""
    return Json(queries.get_webhook(tx, actor, webhook_id, query.workspace_id)[1])


@routes.delete("/webhooks/{webhook_id}", scope="integrations:write")
def delete_webhook(tx: Transaction, actor: Actor, webhook_id: str, query: Input) -> Deleted:
    """Delete an incoming webhook. Feedback that came through it stays."""
    incoming.delete_webhook(tx, actor, webhook_id, query.workspace_id)
    return Deleted(webhook_id)


def signed(tx: Transaction, delivery: Delivery) -> Admitted:
    """The policy of deliveries: they are signed with the webhook's secret. Raises NotFound, or Unauthorized."""
    webhook = queries.find_by_slug(tx, delivery.slug)
    if webhook is None:
        raise NotFound("Webhook not found")
    mark = mark_of(delivery, tx.keys.unseal(webhook.secret).decode())
    if mark is None:
        raise Unauthorized("The delivery is not signed as this webhook's deliveries have to be.")
    return Admitted(system_actor(webhook.workspace_id, webhook.name), f"hook:{webhook.id}", mark)


@hooks.post(queries.PREFIX, policy=signed)
def receive_delivery(tx: Transaction, admitted: Admitted, delivery: Delivery) -> Answer:
    """Record a delivery as feedback: 201, or 200 with the first item where the same came before."""
    if delivery.request.one(b"content-encoding") not in (None, b"identity"):
        raise BadRequest("Compressed bodies are not accepted; send JSON without Content-Encoding.")
    payload = inputs.convert(json.parse(delivery.body), Payload, strict=True)
    webhook = queries.hold_by_slug(tx, delivery.slug)
    if webhook is None:
        raise NotFound("Webhook not found")
    received = incoming.receive(tx, admitted.actor, webhook, admitted.about, payload)
    body = msgspec.json.encode({"success": True, "feedbackId": received.feedback_id})
    return Answer(200 if received.again else 201, body)
