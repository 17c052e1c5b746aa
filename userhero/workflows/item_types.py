"""Shapes of the items on a board: what goes in, what comes out."""

from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from userhero.kernel.http.inputs import Input, Paging
from userhero.kernel.http.terms import a_text, a_time, an_id, described, id_for
from userhero.projects import Priority

MAX_TITLE, MAX_DESCRIPTION = 200, 5000

Title = Annotated[str, a_text("What is to be done, trimmed.", MAX_TITLE, example="Export fails in Safari")]
Text = Annotated[str, a_text("More about it.", MAX_DESCRIPTION, least=0, example="Only with more than 500 rows.")]
StatusId = Annotated[str, Meta(max_length=64, description="A status of the workflow.", examples=["in-progress"])]
Level = Annotated[Priority, described("How urgent.", example="high")]
Assignee = Annotated[str, id_for("user", "A member of the workspace.")]


class NewItem(Input, kw_only=True):
    """An item to put at the end of a column: from feedback, or by hand with a title."""

    json_schema: ClassVar[dict[str, Any]] = {
        "if": {"properties": {"feedbackId": {"type": "null"}}},
        "then": {"properties": {"title": {"type": "string"}}, "required": ["title"]},
    }

    feedback_id: Annotated[str, id_for("fb", "A feedback item of the workflow's project.")] | None = None
    title: (
        Annotated[
            str,
            a_text(
                "What is to be done, trimmed. Required without `feedbackId`; with it, the first line of the message "
                "where none is given.",
                MAX_TITLE,
                example="Export fails in Safari",
            ),
        ]
        | None
    ) = None
    description: Text | None = None
    status: (
        Annotated[
            str,
            Meta(
                max_length=64,
                description="A status of the workflow; its first where none is given.",
                examples=["in-progress"],
            ),
        ]
        | None
    ) = None
    priority: Level | None = None
    assignee_id: Assignee | None = None


class ItemChange(Input, kw_only=True):
    """A change of an item: what is absent stays. At most one of `before` and `after`; a new status without either puts
    the item at the end of the column.
    """

    title: Title | UnsetType = UNSET
    description: Text | None | UnsetType = UNSET
    status: StatusId | UnsetType = UNSET
    priority: Level | None | UnsetType = UNSET
    assignee_id: Assignee | None | UnsetType = UNSET
    before: (
        Annotated[
            str,
            id_for("wfi", "Put it right before this item of the same column; `null` for the end of the column."),
        ]
        | None
        | UnsetType
    ) = UNSET
    after: (
        Annotated[
            str, id_for("wfi", "Put it right after this item of the same column; `null` for the start of the column.")
        ]
        | None
        | UnsetType
    ) = UNSET


class ItemList(Paging, kw_only=True):
    """Which items to list: every filter narrows the list."""

    status: Annotated[str, described("A status of the workflow.", example="open")] | None = None
    assignee_id: Annotated[str, id_for("user", "User ID; `none` for items without an assignee.")] | None = None
    priority: Annotated[Priority, Meta(description="Priority.")] | None = None
    order: Annotated[Literal["asc", "desc"], Meta(description="`asc` is from the top of the board down.")] = "asc"


class ActivityList(Paging, kw_only=True):
    """Which part of an item's activity to list."""


class Snapshot(msgspec.Struct, rename="camel", frozen=True):
    """What the feedback said when it was put on the board."""

    message: Annotated[str, described("Its message.", example="The export fails in Safari.")]
    category: Annotated[str, described("Its category.", example="bug")] | None
    rating: Annotated[float, described("Its rating.", example=2)] | None
    screenshot_url: (
        Annotated[str, described("Address of its screenshot.", example="https://example.com/screenshot.png")] | None
    )
    page_url: (
        Annotated[str, described("Address or path of the page, from its context.", example="https://example.com/list")]
        | None
    )


class ExternalReference(msgspec.Struct, rename="camel"):
    """The same piece of work in another system."""

    provider: Annotated[str, described("Which system.", example="linear")]
    project: Annotated[str, described("Its project or team there.", example="ENG")]
    issue_id: Annotated[str, described("Its id there.", example="ENG-42")]
    url: Annotated[str, described("Its address there.", example="https://linear.app/acme/issue/ENG-42")]


class WorkflowItem(msgspec.Struct, rename="camel"):
    """An item of a workflow: a card on its board."""

    id: Annotated[str, an_id("wfi", "Item ID.")]
    workflow_id: Annotated[str, an_id("wf", "The workflow.")]
    feedback_id: (
        Annotated[str, an_id("fb", "The feedback that it came from; null where there is none, or it was deleted.")]
        | None
    )
    title: Annotated[str, described("What is to be done.", example="Export fails in Safari")]
    description: Annotated[str, described("More about it.", example="Only with more than 500 rows.")] | None
    status: Annotated[str, described("A status of the workflow.", example="in-progress")]
    priority: Level | None
    assignee_id: Annotated[str, an_id("user", "Who has it; null once they have left the workspace.")] | None
    position: Annotated[
        int,
        described(
            "Orders the items of a column: lower ones come first. It says nothing else, and may change without a move.",
            example=1048576,
        ),
    ]
    snapshot: Annotated[Snapshot | None, Meta(description="What the feedback said; null for items made by hand.")]
    external_reference: Annotated[
        ExternalReference | None, Meta(description="The same piece of work in another system.")
    ]
    created_at: Annotated[str, a_time("When it was put on the board.")]
    updated_at: Annotated[str, a_time("When it was last changed or moved.")]


class FieldChange(msgspec.Struct):
    """A field before and after."""

    field: Annotated[
        Literal["title", "description", "status", "priority", "assigneeId"],
        described("Which field.", example="status"),
    ]
    before: Annotated[str, described("Its value before; null for none.", example="open")] | None
    after: Annotated[str, described("Its value after; null for none.", example="in-progress")] | None


class ActivityActor(msgspec.Struct, rename="camel"):
    """Who did it."""

    user_id: Annotated[str, an_id("user", "User ID; null for rules and automations.")] | None
    name: Annotated[str, described("Name of the person, the rule or the automation then.", example="Jane Smith")]
    system: Annotated[bool, described("True for rules and automations.", example=False)]


class Activity(msgspec.Struct, rename="camel"):
    """Something that was done to an item."""

    id: Annotated[str, an_id("wfa", "Activity ID.")]
    kind: Annotated[Literal["created", "moved", "changed"], described("`moved` is a new status.", example="moved")]
    actor: ActivityActor
    changes: Annotated[list[FieldChange], described("What changed; nothing where it was created.")]
    created_at: Annotated[str, a_time("When.")]


class ItemRow(msgspec.Struct, array_like=True, frozen=True):
    """An item as changes need it."""

    id: str
    workflow_id: str
    title: str
    description: str | None
    status: str
    priority: str | None
    assignee_id: str | None
    position: int
