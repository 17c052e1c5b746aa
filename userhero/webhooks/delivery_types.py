"""Shapes of deliveries to webhook endpoints."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from userhero.kernel.http.inputs import Input, Paging
from userhero.kernel.http.terms import a_time, an_id, described

Pace = Literal["quick", "slow"]
Status = Literal["pending", "delivered", "failed"]
ResponseStatus = Annotated[int, described("Status of the answer; `null` where there was none.", example=200)]
Problem = Annotated[
    str, described("Why it was no success; `null` where it was one.", example="The receiver answered 500.")
]
Duration = Annotated[int, described("How long it took, in milliseconds.", example=84)]


class DeliveryList(Paging, kw_only=True):
    """Which deliveries of an endpoint to list."""

    status: Annotated[Status, Meta(description="Those in this state.")] | None = None


class RedeliverySince(Input, kw_only=True):
    """Which failed deliveries to send again."""

    since: Annotated[str, Meta(max_length=64), a_time("Those made at this time or later.")]
    until: (
        Annotated[str, Meta(max_length=64), a_time("Those made at this time or earlier; without it, up to now.")] | None
    ) = None


class Redelivered(msgspec.Struct, rename="camel"):
    """What a request to send failed deliveries again has set going."""

    count: Annotated[int, described("How many deliveries are sent again.", example=3, minimum=0)]


class Delivery(msgspec.Struct, rename="camel"):
    """A delivery: one event on its way to one endpoint."""

    id: Annotated[str, an_id("whd", "Delivery ID.")]
    endpoint_id: Annotated[str, an_id("whe", "Endpoint ID.")]
    event_id: Annotated[str, an_id("evt", "Event ID, which is sent as `webhook-id`.")]
    event: Annotated[str, described("Kind of the event.", example="feedback.created")]
    attempt: Annotated[int, described("How often it has been tried.", example=1, minimum=0)]
    status: Annotated[Status, Meta(description="`pending` until it was taken, or has failed for good.")]
    response_status: ResponseStatus | None
    error: Problem | None
    duration_ms: Duration | None
    created_at: Annotated[str, a_time("When it was made.")]
    next_attempt_at: Annotated[str, a_time("When it is tried next; `null` unless it is pending.")] | None


class DeliveryAttempt(msgspec.Struct, rename="camel"):
    """One try."""

    attempt: Annotated[int, described("Which one, from 1.", example=1)]
    at: Annotated[str, a_time("When it began.")]
    response_status: ResponseStatus | None
    error: Problem | None
    duration_ms: Duration


class DeliveryRequest(msgspec.Struct):
    """What is sent."""

    headers: Annotated[
        dict[str, str],
        described(
            "The headers of the last attempt. Signatures are hidden.", example={"Content-Type": "application/json"}
        ),
    ]
    body: Annotated[str, described("The body, byte for byte.", example='{"event":"feedback.created"}')]


class DeliveryResponse(msgspec.Struct):
    """What the last attempt was answered."""

    status: Annotated[int, described("Its status.", example=200)]
    headers: Annotated[
        dict[str, str],
        described(
            "Its headers, 32 at the most, of up to 256 characters each. Cookies are left out.",
            example={"content-type": "text/plain"},
        ),
    ]
    body: Annotated[str, described("The first 1,024 bytes of its body.", example="ok")]


class DeliveryDetail(Delivery):
    """A delivery with what was sent and what was answered."""

    attempts: Annotated[list[DeliveryAttempt], described("The last 20 attempts, oldest first.", maxItems=20)]
    request: Annotated[DeliveryRequest, Meta(description="What is sent.")]
    response: Annotated[DeliveryResponse, Meta(description="What the last attempt was answered.")] | None


class Lane(msgspec.Struct, array_like=True, frozen=True):
    """An endpoint as those need it who send its deliveries; secrets are sealed."""

    id: str
    workspace_id: str
    project_id: str | None
    url: str
    enabled: bool
    secret: bytes
    previous_secret: bytes | None
    previous_until: str | None
    paused_until: str | None
    pace: Pace | None
    failing_since: str | None
    last_failed_at: str | None
    failing_told: bool


class Parcel(msgspec.Struct, array_like=True, frozen=True):
    """A delivery that is due."""

    id: str
    event_id: str
    event: str
    body: str
    attempt: int
    step: int
    next_attempt_at: str
    log: str
    created_at: str
