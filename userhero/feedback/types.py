"""Shapes of feedback: what goes in, what comes out, what happened."""

from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from userhero.kernel.events import Event
from userhero.kernel.http.inputs import Input, Paging, WorkspaceId
from userhero.projects import Category, Priority

Source = Literal["api", "widget", "webhook", "portal", "embedded", "import", "email"]
Message = Annotated[
    str, Meta(description="Feedback text, trimmed.", extra_json_schema={"minLength": 1, "maxLength": 5000})
]
CategoryName = Annotated[str, Meta(max_length=64, description="Feedback category, such as `bug`.")]
Tags = Annotated[list[str], Meta(description="Up to 20 tags of up to 50 characters; trimmed, without duplicates.")]
Rating = Annotated[float, Meta(ge=0, le=10, description="Rating value, 0 to 10.")]
Url = Annotated[str, Meta(max_length=2048, description="Absolute http(s) address. It is never fetched.")]
Level = Annotated[Priority, Meta(description="With SLA rules in the project, a `dueDate` is computed from it.")]
Context = Annotated[dict[str, Any], Meta(description="Contextual metadata, up to 16 KiB of JSON.")]
Metadata = Annotated[
    dict[str, Any],
    Meta(
        description="Any key and value, up to 16 KiB of JSON. `customFields` holds validated field values; top-level "
        "names, e-mails and phones are promoted to `userName`, `userEmail` and `userPhone`."
    ),
]
WatcherIds = Annotated[list[str], Meta(max_length=100, description="User IDs subscribed to updates; members only.")]


class NewFeedback(Input, kw_only=True):
    """Feedback to record."""

    workspace_id: WorkspaceId
    project_id: Annotated[str, Meta(description="Project ID.")]
    message: Message
    category: CategoryName | None = None
    rating: Rating | None = None
    tags: Tags | None = None
    user_email: Annotated[str, Meta(description="E-mail of the submitting user.")] | None = None
    screenshot_url: Url | None = None
    attachment_url: Url | None = None
    audio_url: Url | None = None
    video_url: Url | None = None
    priority: Level | None = None
    context: Context | None = None
    custom_metadata: Metadata | None = None
    widget_id: Annotated[str, Meta(description="A widget of the project, or `api`.")] | None = None


class FeedbackChange(Input, kw_only=True):
    """A change of an item: what is absent stays, `null` clears a nullable field."""

    workspace_id: WorkspaceId
    status: (
        Annotated[str, Meta(max_length=64, description="Status ID, a system one or the project's own.")] | UnsetType
    ) = UNSET
    category: CategoryName | None | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    priority: Level | None | UnsetType = UNSET
    assignee_id: Annotated[str, Meta(description="A member of the workspace.")] | None | UnsetType = UNSET
    due_date: (
        Annotated[str, Meta(max_length=64, description="ISO 8601 time of the SLA deadline.")] | None | UnsetType
    ) = UNSET
    is_public: Annotated[bool, Meta(description="Whether publicly visible.")] | UnsetType = UNSET
    watcher_ids: WatcherIds | UnsetType = UNSET
    custom_metadata: Metadata | None | UnsetType = UNSET
    message: Message | UnsetType = UNSET


class FeedbackList(Paging, kw_only=True):
    """Which items to list: every filter narrows the list."""

    workspace_id: WorkspaceId
    status: Annotated[str, Meta(description="Status ID, a system one or the project's own.")] | None = None
    category: Annotated[str, Meta(description="Category.")] | None = None
    project_id: Annotated[str, Meta(description="Project ID.")] | None = None
    user_email: Annotated[str, Meta(description="E-mail of the submitter, exact.")] | None = None
    priority: Annotated[Priority, Meta(description="Priority.")] | None = None
    tag: Annotated[str, Meta(description="One tag that the item carries.")] | None = None
    assignee_id: Annotated[str, Meta(description="User ID; `none` for items without an assignee.")] | None = None
    customer_id: Annotated[str, Meta(description="Customer ID.")] | None = None
    widget_id: Annotated[str, Meta(description="Widget ID, or `api`.")] | None = None
    is_public: Annotated[bool, Meta(description="Whether publicly visible.")] | None = None
    sla_breached: Annotated[bool, Meta(description="Whether the SLA deadline was missed.")] | None = None
    created_after: Annotated[str, Meta(description="ISO 8601 time; later items only.")] | None = None
    created_before: Annotated[str, Meta(description="ISO 8601 time; earlier items only.")] | None = None
    updated_after: Annotated[str, Meta(description="ISO 8601 time; items updated since.")] | None = None
    search: (
        Annotated[
            str,
            Meta(
                max_length=500,
                description="Words that the message, comments and notes must contain, all of them; the last may be the "
                "start of one. Case and accents don't matter. `#245` or `245` finds the ticket as well.",
            ),
        ]
        | None
    ) = None
    custom_field: Annotated[
        dict[str, str], Meta(description="`customField.<id>=value`: items whose select field has the value.")
    ] = msgspec.field(default_factory=dict)
    sort: Annotated[
        Literal["createdAt", "updatedAt", "votes", "dueDate", "priority", "ticketNumber"],
        Meta(description="What to sort by; items without a value come last."),
    ] = "createdAt"


