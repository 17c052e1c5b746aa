"""Shapes of the audit log."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from userhero.kernel.http.inputs import Paging, WorkspaceId
from userhero.kernel.http.terms import a_time, an_id, described, sample_id


class AuditList(Paging, kw_only=True):
    """Which part of the audit log to read."""

    workspace_id: WorkspaceId
    actor_id: Annotated[str, described("User ID of whoever did it; or `operator`, `system`.")] | None = None
    act: Annotated[str, described("What was done.", example="project.updated")] | None = None
    subject_id: Annotated[str, described("ID of what it was done to.", example=sample_id("proj"))] | None = None
    created_after: Annotated[str, a_time("ISO 8601 time; later records only.")] | None = None
    created_before: Annotated[str, a_time("ISO 8601 time; earlier records only.")] | None = None


class AuditActor(msgspec.Struct, rename="camel"):
    """Who did it."""

    user_id: Annotated[
        str,
        described(
            "User ID; `operator` for whoever runs the server, `system` for the server itself.",
            example=sample_id("user"),
        ),
    ]
    name: Annotated[str, described("What they were called then.", example="Jane Smith")]
    via: Annotated[
        Literal["key", "session", "operator", "system"],
        Meta(description="How they came: with an API key, signed in, at the command line, or by itself."),
    ]
    credential_id: Annotated[str, described("The API key or session.", example=sample_id("key"))]


class AuditSubject(msgspec.Struct, rename="camel"):
    """What it was done to."""

    type: Annotated[str, described("What it is.", example="project")]
    id: Annotated[str, described("Its ID.", example=sample_id("proj"))]
    name: Annotated[str, described("What it was called then.", example="My App")] | None


_Values = dict[str, Any]


class AuditRecord(msgspec.Struct, rename="camel"):
    """Something that was done to a workspace or in its settings."""

    id: Annotated[str, an_id("aud", "Record ID.")]
    workspace_id: Annotated[str, an_id("ws", "Workspace ID.")]
    act: Annotated[str, described("What was done.", example="project.updated")]
    actor: AuditActor
    subject: AuditSubject
    before: Annotated[_Values, described("What changed, as it was.", example={"name": "My App"})] | None
    after: Annotated[_Values, described("What changed, as it was then.", example={"name": "Our App"})] | None
    address: Annotated[str, described("IP address that the request came from.", example="203.0.113.7")] | None
    user_agent: Annotated[str, described("What the request said that sent it.", example="curl/8.5.0")] | None
    request_id: Annotated[str, described("`X-Request-Id` of the answer.", example=sample_id("req"))] | None
    created_at: Annotated[str, a_time("When it was done.")]
