"""The first and the last of deleting a workspace: nobody gets in any more; nothing is left of it."""

from sqlalchemy import bindparam, delete, select

from userhero.kernel import audit
from userhero.kernel.actor import OPERATOR, Actor
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.errors import Invalid, NotFound
from userhero.workspaces.tables import members, workspaces

_w = workspaces.c
_HOLD = Statement(
    select(_w.name, _w.plan).where(_w.id == bindparam("workspace")).with_for_update()  # whoever deletes it twice waits
)
_EMPTY = Statement(delete(members).where(members.c.workspace_id == bindparam("workspace")))
_DELETE = Statement(delete(workspaces).where(_w.id == bindparam("workspace")))


def close_workspace(tx: Transaction, workspace_id: str, *, name: str, actor: Actor = OPERATOR) -> None:
    """Take everybody out of a workspace, keys with them; to everybody it is not there from then on.

    ``name`` is what whoever asks for it has typed. Raises NotFound, or Invalid where that is not the workspace's name.
    The installation's audit log tells of it: the workspace's own goes with it.
    """
    row = tx.one(_HOLD, workspace=workspace_id)
    if row is None:
        raise NotFound(f"There is no workspace {workspace_id}.")
    if name.strip() != row[0]:
        raise Invalid("name", f"is not the name of {workspace_id}, so nothing was deleted")
    tx.run(_EMPTY, workspace=workspace_id)
    subject = audit.Subject(workspace_id, row[0])
    audit.record(tx, actor, None, "workspace.deleted", subject, before={"name": row[0], "plan": row[1]})


def drop_workspace(tx: Transaction, workspace_id: str) -> None:
    """Remove a workspace that was closed and emptied, and whatever came in meanwhile."""
    tx.run(_DELETE, workspace=workspace_id)
