"""Shapes of workflows: what goes in, what comes out."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from userhero.kernel.http.inputs import Input, WholeList, WorkspaceId
from userhero.kernel.http.terms import a_text, a_time, an_id, described, id_for
from userhero.workflows.statuses import MAX_STATUSES, Kind, WorkflowStatus

Name = Annotated[str, a_text("Display name, trimmed.", 200, example="Bugs")]
Description = Annotated[str, a_text("What it is for.", 2000, least=0, example="What customers report")]
Statuses = Annotated[
    list[WorkflowStatus],
    Meta(
        min_length=1,
        max_length=MAX_STATUSES,
        description="The columns of the board, in order. Replaced whole; one that is in use must stay.",
    ),
]
Type = Annotated[
    Kind,
    described("What it is for; decides the statuses that it starts with.", example="issues"),
]


class NewWorkflow(Input, kw_only=True):
    """A workflow to create."""

    project_id: Annotated[str, id_for("proj", "Project ID.")]
    name: Name
    type: Type
    description: Description | None = None


class WorkflowChange(Input, kw_only=True):
    """A change of a workflow: what is absent stays."""

    name: Name | UnsetType = UNSET
    description: Description | None | UnsetType = UNSET
    statuses: Statuses | UnsetType = UNSET


class WorkflowList(WholeList, kw_only=True):
    """Which workflows to list. One of `workspaceId` and `projectId` is needed."""

    workspace_id: WorkspaceId | UnsetType = UNSET
    project_id: Annotated[str, id_for("proj", "Project ID.")] | None = None


class Workflow(msgspec.Struct, rename="camel"):
    """A workflow."""

    id: Annotated[str, an_id("wf", "Workflow ID.")]
    workspace_id: Annotated[str, an_id("ws", "Workspace ID.")]
    project_id: Annotated[str, an_id("proj", "Project ID.")]
    name: Annotated[str, described("Display name.", example="Bugs")]
    description: Annotated[str, described("What it is for.", example="What customers report")] | None
    type: Type
    statuses: Annotated[list[WorkflowStatus], described("The columns of the board, in order.")]
    item_count: Annotated[int, described("How many items are on the board.", example=12, minimum=0)]
    created_at: Annotated[str, a_time("When it was made.")]
    updated_at: Annotated[str, a_time("When it was last changed; its items don't count.")]


class WorkflowRow(msgspec.Struct, array_like=True, frozen=True):
    """A workflow as writes need it; ``statuses`` is JSON text."""

    id: str
    workspace_id: str
    project_id: str
    name: str
    description: str | None
    statuses: str
