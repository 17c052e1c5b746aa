"""The actions of automations as a caller writes them: ``{"type": …, "params": {…}}``, one struct for each type."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from userhero.kernel.http.terms import NOT_BLANK, a_text, described, id_for
from userhero.projects import Priority

MAX_NOTE, MAX_REPLY, MAX_NOTICE, MAX_TO = 5000, 2000, 2000, 320


class _Params(msgspec.Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    """Camel case outside, nothing unknown."""


class _Step(msgspec.Struct, tag_field="type", forbid_unknown_fields=True, frozen=True):
    """An action; its tag is its type."""


TagText = Annotated[str, a_text("A tag, trimmed.", 50, example="billing")]


class StatusParams(_Params, frozen=True):
    """Which status."""

    status: Annotated[str, Meta(max_length=64, description="A status of the project.", examples=["in-progress"])]


class CategoryParams(_Params, frozen=True):
    """Which category."""

    category: (
        Annotated[str, Meta(max_length=64), described("The category; `null` for none.", example="bug", minLength=1)]
        | None
    )


class PriorityParams(_Params, frozen=True):
    """Which priority."""

    priority: Annotated[Priority, described("The priority; `null` for none.", example="high")] | None


class TagParams(_Params, frozen=True):
    """Which tag."""

    tag: TagText


class AgentParams(_Params, frozen=True):
    """Who gets the item."""

    user_id: Annotated[str, id_for("user", "A member of the workspace; `null` for nobody.")] | None


class NoteParams(_Params, frozen=True):
    """What the note says."""

    content: Annotated[
        str,
        a_text(
            "Text of the note; may hold placeholders such as `{{feedback.ticketNumber}}`.",
            MAX_NOTE,
            example="Escalated: #{{feedback.ticketNumber}}",
        ),
    ]


class ReplyParams(_Params, frozen=True):
    """What the reply says."""

    message: Annotated[
        str,
        a_text("Text of the reply to the customer; may hold placeholders.", MAX_REPLY, example="We are on it."),
    ]


class NotificationParams(_Params, frozen=True):
    """Whom to tell what, and how."""

    channel: Annotated[Literal["email", "slack", "webhook"], described("How.", example="email")]
    to: Annotated[
        str,
        Meta(max_length=MAX_TO),
        described("Whom: for `email` an address or a member's user ID.", example="team@example.com", pattern=NOT_BLANK),
    ]
    message: Annotated[str, a_text("What to say; may hold placeholders.", MAX_NOTICE, example="{{feedback.message}}")]


class PublicParams(_Params, frozen=True):
    """Whether the public sees the item."""

    is_public: Annotated[bool, described("Whether the item is publicly visible.", example=True)]


class WorkflowParams(_Params, frozen=True):
    """Which workflow."""

    workflow_id: Annotated[str, id_for("wf", "A workflow of the project.")]


class SetStatus(_Step, tag="set_status", frozen=True):
    """Set the status."""

    params: StatusParams


class SetCategory(_Step, tag="set_category", frozen=True):
    """Set the category."""

    params: CategoryParams


class SetPriority(_Step, tag="set_priority", frozen=True):
    """Set the priority."""

    params: PriorityParams


class AddTag(_Step, tag="add_tag", frozen=True):
    """Add a tag."""

    params: TagParams


class RemoveTag(_Step, tag="remove_tag", frozen=True):
    """Remove a tag."""

    params: TagParams


class AssignAgent(_Step, tag="assign_agent", frozen=True):
    """Assign the item to somebody, or to nobody."""

    params: AgentParams


class AddNote(_Step, tag="add_note", frozen=True):
    """Add an internal note."""

    params: NoteParams


class SendReply(_Step, tag="send_reply", frozen=True):
    """Reply to the customer."""

    params: ReplyParams


class SendNotification(_Step, tag="send_notification", frozen=True):
    """Tell somebody."""

    params: NotificationParams


class SetPublic(_Step, tag="set_public", frozen=True):
    """Show the item to the public, or hide it."""

    params: PublicParams


class MoveToWorkflow(_Step, tag="move_to_workflow", frozen=True):
    """Put the item into a workflow."""

    params: WorkflowParams


Action = (
    SetStatus
    | SetCategory
    | SetPriority
    | AddTag
    | RemoveTag
    | AssignAgent
    | AddNote
    | SendReply
    | SendNotification
    | SetPublic
    | MoveToWorkflow
)

decode_actions = msgspec.json.Decoder(list[Action]).decode
_encode = msgspec.json.Encoder().encode


def encode_actions(actions: list[Action]) -> str:
    """The actions as they are stored and shown."""
    return _encode(actions).decode()


def type_of(action: Action) -> str:
    """The action's type, such as ``set_status``."""
    return str(action.__struct_config__.tag)
