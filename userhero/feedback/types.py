"""Shapes of feedback: what goes in, what comes out, what happened."""

from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from userhero.conversations import Comment, Note
from userhero.feedback.value_types import (
    CategoryName,
    Context,
    Level,
    Message,
    Metadata,
    Rating,
    StatusName,
    Tags,
    Url,
    WatcherIds,
    WidgetId,
)
from userhero.kernel.events import Event
from userhero.kernel.http.inputs import Input, Paging, WorkspaceId
from userhero.kernel.http.terms import EMAIL, a_time, an_id, described, id_for, sample_id
from userhero.projects import Category, Priority

Source = Literal["api", "widget", "webhook", "portal", "embedded", "import", "email"]


class NewFeedback(Input, kw_only=True):
    """Feedback to record."""

    workspace_id: WorkspaceId
    project_id: Annotated[str, id_for("proj", "Project ID.")]
    message: Message
    category: CategoryName | None = None
    rating: Rating | None = None
    tags: Tags | None = None
    user_email: (
        Annotated[str, described("E-mail of the submitting user.", example="user@example.com", **EMAIL)] | None
    ) = None
    screenshot_url: Url | None = None
    attachment_url: Url | None = None
    audio_url: Url | None = None
    video_url: Url | None = None
    priority: Level | None = None
    context: Context | None = None
    custom_metadata: Metadata | None = None
    widget_id: Annotated[str, described("A widget of the project, or `api`.", example="api")] | None = None


class FeedbackChange(Input, kw_only=True):
    """A change of an item: what is absent stays, `null` clears a nullable field."""

    workspace_id: WorkspaceId
    status: StatusName | UnsetType = UNSET
    category: CategoryName | None | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    priority: Level | None | UnsetType = UNSET
    assignee_id: Annotated[str, id_for("user", "A member of the workspace.")] | None | UnsetType = UNSET
    due_date: Annotated[str, Meta(max_length=64), a_time("SLA deadline, set by hand.")] | None | UnsetType = UNSET
    is_public: Annotated[bool, Meta(description="Whether publicly visible.")] | UnsetType = UNSET
    watcher_ids: WatcherIds | UnsetType = UNSET
    custom_metadata: Metadata | None | UnsetType = UNSET
    message: Message | UnsetType = UNSET


