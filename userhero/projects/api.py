"""``/projects``."""

from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction
from userhero.kernel.http.answers import Deleted, Json, Page
from userhero.kernel.http.inputs import Input
from userhero.kernel.http.routing import Routes
from userhero.projects import actions, queries
from userhero.projects.types import NewProject, Project, ProjectChange, ProjectList
from userhero.projects.widgets_api import routes as widget_routes

__all__ = ["routes", "widget_routes"]

routes = Routes("Projects")


@routes.get("/projects", scope="projects:read")
def list_projects(tx: Transaction, actor: Actor, query: ProjectList) -> Page[Project]:
    """List the projects of a workspace, newest first."""
    return Page(queries.list_projects(tx, actor, query))


@routes.post(
    "/projects",
    scope="projects:write",
    example={"workspaceId": "ws_123", "name": "My App", "domain": "app.example.com"},
)
def create_project(tx: Transaction, actor: Actor, body: NewProject) -> Json[Project]:
    """Create a project.

    A project is an app, a site or a part of one that collects feedback. It starts with a default widget.
    """
    return Json(actions.create_project(tx, actor, body))


@routes.get("/projects/{project_id}", scope="projects:read")
def get_project(tx: Transaction, actor: Actor, project_id: str, query: Input) -> Json[Project]:
    """Get a project with its settings."""
    return Json(queries.get_project(tx, actor, project_id, query.workspace_id)[1])


@routes.patch(
    "/projects/{project_id}",
    scope="projects:write",
    example={
        "workspaceId": "ws_123",
        "name": "Updated Name",
        "slaRules": [{"priority": "urgent", "hours": 4}],
    },
)
def update_project(tx: Transaction, actor: Actor, project_id: str, body: ProjectChange) -> Json[Project]:
    """Update a project.

    Fields that are absent stay as they are, `null` clears a nullable one. Lists are replaced whole; of the settings
    objects, the keys that are given are replaced.
    """
    return Json(actions.change_project(tx, actor, project_id, body))


@routes.delete("/projects/{project_id}", scope="projects:write")
def delete_project(tx: Transaction, actor: Actor, project_id: str, query: Input) -> Deleted:
    """Delete a project and everything below it: feedback, conversations, media, widgets, automations."""
    actions.delete_project(tx, actor, project_id, query.workspace_id)
    return Deleted(project_id)
