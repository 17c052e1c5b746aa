"""``/notification-preferences``."""

from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction
from userhero.kernel.http.answers import Json
from userhero.kernel.http.inputs import Input
from userhero.kernel.http.routing import Routes
from userhero.notifications.actions.prefer import set_preferences, show_preferences
from userhero.notifications.types import NotificationPreferences, PreferencesChange, WorkspaceOnly

routes = Routes("Notifications")


@routes.get("/notification-preferences", scope="feedback:read")
def get_notification_preferences(tx: Transaction, actor: Actor, query: WorkspaceOnly) -> Json[NotificationPreferences]:
    """Get what the key's owner hears of in a workspace, and how."""
    return Json.of(show_preferences(tx, actor, query.workspace_id))


@routes.put(
    "/notification-preferences",
    scope="feedback:write",
    example={"workspaceId": "ws_123", "kinds": {"status_changed": {"email": "digest"}}, "digest": "hourly"},
)
def set_notification_preferences(
    tx: Transaction, actor: Actor, query: Input, body: PreferencesChange
) -> Json[NotificationPreferences]:
    """Replace what the key's owner hears of in a workspace, and how.

    What is absent is the usual: everything in the product and by mail at once; notes on items that one watches in the
    next digest, changes of status in the product alone. With `If-Match` name the workspace in the query.
    """
    return Json.of(set_preferences(tx, actor, body, body.workspace_id or query.workspace_id))
