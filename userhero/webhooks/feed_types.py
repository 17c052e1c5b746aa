"""Shapes of the feed of events."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from userhero.kernel.http.inputs import Paging, WorkspaceId
from userhero.kernel.http.terms import a_time, an_id, described, id_for
from userhero.webhooks.kinds import Kind


class EventList(Paging, kw_only=True):
    """Which part of the feed to read."""

    workspace_id: WorkspaceId
    after: Annotated[str, id_for("evt", "The last event that you have seen: later ones only.")] | None = None
    order: Annotated[Literal["asc", "desc"], Meta(description="Direction: oldest first unless it is `desc`.")] = "asc"


class FeedEvent(msgspec.Struct, rename="camel"):
    """Something that happened in a workspace."""

    id: Annotated[str, an_id("evt", "Event ID.")]
    event: Annotated[Kind, Meta(description="What happened.")]
    timestamp: Annotated[str, a_time("When it happened.")]
    workspace_id: Annotated[str, an_id("ws", "Workspace ID.")]
    data: Annotated[
        dict[str, Any],
        described("What it happened to, as it was then.", example={"id": "fb_01k82sc3nne7i91l0s3n0i771e"}),
    ]
