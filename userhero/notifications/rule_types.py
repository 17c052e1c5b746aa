"""Shapes of routing rules."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from userhero.kernel.http.inputs import Input, WholeList, WorkspaceId
from userhero.kernel.http.terms import NOT_BLANK, a_text, a_time, an_id, described, id_for, sample_id

MAX_NAME, MAX_PRIORITY, MAX_VALUE, MAX_ACTIONS = 200, 1_000_000, 500, 10

Operator = Literal["equals", "not_equals", "less_than", "greater_than", "contains", "starts_with"]


class RoutingCondition(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What new feedback must be like."""

    field: Annotated[
        str,
        Meta(
            max_length=200,
            description="`category`, `rating`, `pageUrl`, `message`, or `metadata.` and a path of keys.",
            examples=["rating"],
            extra_json_schema={"pattern": r"^(category|rating|pageUrl|message|metadata(\.[^.]+)+)$"},
        ),
    ]
    operator: Annotated[Operator, Meta(description="How it is compared; upper and lower case are alike.")]
    value: Annotated[
        Annotated[str, Meta(max_length=MAX_VALUE)] | float | bool,
        Meta(description="With what: a number for `rating`, else text of 1 to 500 characters; `metadata` takes both."),
    ]


class ToEmail(msgspec.Struct, tag_field="type", tag="email", forbid_unknown_fields=True, frozen=True):
    """Tell somebody by mail."""

    to: Annotated[
        str,
        Meta(max_length=320),
        described(
            "A member's user ID, the ID of an e-mail integration, or an address.",
            example="team@example.com",
            pattern=NOT_BLANK,
        ),
    ]


class ToSlack(msgspec.Struct, tag_field="type", tag="slack", rename="camel", forbid_unknown_fields=True, frozen=True):
    """Tell a channel in Slack."""

    integration_id: Annotated[str, id_for("int", "A Slack integration of the workspace.")]


Action = ToEmail | ToSlack

Name = Annotated[str, a_text("Display name, trimmed.", MAX_NAME, example="Bugs to the developers")]
Enabled = Annotated[bool, Meta(description="Whether it is looked at.")]
Order = Annotated[int, Meta(ge=0, le=MAX_PRIORITY, description="Its place: the lowest is looked at first.")]
Actions = Annotated[
    list[Action],
    Meta(
        min_length=1,
        max_length=MAX_ACTIONS,
        description="Who is told.",
        examples=[[{"type": "email", "to": sample_id("user")}]],
    ),
]
When = Annotated[RoutingCondition | None, Meta(description="What feedback must be like; `null` for all of it.")]


class NewRoutingRule(Input, kw_only=True):
    """A routing rule to create."""

    workspace_id: WorkspaceId
    project_id: Annotated[str, id_for("proj", "Project ID.")]
    name: Name
    condition: When = None
    actions: Actions
    priority: Order = 0
    enabled: Enabled = True


class RoutingRuleChange(Input, kw_only=True):
    """A change of a routing rule: what is absent stays; the actions are replaced whole."""

    name: Name | UnsetType = UNSET
    condition: When | UnsetType = UNSET
    actions: Actions | UnsetType = UNSET
    priority: Order | UnsetType = UNSET
    enabled: Enabled | UnsetType = UNSET


class RoutingRuleList(WholeList, kw_only=True):
    """Which routing rules to list."""

    workspace_id: WorkspaceId
    project_id: Annotated[str, id_for("proj", "Project ID.")]
    order: Annotated[Literal["asc", "desc"], Meta(description="`asc` is the order in which they are looked at.")] = (
        "asc"
    )


class RoutingRule(msgspec.Struct, rename="camel"):
    """Where new feedback of a project is announced: the first rule that fits decides."""

    id: Annotated[str, an_id("rule", "Rule ID.")]
    workspace_id: Annotated[str, an_id("ws", "Workspace ID.")]
    project_id: Annotated[str, an_id("proj", "Project ID.")]
    name: Annotated[str, described("Display name.", example="Bugs to the developers")]
    enabled: Enabled
    priority: Order
    condition: When
    actions: Actions
    created_at: Annotated[str, a_time("When it was made.")]
    updated_at: Annotated[str, a_time("When it was last changed.")]


class RuleRow(msgspec.Struct, array_like=True, frozen=True):
    """A rule as it is stored; condition and actions are JSON text."""

    id: str
    workspace_id: str
    project_id: str
    name: str
    priority: int
    enabled: bool
    condition: str | None
    actions: str
