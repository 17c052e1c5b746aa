"""Shapes of notifications, of what the outbox shows, and of preferences."""

from typing import Annotated, Any, ClassVar, Literal, get_args

import msgspec
from msgspec import UNSET, Meta, UnsetType

from userhero.kernel.http.inputs import Input, Paging, WorkspaceId
from userhero.kernel.http.terms import TIME_ZONE, a_time, an_id, described, id_for, sample_id
from userhero.notifications.kinds import KINDS, ByMail, InApp, Kind
from userhero.notifications.preferences import Digest
from userhero.notifications.recipients import Channel

MAX_IDS = 100

KindOf = Annotated[Kind, described("What it is about.", example="customer_replied")]
FeedbackId = Annotated[str, an_id("fb", "The item that it is about; `null` for what is about none.")] | None


class NotificationList(Paging, kw_only=True):
    """Which notifications to list."""

    workspace_id: WorkspaceId
    unread: Annotated[bool, Meta(description="Only unread ones, or only those that were read.")] | None = None


class Notification(msgspec.Struct, rename="camel"):
    """Something that the key's owner has heard of."""

    id: Annotated[str, an_id("ntf", "Notification ID.")]
    workspace_id: Annotated[str, an_id("ws", "Workspace ID.")]
    kind: KindOf
    feedback_id: FeedbackId
    ticket_number: Annotated[int, described("The item's number for people.", example=245, minimum=1)] | None
    title: Annotated[str, described("One line, as text.", example="Sam Lee replied on #245", maxLength=200)]
    excerpt: (
        Annotated[str, described("How it begins, on one line.", example="It still does not work.", maxLength=280)]
        | None
    )
    read_at: Annotated[str, a_time("When it was marked as read.")] | None
    created_at: Annotated[str, a_time("When it was made.")]


class UnreadCount(msgspec.Struct):
    """How many are unread."""

    unread: Annotated[int, described("How many notifications are unread.", example=3, minimum=0)]


class MarkRead(Input, kw_only=True):
    """Which notifications have been read: those named, or all."""

    json_schema: ClassVar[dict[str, Any]] = {
        "oneOf": [
            {"properties": {"ids": {"type": "array"}}, "required": ["ids"]},
            {"properties": {"all": {"const": True}}, "required": ["all"]},
        ]
    }

    workspace_id: WorkspaceId
    ids: (
        Annotated[
            list[Annotated[str, id_for("ntf", "Notification ID.")]],
            Meta(
                min_length=1, max_length=MAX_IDS, description="Which; 100 at the most.", examples=[[sample_id("ntf")]]
            ),
        ]
        | UnsetType
    ) = UNSET
    all: Annotated[bool, Meta(description="All that there are.")] = False


class WorkspaceOnly(Input, kw_only=True):
    """The workspace that it is about."""

    workspace_id: WorkspaceId


Status = Literal["waiting", "held", "sent", "failed", "kept", "capped"]


class OutboxList(Paging, kw_only=True):
    """Which mails and messages to list."""

    workspace_id: WorkspaceId
    status: Annotated[Status, Meta(description="Only those with a status.")] | None = None
    channel: Annotated[Channel, Meta(description="Only mails, or only messages.")] | None = None


class OutboxItem(msgspec.Struct, rename="camel"):
    """A mail or a message on its way out, or what became of it."""

    id: Annotated[str, an_id("out", "ID; a mail's `Message-ID` begins with it.")]
    workspace_id: Annotated[str, an_id("ws", "Workspace ID.")]
    channel: Annotated[Channel, described("`email`, or `slack`.", example="email")]
    recipient: Annotated[
        str, described("An e-mail address, or the name of an integration.", example="jane@example.com")
    ]
    kind: Annotated[
        str,
        described(
            "What it is about: a kind of notification; `reply` and `resolved` are for customers.",
            example="reply",
            enum=[*KINDS, "reply", "resolved", "digest", "test"],
        ),
    ]
    event_id: Annotated[str, an_id("evt", "The event that led to it; `null` for a digest.")] | None
    feedback_id: FeedbackId
    subject: Annotated[str, described("What it is called.", example="[My App #245] Your feedback")]
    status: Annotated[Status, described("Where it stands.", example="sent")]
    attempts: Annotated[int, described("How often it was tried.", example=1, minimum=0)]
    error: Annotated[str, described("Why it was not taken the last time.", example="550 No such user")] | None
    next_attempt_at: Annotated[str, a_time("When it is tried next.")] | None
    created_at: Annotated[str, a_time("When it was written.")]
    sent_at: Annotated[str, a_time("When the server took it.")] | None


class OutboxDetail(OutboxItem):
    """A mail or a message with what it says."""

    text: Annotated[str, described("What it says, as text.", example="Jane Smith replied to your feedback #245")]


ByMailChoice = Annotated[ByMail, Meta(description="By e-mail: at once, in the next digest, or not.")]
InAppChoice = Annotated[InApp, Meta(description="In the product: at once, or not.")]


class KindChoice(msgspec.Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    """How to hear of a kind; what is absent is the usual."""

    in_app: InAppChoice | UnsetType = UNSET
    email: ByMailChoice | UnsetType = UNSET


Hour = Annotated[int, Meta(ge=0, le=23, description="At which hour of `timeZone` a daily digest comes.", examples=[8])]
Zone = Annotated[
    str,
    Meta(max_length=64),
    described("IANA time zone of `digestHour`.", example="Europe/Berlin", pattern=TIME_ZONE),
]
DigestPeriod = Annotated[Digest, Meta(description="How often digests come: `hourly` or `daily`.", examples=["daily"])]


class PreferencesChange(Input, kw_only=True):
    """Preferences, replaced whole: what is absent is the usual."""

    kinds: Annotated[
        dict[Kind, KindChoice],
        Meta(
            description="By kind of notification, how to hear of it.",
            examples=[{"status_changed": {"email": "digest"}}],
            extra_json_schema={"propertyNames": {"enum": list(get_args(Kind))}},
        ),
    ] = msgspec.field(default_factory=dict)
    digest: DigestPeriod = "daily"
    digest_hour: Hour = 8
    time_zone: Zone = "UTC"


class ShownChoice(msgspec.Struct, rename="camel", frozen=True):
    """How the key's owner hears of a kind."""

    in_app: InAppChoice
    email: ByMailChoice


class NotificationPreferences(msgspec.Struct, rename="camel"):
    """What the key's owner hears of in a workspace, and how."""

    workspace_id: Annotated[str, an_id("ws", "Workspace ID.")]
    user_id: Annotated[str, an_id("user", "Whose preferences they are.")]
    kinds: Annotated[dict[Kind, ShownChoice], Meta(description="By kind of notification, how to hear of it.")]
    digest: DigestPeriod
    digest_hour: Hour
    time_zone: Zone
