"""Shapes of workspaces, members and keys."""

from typing import Annotated, Literal

import msgspec

from userhero.workspaces.plans import Limits

Role = Literal["owner", "admin", "member", "viewer"]
ROLES: tuple[Role, ...] = ("owner", "admin", "member", "viewer")
# Who may use the REST API in a workspace (reference, Authentication).
API_ROLES = frozenset({"owner", "admin"})

Described = msgspec.Meta


class Workspace(msgspec.Struct, rename="camel"):
    """A workspace, as `GET /workspaces` lists it."""

    id: Annotated[str, Described(description="Workspace ID.", examples=["ws_06h0aqr23dqd95u8a1v5kpvp98"])]
    name: Annotated[str, Described(description="Display name.")]
    plan: Annotated[str, Described(description="`free`, `starter`, `growth`, `pro` or `pro_max`.")]
    billing_interval: Annotated[str, Described(description="`monthly` or `yearly`.")]
    subscription_status: Annotated[str, Described(description="`active` while the workspace may be used.")]
    api_access_enabled: Annotated[bool, Described(description="Whether the REST API is switched on.")]
    member_count: Annotated[int, Described(description="How many people are in it.")]
    role: Annotated[Role, Described(description="The role of the key's user.")]
    created_at: Annotated[str, Described(description="ISO 8601 time.")]
    updated_at: Annotated[str, Described(description="ISO 8601 time.")]


class Member(msgspec.Struct, rename="camel"):
    """Somebody in a workspace."""

    user_id: Annotated[str, Described(description="User ID, as in `assigneeId`.")]
    name: Annotated[str, Described(description="Display name.")]
    email: Annotated[str, Described(description="E-mail address.")]
    role: Annotated[Role, Described(description="What they may do.")]


class WorkspaceSettings(msgspec.Struct, rename="camel"):
    """What can be switched in a workspace."""

    api_access_enabled: Annotated[bool, Described(description="Whether the REST API is switched on.")]


class WorkspaceDetails(Workspace):
    """A workspace with its members and settings."""

    members: Annotated[list[Member], Described(description="Everybody in it, longest first.")]
    settings: WorkspaceSettings


class Period(msgspec.Struct, frozen=True):
    """A calendar month, UTC."""

    start: Annotated[str, Described(description="ISO 8601 time of its first moment.")]
    end: Annotated[str, Described(description="ISO 8601 time of the next period's first moment.")]


class UsageCounts(msgspec.Struct, rename="camel", kw_only=True):
    """How much is used, under the names of the limits."""

    feedback_per_month: Annotated[int, Described(description="Recorded in the period, deleted ones included.")] = 0
    projects: int = 0
    members: int = 0
    automations: int = 0
    custom_fields: Annotated[int, Described(description="In all projects.")] = 0
    custom_statuses: Annotated[int, Described(description="In all projects.")] = 0
    storage_bytes: Annotated[int, Described(description="Media, in bytes.")] = 0


class Usage(msgspec.Struct, frozen=True):
    """The limits of a plan, and how much of each is used."""

    plan: Annotated[str, Described(description="`free`, `starter`, `growth`, `pro` or `pro_max`.")]
    period: Period
    limits: Limits
    usage: UsageCounts


class Access(msgspec.Struct, array_like=True, frozen=True):
    """A workspace that an actor has entered, and as what."""

    workspace_id: str
    plan: str
    api_access: bool
    role: Role


class Person(msgspec.Struct, array_like=True, frozen=True):
    """A member, as other slices need to know them."""

    user_id: str
    name: str
    email: str


class NewKey(msgspec.Struct, rename="camel", frozen=True):
    """A key just made. ``api_key`` is shown this once; only its digest is kept."""

    id: str
    api_key: str


class KeySummary(msgspec.Struct, rename="camel", array_like=False, frozen=True):
    """A key without its secret: ``shown`` is enough of it to recognise it by."""

    id: str
    name: str
    shown: str
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    revoked_at: str | None