class FeedbackList(Paging, kw_only=True):
    """Which items to list: every filter narrows the list."""

    workspace_id: WorkspaceId
    status: Annotated[str, described("Status ID, a system one or the project's own.", example="new")] | None = None
    category: Annotated[str, described("Category.", example="bug")] | None = None
    project_id: Annotated[str, id_for("proj", "Project ID.")] | None = None
    user_email: Annotated[str, described("E-mail of the submitter, exact.", example="user@example.com")] | None = None
    priority: Annotated[Priority, Meta(description="Priority.")] | None = None
    tag: Annotated[str, described("One tag that the item carries.", example="ui")] | None = None
    assignee_id: Annotated[str, id_for("user", "User ID; `none` for items without an assignee.")] | None = None
    customer_id: Annotated[str, id_for("cust", "Customer ID.")] | None = None
    widget_id: Annotated[str, id_for("w", "Widget ID, or `api`.")] | None = None
    is_public: Annotated[bool, Meta(description="Whether publicly visible.")] | None = None
    sla_breached: Annotated[bool, Meta(description="Whether the SLA deadline was missed.")] | None = None
    created_after: Annotated[str, a_time("ISO 8601 time; later items only.")] | None = None
    created_before: Annotated[str, a_time("ISO 8601 time; earlier items only.")] | None = None
    updated_after: Annotated[str, a_time("ISO 8601 time; items updated since.")] | None = None
    search: (
        Annotated[
            str,
            Meta(
                max_length=500,
                description="Words that the message, comments and notes must contain, all of them; the last may be the "
                "start of one. Case and accents don't matter. `#245` or `245` finds the ticket as well.",
                examples=["login broken"],
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

    id: Annotated[str, an_id("fb", "Feedback ID.")]
    ticket_number: Annotated[
        int, described("Number for people, unique in the workspace; shown as `#245`.", example=245, minimum=1)
    ]
    workspace_id: Annotated[str, an_id("ws", "Workspace ID.")]
    project_id: Annotated[str, an_id("proj", "Project ID.")]
    widget_id: WidgetId
    message: Annotated[str, described("Feedback text.", example="Something is broken", minLength=1, maxLength=5000)]
    category: Annotated[str, described("Category.", example="bug", minLength=1, maxLength=64)] | None
    rating: Annotated[float, described("Rating value.", example=4, minimum=0, maximum=10)] | None
    status: Annotated[str, described("Current status ID.", example="new")]
    status_category: Annotated[Category, described("How items in this status behave.", example="open")]
    tags: Annotated[list[str], described("Tags, in the order given.", example=["ui"], maxItems=20)]
    priority: Annotated[Priority, described("Priority level.", example="high")] | None
    assignee_id: Annotated[str, an_id("user", "User ID of the assigned agent.")] | None
    assignee_name: Annotated[str, described("Name of the assigned agent.", example="Jane Smith")] | None
    assignee_email: (
        Annotated[str, described("E-mail of the assigned agent.", example="jane@example.com", **EMAIL)] | None
    )
    watcher_ids: Annotated[list[str], described("User IDs subscribed to updates.", example=[sample_id("user")])]
    due_date: Annotated[str, a_time("SLA due date.")] | None
    sla_breached: Annotated[bool, described("Whether the SLA deadline was missed; stays true.", example=False)]
    user_email: Annotated[str, described("E-mail of the submitter.", example="user@example.com", **EMAIL)] | None
    user_name: Annotated[str, described("Name of the submitter.", example="Sam Lee")] | None
    user_phone: Annotated[str, described("Phone of the submitter.", example="+14155552671")] | None
    customer_id: Annotated[str, an_id("cust", "The customer whose it is.")] | None
    screenshot_url: Annotated[str, described("Screenshot image.", example="https://example.com/screenshot.png")] | None
    attachment_url: Annotated[str, described("Attachment image.", example="https://example.com/attachment.png")] | None
    audio_url: Annotated[str, described("Audio recording.", example="https://example.com/recording.mp3")] | None
    video_url: Annotated[str, described("Video recording.", example="https://example.com/recording.mp4")] | None
    context: Annotated[dict[str, Any], described("Contextual metadata.", example={"page": "/settings"})]
    custom_metadata: (
        Annotated[
            dict[str, Any],
            described("Metadata and `customFields` values.", example={"customFields": {"cf_plan": "Pro"}}),
        ]
        | None
    )
    votes: Annotated[int, described("Vote count.", example=3, minimum=0)]
    is_public: Annotated[bool, described("Whether publicly visible.", example=False)]
    customer_comments_enabled: Annotated[bool, described("Whether the customer may comment.", example=True)]
    source: Annotated[Source, described("How it came.", example="api")]
    created_at: Annotated[str, a_time("When it was recorded.")]
    updated_at: Annotated[str, a_time("When it was last changed.")]


class Feedback(FeedbackItem):
    """A feedback item with its conversation and notes."""

    customer_comments: Annotated[list[Comment], described("The conversation, oldest first.")]
    internal_notes: Annotated[list[Note], described("Internal notes, oldest first.")]


class ByNumber(Input, kw_only=True):
    """Where the number counts: each workspace has its own."""

    workspace_id: WorkspaceId


class FeedbackCreated(Event):
    """A new item was recorded."""

    kind: ClassVar[str] = "feedback.created"

    project_id: str
    widget_id: str
    widget_name: str | None
    template: str | None
    ticket_number: int
    message: str
    category: str | None
    rating: int | float | None
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


class SlaWarning(Event):
    """An open item's deadline is near."""

    kind: ClassVar[str] = "feedback.sla_warning"

    project_id: str
    ticket_number: int
    status: str
    priority: Priority | None
    assignee_id: str | None
    due_date: str


class FirstResponseBreached(Event):
    """Nobody answered an open item by when its project promises."""

    kind: ClassVar[str] = "feedback.first_response_breached"

    project_id: str
    ticket_number: int
    status: str
    priority: Priority | None
    assignee_id: str | None
    response_due_at: str
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
    response_due_at: str | None
    responded_at: str | None
    response_breached: bool
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
