"""``/integrations``."""

from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction
from userhero.kernel.http.answers import Deleted, Json, Whole
from userhero.kernel.http.inputs import Input
from userhero.kernel.http.routing import Routes
from userhero.notifications import integration_queries
from userhero.notifications.actions import integrations
from userhero.notifications.integration_types import Integration, IntegrationChange, IntegrationList, NewIntegration
from userhero.notifications.types import OutboxItem

routes = Routes("Integrations")


@routes.get("/integrations", scope="integrations:read")
def list_integrations(tx: Transaction, actor: Actor, query: IntegrationList) -> Whole[Integration]:
    """List the integrations of a workspace, newest first."""
    return Whole(integration_queries.list_integrations(tx, actor, query), paged=query.paged)


@routes.post(
    "/integrations",
    scope="integrations:write",
    example={"workspaceId": "ws_123", "type": "email", "name": "Support", "target": "support@example.com"},
)
def create_integration(tx: Transaction, actor: Actor, body: NewIntegration) -> Json[Integration]:
    """Create an integration: an incoming webhook of Slack, or an e-mail address."""
    return Json(integrations.create_integration(tx, actor, body))


@routes.get("/integrations/{integration_id}", scope="integrations:read")
def get_integration(tx: Transaction, actor: Actor, integration_id: str, query: Input) -> Json[Integration]:
    """Get an integration."""
    return Json(integration_queries.get_integration(tx, actor, integration_id, query.workspace_id))


@routes.patch(
    "/integrations/{integration_id}",
    scope="integrations:write",
    example={"workspaceId": "ws_123", "name": "Support", "isDefault": True},
)
def update_integration(
    tx: Transaction, actor: Actor, integration_id: str, body: IntegrationChange
) -> Json[Integration]:
    """Update an integration."""
    return Json(integrations.change_integration(tx, actor, integration_id, body))


@routes.delete("/integrations/{integration_id}", scope="integrations:write", conflicts=True)
def delete_integration(tx: Transaction, actor: Actor, integration_id: str, query: Input) -> Deleted:
    """Delete an integration, with what waits for it. While a routing rule sends to it, the answer is `409`."""
    integrations.delete_integration(tx, actor, integration_id, query.workspace_id)
    return Deleted(integration_id)


@routes.post("/integrations/{integration_id}/test", scope="integrations:write")
def test_integration(tx: Transaction, actor: Actor, integration_id: str, query: Input, body: Input) -> Json[OutboxItem]:
    """Send a few words to an integration. The answer is the row of the outbox: read it again for what came of it."""
    named = body.workspace_id or query.workspace_id
    return Json(integrations.try_integration(tx, actor, integration_id, named))
