"""Shapes of intake rules: what goes in, what comes out."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from userhero.kernel.http.inputs import Input
from userhero.kernel.http.terms import a_text, a_time, an_id, described
from userhero.workflows.item_types import Assignee, Level

MAX_PRIORITY, MAX_KEYWORD = 1_000_000, 100

Name = Annotated[str, a_text("Display name, trimmed.", 200, example="Bugs from the app")]
Order = Annotated[int, Meta(ge=0, le=MAX_PRIORITY, description="Lower ones are tried first.", examples=[10])]
Enabled = Annotated[bool, Meta(description="Whether it is tried at all.", examples=[True])]
RatingBound = Annotated[float, Meta(ge=0, le=10)]


class IntakeConditions(msgspec.Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    """Which feedback a rule takes: all that is given must hold, and what is empty holds."""

    categories: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=64)]],
        Meta(max_length=50, description="The category is one of these.", examples=[["bug"]]),
    ] = []
    rating_min: Annotated[RatingBound, Meta(description="The rating is this or more.", examples=[1])] | None = None
    rating_max: Annotated[RatingBound, Meta(description="The rating is this or less.", examples=[2])] | None = None
    widget_ids: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=64)]],
        Meta(max_length=50, description="It came through one of these widgets of the project, or `api`."),
    ] = []
    templates: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=64)]],
        Meta(
            max_length=20,
            description="Its widget was built from one of these templates.",
            examples=[["bug-report"]],
        ),
    ] = []
    keywords: Annotated[
        list[Annotated[str, a_text("A keyword, trimmed.", MAX_KEYWORD)]],
        Meta(
            max_length=50,
            description="The message contains one of these, in upper or lower case.",
            examples=[["crash", "freeze"]],
        ),
    ] = []


class IntakeDefaults(msgspec.Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    """What the items that a rule makes start with."""

    status: (
        Annotated[
            str,
            Meta(
                max_length=64,
                description="A status of the workflow; null for its first.",
                examples=["open"],
            ),
        ]
        | None
    ) = None
    priority: Level | None = None
    assignee_id: Assignee | None = None


class NewRule(Input, kw_only=True):
    """An intake rule to create."""

    name: Name
    priority: Order = 0
    enabled: Enabled = True
    conditions: IntakeConditions = IntakeConditions()
    defaults: IntakeDefaults = IntakeDefaults()


class RuleChange(Input, kw_only=True):
    """A change of an intake rule: what is absent stays; conditions and defaults are replaced whole."""

    name: Name | UnsetType = UNSET
    priority: Order | UnsetType = UNSET
    enabled: Enabled | UnsetType = UNSET
    conditions: IntakeConditions | UnsetType = UNSET
    defaults: IntakeDefaults | UnsetType = UNSET


class RuleDefaults(msgspec.Struct, rename="camel"):
    """What the items that a rule makes start with, as rules show it."""

    status: Annotated[str, described("A status of the workflow; null for its first.", example="open")] | None
    priority: Level | None
    assignee_id: Annotated[str, an_id("user", "Who gets them; null once they have left the workspace.")] | None


class IntakeRule(msgspec.Struct, rename="camel"):
    """A rule that puts new feedback on a board."""

    id: Annotated[str, an_id("wfr", "Rule ID.")]
    workflow_id: Annotated[str, an_id("wf", "The workflow that it is for.")]
    name: Annotated[str, described("Display name.", example="Bugs from the app")]
    priority: Order
    enabled: Enabled
    conditions: IntakeConditions
    defaults: RuleDefaults
    created_at: Annotated[str, a_time("When it was made.")]
    updated_at: Annotated[str, a_time("When it was last changed.")]


class RuleRow(msgspec.Struct, array_like=True, frozen=True):
    """A rule as it is stored; ``conditions`` is JSON text."""

    id: str
    workspace_id: str
    workflow_id: str
    name: str
    conditions: str
    default_status: str | None
    default_priority: str | None
    assignee_id: str | None
