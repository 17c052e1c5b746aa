"""Shapes of workspaces, members and keys."""

from typing import Annotated, Literal

import msgspec

from userhero.kernel.http.terms import EMAIL, a_time, an_id, described
from userhero.workspaces.plans import PLANS, Limits

Role = Literal["owner", "admin", "member", "viewer"]
ROLES: tuple[Role, ...] = ("owner", "admin", "member", "viewer")
# Who may use the REST API in a workspace (reference, Authentication).
API_ROLES = frozenset({"owner", "admin"})

PlanName = Annotated[str, described("What the workspace's plan is called.", example="pro_max", enum=sorted(PLANS))]
ApiAccess = Annotated[bool, described("Whether the REST API is switched on.", example=True)]


class Workspace(msgspec.Struct, rename="camel"):
    """A workspace, as `GET /workspaces` lists it."""

    id: Annotated[str, an_id("ws", "Workspace ID.")]
    name: Annotated[str, described("Display name.", example="Acme Inc")]
    plan: PlanName
    billing_interval: Annotated[str, described("`monthly` or `yearly`.", example="yearly")]
    subscription_status: Annotated[str, described("`active` while the workspace may be used.", example="active")]
    api_access_enabled: ApiAccess
    member_count: Annotated[int, described("How many people are in it.", example=3, minimum=1)]
    role: Annotated[Role, described("The role of the key's user.", example="owner")]
    created_at: Annotated[str, a_time("When it was made.")]
    updated_at: Annotated[str, a_time("When it was last changed.")]


class Member(msgspec.Struct, rename="camel"):
    """Somebody in a workspace."""

    user_id: Annotated[str, an_id("user", "User ID, as in `assigneeId`.")]
    name: Annotated[str, described("Display name.", example="Jane Smith")]
    email: Annotated[str, described("E-mail address.", example="jane@example.com", **EMAIL)]
    role: Annotated[Role, described("What they may do.", example="owner")]


class WorkspaceSettings(msgspec.Struct, rename="camel"):
    """What can be switched in a workspace."""

    api_access_enabled: ApiAccess
    retention_days: (
        Annotated[int, described("After how many days feedback is removed; `null` for never.", example=365, minimum=1)]
        | None
    )


class WorkspaceDetails(Workspace):
    """A workspace with its members and settings."""

    members: Annotated[list[Member], described("Everybody in it, longest first.")]
    settings: WorkspaceSettings


class Period(msgspec.Struct, frozen=True):
    """A calendar month, UTC."""

    start: Annotated[str, a_time("Its first moment.")]
    end: Annotated[str, a_time("The next period's first moment.")]


class UsageCounts(msgspec.Struct, rename="camel", kw_only=True):
    """How much is used, under the names of the limits."""

    feedback_per_month: Annotated[
        int, described("Items recorded in the period, deleted ones included.", example=120, minimum=0)
    ] = 0
    projects: Annotated[int, described("Projects.", example=2, minimum=0)] = 0
    members: Annotated[int, described("People in the workspace.", example=3, minimum=0)] = 0
    automations: Annotated[int, described("Active automations.", example=4, minimum=0)] = 0
    custom_fields: Annotated[int, described("Custom fields in all projects.", example=5, minimum=0)] = 0
    custom_statuses: Annotated[int, described("Statuses that projects have added.", example=1, minimum=0)] = 0
    storage_bytes: Annotated[int, described("Media, in bytes.", example=1_048_576, minimum=0)] = 0


class Usage(msgspec.Struct, frozen=True):
    """The limits of a plan, and how much of each is used."""

    plan: PlanName
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
