"""Shapes of incoming webhooks and of what they deliver."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from userhero.kernel.http.inputs import Input, WholeList, WorkspaceId
from userhero.kernel.http.terms import a_text, a_time, an_id, described, id_for


class NewWebhook(Input, kw_only=True):
    """An incoming webhook to create."""

    workspace_id: WorkspaceId
    name: Annotated[str, a_text("Display name, trimmed.", 200, example="Zapier Integration")]
    project_id: (
        Annotated[str, id_for("proj", "The project for deliveries that name none. Without it, each must name one.")]
        | None
    ) = None


class WebhookList(WholeList, kw_only=True):
    """Which part of the webhooks to list: all, up to 1,000, where nothing is said."""

    workspace_id: WorkspaceId


class Webhook(msgspec.Struct, rename="camel"):
    """An incoming webhook."""

    id: Annotated[str, an_id("wh", "Webhook ID.")]
    workspace_id: Annotated[str, an_id("ws", "Workspace ID.")]
    project_id: Annotated[str, an_id("proj", "The project for deliveries that name none.")] | None
    name: Annotated[str, described("Display name.", example="Zapier Integration")]
    slug: Annotated[
        str,
        described("The last part of its address.", example="Q3vT8mZk1bXw5NcYr7Lp2JfD", pattern="^[0-9A-Za-z]{24}$"),
    ]
    url: Annotated[
        str,
        described(
            "Where to send deliveries.",
            example="https://feedback.example.com/api/hooks/Q3vT8mZk1bXw5NcYr7Lp2JfD",
            format="uri",
        ),
    ]
    created_at: Annotated[str, a_time("When it was made.")]
    last_used_at: Annotated[str, a_time("When it was last delivered to, to the minute.")] | None


class CreatedWebhook(Webhook):
    """A webhook just made, with the secret that is shown this once."""

    secret: Annotated[
        str,
        described(
            "What deliveries are signed with (`whsec_…`). It is not shown again.",
            example="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=",
        ),
    ]


class Payload(msgspec.Struct, rename="camel", kw_only=True):
    """What a delivery holds. Senders often can't choose what else they send, so that is left aside."""

    message: str
    project_id: str | None = None
    category: Annotated[str, Meta(max_length=64)] | None = None
    metadata: dict[str, Any] | None = None
    rating: Annotated[float, Meta(ge=0, le=10)] | None = None
    user_email: str | None = None
    tags: list[str] | None = None
    context: dict[str, Any] | None = None


class WebhookRow(msgspec.Struct, array_like=True, frozen=True):
    """A webhook as deliveries need it; ``secret`` is sealed."""

    id: str
    workspace_id: str
    project_id: str | None
    name: str
    secret: bytes
    last_used_at: str | None
