"""Shapes of widgets."""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from userhero.kernel.http.inputs import Input, WholeList, WorkspaceId
from userhero.projects.types import Name

Config = Annotated[
    dict[str, Any],
    Meta(description="How it works: `type` is `modal` (default), `popover`, `floating` or `inline`. Up to 16 KiB."),
]
Styling = Annotated[
    dict[str, Any],
    Meta(description="How it looks: `primaryColor` is a colour as `#rrggbb`. Up to 16 KiB."),
]


class Widget(msgspec.Struct, rename="camel"):
    """A widget: what a page of a project shows to collect feedback."""

    id: Annotated[str, Meta(description="Widget ID.")]
    workspace_id: Annotated[str, Meta(description="Workspace ID.")]
    project_id: Annotated[str, Meta(description="Project ID.")]
    name: Annotated[str, Meta(description="Display name.")]
    enabled: Annotated[bool, Meta(description="Whether pages show it.")]
    config: Config
    styling: Styling
    created_at: Annotated[str, Meta(description="ISO 8601 time.")]
    updated_at: Annotated[str, Meta(description="ISO 8601 time.")]


class NewWidget(Input, kw_only=True):
    """A widget to create."""

    project_id: Annotated[str, Meta(description="Project ID.")]
    name: Name
    enabled: bool = True
    config: Config | None = None
    styling: Styling | None = None


class WidgetChange(Input, kw_only=True):
    """A change of a widget: what is absent stays. Of `config` and `styling`, the keys that are given are replaced, and
    those given as `null` removed.
    """

    name: Name | UnsetType = UNSET
    enabled: Annotated[bool, Meta(description="Whether pages show it.")] | UnsetType = UNSET
    config: Config | UnsetType = UNSET
    styling: Styling | UnsetType = UNSET


class WidgetList(WholeList, kw_only=True):
    """Which widgets to list. One of `workspaceId` and `projectId` is needed."""

    workspace_id: WorkspaceId | UnsetType = UNSET
    project_id: Annotated[str, Meta(description="Project ID.")] | None = None


class WidgetRow(msgspec.Struct, array_like=True, frozen=True):
    """A widget as changes need it, settings as JSON text."""

    workspace_id: str
    config: str
    styling: str
