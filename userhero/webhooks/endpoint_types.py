"""Shapes of webhook endpoints, and the events about them."""

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from userhero.kernel.events import Event
from userhero.kernel.http.inputs import Input, Paging, WorkspaceId
from userhero.kernel.http.terms import WEB_ADDRESS, a_time, an_id, described, id_for
from userhero.webhooks.kinds import Kind

Url = Annotated[
    str,
    described(
        "Where deliveries go: an absolute http(s) address on a public host.",
        example="https://hooks.example.com/userhero",
        format="uri",
        pattern=WEB_ADDRESS,
        minLength=1,
        maxLength=2048,
    ),
]
Kinds = Annotated[
    list[Literal["*"] | Kind],
    Meta(
        min_length=1,
        max_length=20,
        description="The kinds of events to hear of; `*` is all but `note.created`, which has to be named.",
        examples=[["feedback.created", "feedback.updated"]],
    ),
]
Description = Annotated[
    str, described("What it is for, in your words; trimmed.", example="Tells the CRM", maxLength=500)
]
Enabled = Annotated[bool, Meta(description="Whether it is told of events.")]
ProjectId = Annotated[str, id_for("proj", "The project whose events it hears of; `null` for the whole workspace.")]


class NewWebhookEndpoint(Input, kw_only=True):
    """A webhook endpoint to create."""

    workspace_id: WorkspaceId
    url: Url
    project_id: ProjectId | None = None
    events: Kinds = msgspec.field(default_factory=lambda: ["*"])
    description: Description | None = None
    enabled: Enabled = True


class WebhookEndpointChange(Input, kw_only=True):
    """A change of a webhook endpoint: what is absent stays, `null` clears a nullable field."""

    url: Url | UnsetType = UNSET
    project_id: ProjectId | None | UnsetType = UNSET
    events: Kinds | UnsetType = UNSET
    description: Description | None | UnsetType = UNSET
    enabled: Enabled | UnsetType = UNSET


class WebhookEndpointList(Paging, kw_only=True):
    """Which webhook endpoints to list."""

    workspace_id: WorkspaceId
    project_id: Annotated[str, id_for("proj", "Those for this project alone.")] | None = None


class WebhookEndpoint(msgspec.Struct, rename="camel"):
    """A webhook endpoint: an address of yours that is told of events."""

    id: Annotated[str, an_id("whe", "Endpoint ID.")]
    workspace_id: Annotated[str, an_id("ws", "Workspace ID.")]
    project_id: (
        Annotated[str, an_id("proj", "The project whose events it hears of; `null` for the whole workspace.")] | None
    )
    url: Annotated[str, described("Where deliveries go.", example="https://hooks.example.com/userhero", format="uri")]
    events: Kinds
    description: Annotated[str, described("What it is for.", example="Tells the CRM")] | None
    enabled: Enabled
    created_at: Annotated[str, a_time("When it was made.")]
    updated_at: Annotated[str, a_time("When it was last changed.")]


class CreatedWebhookEndpoint(WebhookEndpoint):
    """A webhook endpoint with its secret, which is shown this once."""

    secret: Annotated[
        str,
        described(
            "What deliveries are signed with (`whsec_…`). It is not shown again.",
            example="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=",
        ),
    ]


class EndpointRow(msgspec.Struct, array_like=True, frozen=True):
    """An endpoint as changes need it."""

    id: str
    workspace_id: str
    project_id: str | None
    url: str
    events: str
    description: str | None
    enabled: bool
    secret: bytes


class EndpointDisabled(Event):
    """An endpoint was switched off, since it is gone (410) or nothing reached it for five days. Not for the outside."""

    kind: ClassVar[str] = "webhook_endpoint.disabled"

    project_id: str | None
    url: str
    reason: Literal["gone", "failing"]
    failing_since: str
    disabled_at: str


class EndpointFailing(Event):
    """A delivery was given up, the first since the endpoint last took one. Not for the outside."""

    kind: ClassVar[str] = "webhook_endpoint.failing"

    project_id: str | None
    url: str
    event_id: str
    error: str
    failing_since: str
