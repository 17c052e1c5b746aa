"""Deleting a workspace: at once nobody gets in; what it had goes in parts, by a job."""

import msgspec
from sqlalchemy import bindparam, literal_column, select

from userhero import workspaces
from userhero.kernel.actor import OPERATOR, Actor
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.jobs import enqueue
from userhero.records.actions.export import drop_files
from userhero.records.belongings import CHUNK, count, remove_some
from userhero.records.tables import exports

REMOVE_WORKSPACE = "records.remove_workspace"
# Strangers come in by them without anybody's leave, so they go at once.
_ENTRANCES = "incoming_webhooks"
_EXPORTS = Statement(
    select(exports.c.id).where(exports.c.workspace_id == bindparam("workspace")).limit(literal_column(str(CHUNK)))
)


class Holdings(msgspec.Struct, rename="camel", frozen=True):
    """How much goes with a workspace."""

    members: int
    projects: int
    feedback: int
    customers: int
    files: int


def weigh_workspace(tx: Transaction, workspace_id: str) -> Holdings:
    """How much a workspace has, for whoever is about to delete it."""
    names = ("members", "projects", "feedback", "customers", "media")
    return Holdings(*(count(tx, name, workspace_id) for name in names))


def delete_workspace(tx: Transaction, workspace_id: str, *, name: str, actor: Actor = OPERATOR) -> None:
    """Close a workspace at once, and have a job remove all that it has.

    ``name`` is the workspace's name as somebody has typed it. Raises NotFound, or Invalid where it is another.
    """
    workspaces.close_workspace(tx, workspace_id, name=name, actor=actor)
    while remove_some(tx, _ENTRANCES, workspace_id):
        continue
    go_on(tx, workspace_id)


def go_on(tx: Transaction, workspace_id: str) -> None:
    """Let a job remove what is left."""
    enqueue(tx, REMOVE_WORKSPACE, {"workspace": workspace_id}, key=workspace_id)


def remove_part(tx: Transaction, table: str, workspace_id: str) -> bool:
    """Remove some of what a closed workspace has in a table, with the files; True where there may be more."""
    if table == "workspaces":
        workspaces.drop_workspace(tx, workspace_id)
        return False
    if table == "exports":
        for export_id in tx.texts(_EXPORTS, workspace=workspace_id):
            drop_files(tx, export_id)
    return remove_some(tx, table, workspace_id)
