"""Shapes of incoming webhooks and of what they deliver."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from userhero.kernel.http.inputs import Input, WholeList, WorkspaceId


class NewWebhook(Input, kw_only=True):
    """An incoming webhook to create."""

    workspace_id: WorkspaceId
    name: Annotated[str, Meta(description="Display name.", extra_json_schema={"minLength": 1, "maxLength": 200})]
    project_id: (
        Annotated[str, Meta(description="The project for deliveries that name none. Without it, each must name one.")]
        | None
    ) = None


class WebhookList(WholeList, kw_only=True):
    """Which part of the webhooks to list: all, up to 1,000, where nothing is said."""

    workspace_id: WorkspaceId


class Webhook(msgspec.Struct, rename="camel"):
    """An incoming webhook."""

    id: Annotated[str, Meta(description="Webhook ID.")]
    workspace_id: Annotated[str, Meta(description="Workspace ID.")]
    project_id: Annotated[str | None, Meta(description="The project for deliveries that name none.")]
    name: Annotated[str, Meta(description="Display name.")]
    slug: Annotated[str, Meta(description="The last part of its address.")]
    url: Annotated[str, Meta(description="Where to send deliveries.")]
    created_at: Annotated[str, Meta(description="ISO 8601 time.")]
    last_used_at: Annotated[str | None, Meta(description="ISO 8601 time of the last delivery, to the minute.")]


class CreatedWebhook(Webhook):
    """A webhook just made, with the secret that is shown this once."""

    secret: Annotated[str, Meta(description="What deliveries are signed with (`whsec_…`). It is not shown again.")]


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
