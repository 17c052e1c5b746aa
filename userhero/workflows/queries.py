"""Reads of workflows."""

from msgspec import UnsetType
from sqlalchemy import bindparam, func, select

from userhero.kernel.actor import Actor
from userhero.kernel.db import Document, Statement, Transaction
from userhero.kernel.db.listing import Listing, Slice, Sort
from userhero.projects import projects
from userhero.workflows.tables import workflows
from userhero.workflows.types import WorkflowList, WorkflowRow
from userhero.workspaces import Access, enter_named, reach

_w = workflows

DOCUMENT = (
    Document()
    .plain("id", _w.c.id)
    .plain("workspaceId", _w.c.workspace_id)
    .plain("projectId", _w.c.project_id)
    .value("name", _w.c.name)
    .value("description", _w.c.description)
    .plain("type", _w.c.type)
    .json("statuses", _w.c.statuses)
    .number("itemCount", _w.c.item_count)
    .plain("createdAt", _w.c.created_at)
    .plain("updatedAt", _w.c.updated_at)
    .end()
)
_LISTING = Listing(
    "workflows",
    DOCUMENT,
    _w.c.id,
    filters={
        "workspace": _w.c.workspace_id == bindparam("workspace"),
        "project": _w.c.project_id == bindparam("project"),
    },
    sorts={"createdAt": Sort(_w.c.created_at)},
)
_GET = Statement(select(_w.c.workspace_id, DOCUMENT).where(_w.c.id == bindparam("workflow")))
_RENDER = Statement(select(DOCUMENT).where(_w.c.id == bindparam("workflow")))
_one = select(*[_w.c[name] for name in WorkflowRow.__struct_fields__]).where(_w.c.id == bindparam("workflow"))
_ROW = Statement(_one)
# Whoever changes the board waits for whoever does so already; rows that only name the workflow need not wait.
_HELD = Statement(_one.with_for_update(key_share=True))
_OWNER = Statement(select(projects.c.workspace_id).where(projects.c.id == bindparam("project")))
_COUNT = Statement(select(func.count()).select_from(_w).where(_w.c.project_id == bindparam("project")))
_OF_PROJECT = Statement(
    select(_w.c.id).where(_w.c.id == bindparam("workflow"), _w.c.project_id == bindparam("project"))
)
_BOARDS = Statement(
    select(_w.c.id, _w.c.name).where(_w.c.project_id == bindparam("project")).order_by(_w.c.created_at, _w.c.id)
)


def list_workflows(tx: Transaction, actor: Actor, query: WorkflowList) -> Slice:
    """A page of the workflows of a workspace or a project, newest first. Raises NotFound for an unknown project."""
    if query.project_id is None:
        access = enter_named(tx, actor, query.workspace_id)
        values = {"workspace": access.workspace_id}
    else:
        access = reach_project(tx, actor, query.project_id, query.workspace_id)
        values = {"workspace": access.workspace_id, "project": query.project_id}
    return _LISTING.page(tx, query.wanted(), values, order=query.order)


def get_workflow(tx: Transaction, actor: Actor, workflow_id: str, workspace_id: str | UnsetType) -> str:
    """A workflow as JSON. Raises NotFound."""
    found = tx.one(_GET, workflow=workflow_id)
    reach(tx, actor, found[0] if found else None, workspace_id, "Workflow")
    assert found is not None, "reach raises for an unknown workflow"
    return str(found[1])


def get_row(
    tx: Transaction, actor: Actor, workflow_id: str, workspace_id: str | UnsetType, *, held: bool
) -> tuple[Access, WorkflowRow]:
    """A workflow as it is stored, and the workspace entered for it; where it is ``held``, nobody else changes the board
    until the unit ends. Raises NotFound.
    """
    row = tx.find(WorkflowRow, _HELD if held else _ROW, workflow=workflow_id)
    access = reach(tx, actor, row.workspace_id if row else None, workspace_id, "Workflow")
    assert row is not None, "reach raises for an unknown workflow"
    return access, row


def render(tx: Transaction, workflow_id: str) -> str:
    """A workflow that the unit has just written, as JSON."""
    return str(tx.value(_RENDER, workflow=workflow_id))


def reach_project(tx: Transaction, actor: Actor, project_id: str, workspace_id: str | UnsetType) -> Access:
    """Enter the workspace of a project. Raises NotFound."""
    return reach(tx, actor, tx.value(_OWNER, project=project_id), workspace_id, "Project")


def is_workflow_of(tx: Transaction, project_id: str, workflow_id: str) -> bool:
    """Whether the project, whose workspace the actor has entered, has this workflow."""
    return tx.value(_OF_PROJECT, workflow=workflow_id, project=project_id) is not None


def list_boards(tx: Transaction, project_id: str) -> dict[str, str]:
    """The names of the boards of a project, whose workspace the actor has entered, by id; oldest first."""
    return {row[0]: row[1] for row in tx.all(_BOARDS, project=project_id)}


def count_in_project(tx: Transaction, project_id: str) -> int:
    """How many workflows a project has."""
    return int(tx.value(_COUNT, project=project_id))
