"""``/outbox``."""

from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction
from userhero.kernel.http.answers import Json, Page
from userhero.kernel.http.inputs import Input
from userhero.kernel.http.routing import Routes
from userhero.notifications import outbox_queries
from userhero.notifications.types import OutboxDetail, OutboxItem, OutboxList

routes = Routes("Outbox")


@routes.get("/outbox", scope="integrations:read")
def list_outbox(tx: Transaction, actor: Actor, query: OutboxList) -> Page[OutboxItem]:
    """List the mails and messages of a workspace, newest first. They are kept for 30 days."""
    return Page(outbox_queries.list_outbox(tx, actor, query))


@routes.get("/outbox/{outbox_id}", scope="integrations:read")
def get_outbox_item(tx: Transaction, actor: Actor, outbox_id: str, query: Input) -> Json[OutboxDetail]:
    """Get a mail or message with what it says."""
    return Json(outbox_queries.get_outbox_item(tx, actor, outbox_id, query.workspace_id))
