"""Shapes of widgets."""

from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import UNSET, Meta, UnsetType

from userhero.kernel.http.inputs import Input, WholeList, WorkspaceId
from userhero.kernel.http.terms import a_text, a_time, an_id, described, id_for

Name = Annotated[str, a_text("Display name, trimmed.", 200, example="Feedback")]
Config = Annotated[
    dict[str, Any],
    described(
        "How it works: `type` is `modal` (default), `popover`, `floating` or `inline`. Up to 16 KiB.",
        example={"type": "floating"},
        properties={
            "type": {"enum": ["modal", "popover", "floating", "inline", None], "description": "Where it shows."}
        },
    ),
]
Styling = Annotated[
    dict[str, Any],
    described(
        "How it looks: `primaryColor` is a colour as `#rrggbb`. Up to 16 KiB.",
        example={"primaryColor": "#6366f1"},
        properties={
            "primaryColor": {
                "type": ["string", "null"],
                "pattern": "^#[0-9a-fA-F]{6}$",
                "description": "The colour of what can be pressed.",
            }
        },
    ),
]
Enabled = Annotated[bool, Meta(description="Whether pages show it.")]


class Widget(msgspec.Struct, rename="camel"):
    """A widget: what a page of a project shows to collect feedback."""

    id: Annotated[str, an_id("w", "Widget ID.")]
    workspace_id: Annotated[str, an_id("ws", "Workspace ID.")]
    project_id: Annotated[str, an_id("proj", "Project ID.")]
    name: Annotated[str, described("Display name.", example="Feedback")]
    enabled: Enabled
    config: Config
    styling: Styling
    created_at: Annotated[str, a_time("When it was made.")]
    updated_at: Annotated[str, a_time("When it was last changed.")]


class NewWidget(Input, kw_only=True):
    """A widget to create."""

    project_id: Annotated[str, id_for("proj", "Project ID.")]
    name: Name
    enabled: Enabled = True
    config: Config | None = None
    styling: Styling | None = None


class WidgetChange(Input, kw_only=True):
    """A change of a widget: what is absent stays. Of `config` and `styling`, the keys that are given are replaced, and
    those given as `null` removed.
    """

    name: Name | UnsetType = UNSET
    enabled: Enabled | UnsetType = UNSET
    config: Config | UnsetType = UNSET
    styling: Styling | UnsetType = UNSET


class WidgetList(WholeList, kw_only=True):
    """Which widgets to list. One of `workspaceId` and `projectId` is needed."""

    workspace_id: WorkspaceId | UnsetType = UNSET
    project_id: Annotated[str, id_for("proj", "Project ID.")] | None = None


class WidgetRow(msgspec.Struct, array_like=True, frozen=True):
    """A widget as changes need it, settings as JSON text."""

    workspace_id: str
    config: str
    styling: str


class WidgetFacts(NamedTuple):
    """What others need to know of a widget. ``template`` is what it was built from."""

    id: str
    project_id: str
    name: str
    template: str
