"""``/workspaces``."""

from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction
from userhero.kernel.http.answers import Everything
from userhero.kernel.http.routing import Routes
from userhero.workspaces import queries
from userhero.workspaces.types import Workspace

routes = Routes("Workspaces")


@routes.get("/workspaces", scope="workspaces:read")
def list_workspaces(tx: Transaction, actor: Actor) -> Everything[Workspace]:
    """List workspaces.

    Every workspace that this key can use: its user is an owner or admin, the plan includes the REST API, and API access
    is switched on. Start here to find the `workspaceId` that the other operations need.
    """
    return Everything(queries.list_workspaces(tx, actor))
