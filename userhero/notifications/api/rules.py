"""``/routing-rules``."""

from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction
from userhero.kernel.http.answers import Deleted, Json, Whole
from userhero.kernel.http.inputs import Input
from userhero.kernel.http.routing import Routes
from userhero.notifications import rule_queries
from userhero.notifications.actions import rules
from userhero.notifications.rule_types import NewRoutingRule, RoutingRule, RoutingRuleChange, RoutingRuleList

routes = Routes("Routing rules")


@routes.get("/routing-rules", scope="integrations:read")
def list_routing_rules(tx: Transaction, actor: Actor, query: RoutingRuleList) -> Whole[RoutingRule]:
    """List the routing rules of a project, in the order in which they are looked at."""
    return Whole(rule_queries.list_rules(tx, actor, query), paged=query.paged)


@routes.post(
    "/routing-rules",
    scope="integrations:write",
    example={
        "workspaceId": "ws_123",
        "projectId": "proj_123",
        "name": "Unhappy customers",
        "condition": {"field": "rating", "operator": "less_than", "value": 3},
        "actions": [{"type": "email", "to": "support@example.com"}],
    },
)
def create_routing_rule(tx: Transaction, actor: Actor, body: NewRoutingRule) -> Json[RoutingRule]:
    """Create a routing rule."""
    return Json(rules.create_rule(tx, actor, body))


@routes.get("/routing-rules/{rule_id}", scope="integrations:read")
def get_routing_rule(tx: Transaction, actor: Actor, rule_id: str, query: Input) -> Json[RoutingRule]:
    """Get a routing rule."""
    return Json(rule_queries.get_rule(tx, actor, rule_id, query.workspace_id))


@routes.patch("/routing-rules/{rule_id}", scope="integrations:write", example={"workspaceId": "ws_123", "priority": 10})
def update_routing_rule(tx: Transaction, actor: Actor, rule_id: str, body: RoutingRuleChange) -> Json[RoutingRule]:
    """Update a routing rule."""
    return Json(rules.change_rule(tx, actor, rule_id, body))


@routes.delete("/routing-rules/{rule_id}", scope="integrations:write")
def delete_routing_rule(tx: Transaction, actor: Actor, rule_id: str, query: Input) -> Deleted:
    """Delete a routing rule."""
    rules.delete_rule(tx, actor, rule_id, query.workspace_id)
    return Deleted(rule_id)
