"""Shapes of projects: what goes in, what comes out."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from userhero.kernel.http.inputs import Input, WholeList, WorkspaceId
from userhero.kernel.http.terms import a_text, a_time, an_id, described
from userhero.projects.field_settings import CustomField
from userhero.projects.portal_settings import EmbeddedPortal, EmbeddedPortalChange, PublicPortal, PublicPortalChange
from userhero.projects.settings import PrivacyChange, PrivacySettings, SlaCalendar, SlaRule, Status, StatusChange

Kind = Literal["web", "ios", "android"]
Name = Annotated[str, a_text("Display name, trimmed.", 200, example="My App")]
Domain = Annotated[
    str,
    Meta(max_length=253, description="Associated domain, such as `app.example.com`.", examples=["app.example.com"]),
]
BundleId = Annotated[str, Meta(max_length=155, description="iOS bundle ID.", examples=["com.example.app"])]
PackageName = Annotated[str, Meta(max_length=255, description="Android package name.", examples=["com.example.app"])]
Comments = Annotated[bool, Meta(description="Whether customers may comment on new items.")]
DefaultField = Literal["df_name", "df_email", "df_phone", "df_company"]

WarningMinutes = Annotated[
    int, Meta(ge=0, le=10_080, description="Minutes before a deadline at which people are warned; 0 for never.")
]


class NewProject(Input, kw_only=True):
    """A project to create. It starts with a default widget."""

    workspace_id: WorkspaceId
    name: Name
    domain: Domain | None = None
    type: Annotated[Kind, Meta(description="Platform.")] = "web"
    bundle_id: BundleId | None = None
    package_name: PackageName | None = None


class ProjectChange(Input, kw_only=True):
    """A change of a project: what is absent stays, `null` clears. Lists are replaced whole; of the settings objects,
    the keys that are given are replaced.
    """

    workspace_id: WorkspaceId
    name: Name | UnsetType = UNSET
    domain: Domain | None | UnsetType = UNSET
    bundle_id: BundleId | None | UnsetType = UNSET
    package_name: PackageName | None | UnsetType = UNSET
    sla_rules: (
        Annotated[
            list[SlaRule],
            Meta(
                max_length=4,
                description="Hours until an item of a priority is due; `hours` 0 removes the rule.",
            ),
        ]
        | UnsetType
    ) = UNSET
    sla_calendar: SlaCalendar | None | UnsetType = UNSET
    sla_warning_minutes: WarningMinutes | UnsetType = UNSET
    privacy_settings: PrivacyChange | UnsetType = UNSET
    public_portal: PublicPortalChange | None | UnsetType = UNSET
    embedded_portal: EmbeddedPortalChange | None | UnsetType = UNSET
    custom_field_definitions: (
        Annotated[list[CustomField], Meta(max_length=50, description="The project's fields, replaced whole.")]
        | UnsetType
    ) = UNSET
    disabled_default_fields: (
        Annotated[
            list[DefaultField],
            Meta(max_length=4, description="Default fields that are switched off."),
        ]
        | UnsetType
    ) = UNSET
    statuses: (
        Annotated[list[StatusChange], Meta(max_length=100, description="Statuses; system ones that are left out stay.")]
        | UnsetType
    ) = UNSET
    customer_comments_enabled: Comments | UnsetType = UNSET
    reopen_window_days: (
        Annotated[int, Meta(ge=1, le=90, description="Days in which a customer's comment reopens a resolved item.")]
        | UnsetType
    ) = UNSET


class Project(msgspec.Struct, rename="camel"):
    """A project."""

    id: Annotated[str, an_id("proj", "Project ID.")]
    workspace_id: Annotated[str, an_id("ws", "Workspace ID.")]
    name: Annotated[str, described("Display name.", example="My App")]
    type: Annotated[Kind, described("Platform.", example="web")]
    domain: Annotated[str, described("Associated domain.", example="app.example.com")] | None
    bundle_id: Annotated[str, described("iOS bundle ID.", example="com.example.app")] | None
    package_name: Annotated[str, described("Android package name.", example="com.example.app")] | None
    public_key: Annotated[
        str,
        described(
            "Public key for the widget.",
            example="pk_live_8Jq2vZ0cXfT5mN1bWk7RdY3s",
            pattern="^pk_live_[0-9A-Za-z]{24}$",
        ),
    ]
    privacy_settings: PrivacySettings
    public_portal: PublicPortal | None
    embedded_portal: EmbeddedPortal | None
    custom_field_definitions: Annotated[list[CustomField], described("The project's own fields.")]
    disabled_default_fields: Annotated[list[DefaultField], described("Default fields that are switched off.")]
    statuses: Annotated[list[Status], described("Every status that its items may have.")]
    sla_rules: Annotated[list[SlaRule], described("When items are due, by priority.")]
    sla_calendar: Annotated[SlaCalendar | None, Meta(description="Working hours; null for around the clock.")]
    sla_warning_minutes: WarningMinutes
    customer_comments_enabled: Comments
    reopen_window_days: Annotated[
        int,
        described("Days in which a customer's comment reopens a resolved item.", example=14, minimum=1, maximum=90),
    ]
    created_at: Annotated[str, a_time("When it was made.")]
    updated_at: Annotated[str, a_time("When it was last changed.")]


class ProjectList(WholeList, kw_only=True):
    """Which projects to list."""

    workspace_id: WorkspaceId


class ProjectRow(msgspec.Struct, array_like=True, frozen=True):
    """What other slices need of a project; the settings are JSON text as stored."""

    id: str
    workspace_id: str
    statuses: str
    sla_rules: str
    sla_calendar: str | None
    sla_warning_minutes: int
    custom_field_definitions: str
    disabled_default_fields: str
    privacy_settings: str
    public_portal: str | None
    customer_comments_enabled: bool
    reopen_window_days: int


class ProjectSettings(msgspec.Struct, array_like=True, frozen=True):
    """A project as changes need it, locked until the unit ends; settings as JSON text."""

    workspace_id: str
    name: str
    statuses: str
    custom_field_definitions: str
    privacy_settings: str
    public_portal: str | None
    embedded_portal: str | None
