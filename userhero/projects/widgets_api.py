"""``/widgets``."""

from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction
from userhero.kernel.http.answers import Deleted, Json, Page
from userhero.kernel.http.inputs import Input
from userhero.kernel.http.routing import Routes
from userhero.projects import widgets_actions, widgets_queries
from userhero.projects.widgets_types import NewWidget, Widget, WidgetChange, WidgetList

routes = Routes("Widgets")


@routes.get("/widgets", scope="widgets:read")
def list_widgets(tx: Transaction, actor: Actor, query: WidgetList) -> Page[Widget]:
    """List the widgets of a workspace, or of one project, newest first."""
    return Page(widgets_queries.list_widgets(tx, actor, query))


@routes.post(
    "/widgets",
    scope="widgets:write",
    example={
        "workspaceId": "ws_123",
        "projectId": "proj_456",
        "name": "Feedback Button",
        "config": {"type": "modal"},
        "styling": {"primaryColor": "#6366f1"},
    },
)
def create_widget(tx: Transaction, actor: Actor, body: NewWidget) -> Json[Widget]:
    """Create a widget.

    Keys of `config` and `styling` other than those described are kept as they are.
    """
    return Json(widgets_actions.create_widget(tx, actor, body))


@routes.get("/widgets/{widget_id}", scope="widgets:read")
def get_widget(tx: Transaction, actor: Actor, widget_id: str, query: Input) -> Json[Widget]:
    """Get a widget."""
    return Json(widgets_queries.get_widget(tx, actor, widget_id, query.workspace_id))


@routes.patch(
    "/widgets/{widget_id}",
    scope="widgets:write",
    example={"workspaceId": "ws_123", "name": "Updated Widget", "enabled": True, "config": {"type": "popover"}},
)
def update_widget(tx: Transaction, actor: Actor, widget_id: str, body: WidgetChange) -> Json[Widget]:
    """Update a widget.

    Of `config` and `styling`, the keys that are given are replaced, those given as `null` removed, and all others kept.
    """
    return Json(widgets_actions.change_widget(tx, actor, widget_id, body))


@routes.delete("/widgets/{widget_id}", scope="widgets:write")
def delete_widget(tx: Transaction, actor: Actor, widget_id: str, query: Input) -> Deleted:
    """Delete a widget. Feedback that came through it stays and keeps its `widgetId`."""
    widgets_actions.delete_widget(tx, actor, widget_id, query.workspace_id)
    return Deleted(widget_id)
