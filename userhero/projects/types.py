"""Shapes of projects: what goes in, what comes out."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from userhero.kernel.http.inputs import Input, WholeList, WorkspaceId
from userhero.projects.settings import (
    CustomField,
    EmbeddedPortal,
    EmbeddedPortalChange,
    PrivacyChange,
    PrivacySettings,
    PublicPortal,
    PublicPortalChange,
    SlaRule,
    Status,
    StatusChange,
)

Kind = Literal["web", "ios", "android"]
Name = Annotated[str, Meta(description="Display name.", extra_json_schema={"minLength": 1, "maxLength": 200})]
Domain = Annotated[str, Meta(max_length=253, description="Associated domain, such as `app.example.com`.")]
BundleId = Annotated[str, Meta(max_length=155, description="iOS bundle ID.")]
PackageName = Annotated[str, Meta(max_length=255, description="Android package name.")]


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
    privacy_settings: PrivacyChange | UnsetType = UNSET
    public_portal: PublicPortalChange | None | UnsetType = UNSET
    embedded_portal: EmbeddedPortalChange | None | UnsetType = UNSET
    custom_field_definitions: (
        Annotated[list[CustomField], Meta(max_length=50, description="The project's fields, replaced whole.")]
        | UnsetType
    ) = UNSET
    disabled_default_fields: (
        Annotated[
            list[Literal["df_name", "df_email", "df_phone", "df_company"]],
            Meta(max_length=4, description="Default fields that are switched off."),
        ]
        | UnsetType
    ) = UNSET
    statuses: (
        Annotated[list[StatusChange], Meta(max_length=100, description="Statuses; system ones that are left out stay.")]
        | UnsetType
    ) = UNSET
    customer_comments_enabled: (
        Annotated[bool, Meta(description="Whether customers may comment on new items.")] | UnsetType
    ) = UNSET
    reopen_window_days: (
        Annotated[int, Meta(ge=1, le=90, description="Days in which a customer's comment reopens a resolved item.")]
        | UnsetType
    ) = UNSET


class Project(msgspec.Struct, rename="camel"):
    """A project."""

    id: Annotated[str, Meta(description="Project ID.")]
    workspace_id: Annotated[str, Meta(description="Workspace ID.")]
    name: Annotated[str, Meta(description="Display name.")]
    type: Annotated[Kind, Meta(description="Platform.")]
    domain: Annotated[str | None, Meta(description="Associated domain.")]
    bundle_id: Annotated[str | None, Meta(description="iOS bundle ID.")]
    package_name: Annotated[str | None, Meta(description="Android package name.")]
    public_key: Annotated[str, Meta(description="Public key for the widget.")]
    privacy_settings: PrivacySettings
    public_portal: PublicPortal | None
    embedded_portal: EmbeddedPortal | None
    custom_field_definitions: list[CustomField]
    disabled_default_fields: list[str]
    statuses: list[Status]
    sla_rules: list[SlaRule]
    customer_comments_enabled: Annotated[bool, Meta(description="Whether customers may comment on new items.")]
    reopen_window_days: Annotated[int, Meta(description="Days in which a customer's comment reopens a resolved item.")]
    created_at: Annotated[str, Meta(description="ISO 8601 time.")]
    updated_at: Annotated[str, Meta(description="ISO 8601 time.")]


class ProjectList(WholeList, kw_only=True):
    """Which projects to list."""

    workspace_id: WorkspaceId


class ProjectRow(msgspec.Struct, array_like=True, frozen=True):
    """What other slices need of a project; the settings are JSON text as stored."""

    id: str
    workspace_id: str
    statuses: str
    sla_rules: str
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
