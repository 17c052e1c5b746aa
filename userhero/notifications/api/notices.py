"""``/notifications``."""

from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction
from userhero.kernel.http.answers import Json, Page
from userhero.kernel.http.routing import Routes
from userhero.notifications import queries
from userhero.notifications.actions.mark_read import mark_read
from userhero.notifications.types import MarkRead, Notification, NotificationList, UnreadCount, WorkspaceOnly

routes = Routes("Notifications")


@routes.get("/notifications", scope="feedback:read")
def list_notifications(tx: Transaction, actor: Actor, query: NotificationList) -> Page[Notification]:
    """List the notifications of the key's owner in a workspace, newest first. They are kept for 90 days."""
    return Page(queries.list_notifications(tx, actor, query))


@routes.get("/notifications/unread", scope="feedback:read")
def count_unread_notifications(tx: Transaction, actor: Actor, query: WorkspaceOnly) -> Json[UnreadCount]:
    """Count the unread notifications of the key's owner in a workspace."""
    return Json.of(UnreadCount(queries.count_unread(tx, actor, query.workspace_id)))


@routes.post("/notifications/read", scope="feedback:write", status=200, example={"workspaceId": "ws_123", "all": True})
def mark_notifications_read(tx: Transaction, actor: Actor, body: MarkRead) -> Json[UnreadCount]:
    """Mark notifications of the key's owner as read, those named or all; the answer counts what is unread still."""
    return Json.of(UnreadCount(mark_read(tx, actor, body)))
