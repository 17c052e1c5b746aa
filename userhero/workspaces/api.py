"""``/workspaces``, ``/workspace`` and ``/audit-log``."""

from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction
from userhero.kernel.http.answers import Everything, Json, Page
from userhero.kernel.http.inputs import Input
from userhero.kernel.http.routing import Routes
from userhero.workspaces import audit_queries, queries, usage
from userhero.workspaces.audit_types import AuditList, AuditRecord
from userhero.workspaces.types import Usage, Workspace, WorkspaceDetails

routes = Routes("Workspaces")


@routes.get("/workspaces", scope="workspaces:read")
def list_workspaces(tx: Transaction, actor: Actor) -> Everything[Workspace]:
    """List workspaces.

    Every workspace that this key can use: its user is an owner or admin, the plan includes the REST API, and API access
    is switched on. Start here to find the `workspaceId` that the other operations need.
    """
    return Everything(queries.list_workspaces(tx, actor))


@routes.get("/workspace/{workspace_id}", scope="workspaces:read")
def get_workspace(tx: Transaction, actor: Actor, workspace_id: str, query: Input) -> Json[WorkspaceDetails]:
    """Get a workspace with its members and settings."""
    return Json(queries.get_workspace(tx, actor, workspace_id, query.workspace_id))


@routes.get("/workspace/{workspace_id}/usage", scope="workspaces:read")
def get_usage(tx: Transaction, actor: Actor, workspace_id: str, query: Input) -> Json[Usage]:
    """Get plan limits and usage.

    `limits` and `usage` have the same keys; a limit that is `null` does not exist. Feedback is counted by calendar
    month, UTC.
    """
    return Json.of(usage.get_usage(tx, actor, workspace_id, query.workspace_id))


@routes.get("/audit-log", scope="workspaces:read")
def list_audit_log(tx: Transaction, actor: Actor, query: AuditList) -> Page[AuditRecord]:
    """List what was done in a workspace, newest first.

    One record for each act that changed its settings, its people, its keys or what it is connected with, or removed
    something: who, what, from where, and the values before and after.
    """
    return Page(audit_queries.list_audit_log(tx, actor, query))