class FeedbackItem(msgspec.Struct, rename="camel"):
    """A feedback item, as lists show it."""

    id: Annotated[str, Meta(description="Feedback ID.")]
    ticket_number: Annotated[int, Meta(description="Number for people, unique in the workspace; shown as `#245`.")]
    workspace_id: Annotated[str, Meta(description="Workspace ID.")]
    project_id: Annotated[str, Meta(description="Project ID.")]
    widget_id: Annotated[str, Meta(description="Widget ID, or `api`.")]
    message: Annotated[str, Meta(description="Feedback text.")]
    category: Annotated[str | None, Meta(description="Category.")]
    rating: Annotated[float | None, Meta(description="Rating value.")]
    status: Annotated[str, Meta(description="Current status ID.")]
    status_category: Annotated[Category, Meta(description="How items in this status behave.")]
    tags: Annotated[list[str], Meta(description="Tags, in the order given.")]
    priority: Annotated[Priority | None, Meta(description="Priority level.")]
    assignee_id: Annotated[str | None, Meta(description="User ID of the assigned agent.")]
    assignee_name: Annotated[str | None, Meta(description="Name of the assigned agent.")]
    assignee_email: Annotated[str | None, Meta(description="E-mail of the assigned agent.")]
    watcher_ids: Annotated[list[str], Meta(description="User IDs subscribed to updates.")]
    due_date: Annotated[str | None, Meta(description="SLA due date (ISO 8601).")]
    sla_breached: Annotated[bool, Meta(description="Whether the SLA deadline was missed; stays true.")]
    user_email: Annotated[str | None, Meta(description="E-mail of the submitter.")]
    user_name: Annotated[str | None, Meta(description="Name of the submitter.")]
    user_phone: Annotated[str | None, Meta(description="Phone of the submitter.")]
    customer_id: Annotated[str | None, Meta(description="The customer whose it is.")]
    screenshot_url: Annotated[str | None, Meta(description="Screenshot image.")]
    attachment_url: Annotated[str | None, Meta(description="Attachment image.")]
    audio_url: Annotated[str | None, Meta(description="Audio recording.")]
    video_url: Annotated[str | None, Meta(description="Video recording.")]
    context: Annotated[dict[str, Any], Meta(description="Contextual metadata.")]
    custom_metadata: Annotated[dict[str, Any] | None, Meta(description="Metadata and `customFields` values.")]
    votes: Annotated[int, Meta(description="Vote count.")]
    is_public: Annotated[bool, Meta(description="Whether publicly visible.")]
    customer_comments_enabled: Annotated[bool, Meta(description="Whether the customer may comment.")]
    source: Annotated[Source, Meta(description="How it came.")]
    created_at: Annotated[str, Meta(description="ISO 8601 time.")]
    updated_at: Annotated[str, Meta(description="ISO 8601 time.")]


class Feedback(FeedbackItem):
    """A feedback item with its conversation and notes."""

    customer_comments: Annotated[list[dict[str, Any]], Meta(description="The conversation, oldest first.")]
    internal_notes: Annotated[list[dict[str, Any]], Meta(description="Internal notes, oldest first.")]


class FeedbackCreated(Event):
    """A new item was recorded."""

    kind: ClassVar[str] = "feedback.created"

    project_id: str
    widget_id: str
    ticket_number: int
    message: str
    category: str | None
    rating: float | None
    email: str | None
    status: str
    screenshot_url: str | None
    context: msgspec.Raw
    metadata: msgspec.Raw
    created_at: str


class FeedbackUpdated(Event):
    """An item was changed: `changes` holds the new values of the fields that changed, `previous` the old ones."""

    kind: ClassVar[str] = "feedback.updated"

    project_id: str
    ticket_number: int
    status: str
    changes: dict[str, Any]
    previous: dict[str, Any]
    updated_at: str


class SlaBreached(Event):
    """An open item's deadline has passed."""

    kind: ClassVar[str] = "feedback.sla_breached"

    project_id: str
    ticket_number: int
    status: str
    priority: Priority | None
    assignee_id: str | None
    due_date: str
    breached_at: str


class FeedbackDeleted(Event):
    """An item was removed."""

    kind: ClassVar[str] = "feedback.deleted"

    project_id: str
    ticket_number: int


class FeedbackRow(msgspec.Struct, array_like=True, frozen=True):
    """An item as changes need it, settings as JSON text."""

    id: str
    workspace_id: str
    project_id: str
    ticket_number: int
    message: str
    category: str | None
    status: str
    status_category: Category
    tags: str
    priority: Priority | None
    assignee_id: str | None
    watcher_ids: str
    due_date: str | None
    due_date_by_hand: bool
    sla_breached: bool
    pending_since: str | None
    paused_ms: int
    user_email: str | None
    user_name: str | None
    user_phone: str | None
    customer_id: str | None
    custom_metadata: str | None
    is_public: bool
    source: str
    created_at: str
    updated_at: str
