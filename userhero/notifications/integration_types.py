"""Shapes of integrations."""

from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from userhero.kernel.http.inputs import Input, WholeList, WorkspaceId
from userhero.kernel.http.terms import EMAIL, WEB_ADDRESS, a_text, a_time, an_id, described

MAX_NAME, MAX_TARGET = 100, 2048

Type = Annotated[Literal["slack", "email"], Meta(description="`slack`, or `email`.")]
Name = Annotated[str, a_text("Display name, trimmed.", MAX_NAME, example="#support")]
Target = Annotated[
    str,
    Meta(max_length=MAX_TARGET),
    described(
        "For `slack` the address of an incoming webhook, which is kept encrypted; for `email` an e-mail address.",
        example="https://hooks.slack.com/services/T0/B0/abcdefgh",
        minLength=1,
        anyOf=[{"format": "uri", "pattern": WEB_ADDRESS}, EMAIL],
    ),
]
IsDefault = Annotated[bool, Meta(description="Whether it hears of new feedback that no routing rule is for.")]


class NewIntegration(Input, kw_only=True):
    """An integration to create."""

    json_schema: ClassVar[dict[str, Any]] = {
        "if": {"properties": {"type": {"const": "email"}}, "required": ["type"]},
        "then": {"properties": {"target": EMAIL}},
        "else": {"properties": {"target": {"format": "uri", "pattern": WEB_ADDRESS}}},
    }

    workspace_id: WorkspaceId
    type: Type
    name: Name
    target: Target
    is_default: IsDefault = False


class IntegrationChange(Input, kw_only=True):
    """A change of an integration: what is absent stays."""

    name: Name | UnsetType = UNSET
    target: Target | UnsetType = UNSET
    is_default: IsDefault | UnsetType = UNSET


class IntegrationList(WholeList, kw_only=True):
    """Which integrations to list."""

    workspace_id: WorkspaceId
    type: Annotated[Literal["slack", "email"], Meta(description="Only those of a type.")] | None = None


class Integration(msgspec.Struct, rename="camel"):
    """A place outside that is told of feedback."""

    id: Annotated[str, an_id("int", "Integration ID.")]
    workspace_id: Annotated[str, an_id("ws", "Workspace ID.")]
    type: Type
    name: Annotated[str, described("Display name.", example="#support")]
    target: Annotated[
        str,
        described(
            "Where it leads: of a web address only its host and its end.", example="https://hooks.slack.com/…efgh"
        ),
    ]
    is_default: IsDefault
    created_at: Annotated[str, a_time("When it was made.")]
    updated_at: Annotated[str, a_time("When it was last changed.")]


class IntegrationRow(msgspec.Struct, array_like=True, frozen=True):
    """An integration as it is stored; ``target`` is sealed."""

    id: str
    workspace_id: str
    type: Literal["slack", "email"]
    name: str
    target: bytes
    is_default: bool
