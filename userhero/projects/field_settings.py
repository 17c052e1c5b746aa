"""The custom fields of a project, as a caller defines them."""

from typing import Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from userhero.kernel.http.terms import NOT_BLANK, described
from userhero.projects.settings import Label

FieldType = Literal["text", "textarea", "number", "email", "select", "checkbox", "date", "url", "phone"]
Decider = Annotated[
    str, described("The select field that decides.", example="cf_plan", pattern="^cf_[A-Za-z0-9_-]{1,60}$")
]
# Those whose values have a length.
TEXT_TYPES = ("text", "textarea", "email", "url", "phone")


class _Settings(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Camel case outside, nothing unknown."""


class Validation(_Settings, frozen=True, kw_only=True):
    """Bounds of a value: `min` and `max` for numbers, `minLength` and `maxLength` for texts."""

    min: Annotated[int | float, Meta(description="The smallest number.", examples=[0])] | UnsetType = UNSET
    max: Annotated[int | float, Meta(description="The largest number.", examples=[100])] | UnsetType = UNSET
    min_length: Annotated[int, Meta(ge=0, le=5000, description="The fewest characters.")] | UnsetType = UNSET
    max_length: Annotated[int, Meta(ge=1, le=5000, description="The most characters.")] | UnsetType = UNSET


class VisibilityCondition(_Settings, frozen=True, kw_only=True):
    """The field shows only while another select field has this value."""

    field_id: Decider
    value: Annotated[str, Meta(description="The option that shows the field.", examples=["Enterprise"])]


class OptionsByParent(_Settings, frozen=True, kw_only=True):
    """The options of a select field, by the value of another one."""

    parent_field_id: Decider
    map: Annotated[
        dict[str, list[str]],
        Meta(
            description="The options on offer, by option of the parent.",
            examples=[{"Free": ["Community"], "Enterprise": ["Community", "Phone"]}],
        ),
    ]


def _is_one_of(*types: str) -> dict[str, Any]:
    return {"properties": {"type": {"enum": list(types)}}}


def _without(*names: str) -> dict[str, Any]:
    return {"properties": dict.fromkeys(names, False)}


class CustomField(_Settings, frozen=True, kw_only=True):
    """A field of a project. Ids start with `cf_`; they may be chosen, else they are made."""

    json_schema: ClassVar[dict[str, Any]] = {
        "allOf": [
            {
                "if": _is_one_of("select"),
                "then": {"properties": {"options": {"type": "array", "minItems": 2}}, "required": ["options"]},
                "else": {"properties": {"options": {"maxItems": 0}, "optionsByParent": {"type": "null"}}},
            },
            {"if": _is_one_of("number"), "else": {"properties": {"validation": _without("min", "max")}}},
            {
                "if": _is_one_of(*TEXT_TYPES),
                "else": {"properties": {"validation": _without("minLength", "maxLength")}},
            },
        ],
        "examples": [
            {"id": "cf_plan", "type": "select", "label": "Plan", "required": False, "options": ["Free", "Pro"]}
        ],
    }

    id: (
        Annotated[
            str,
            Meta(
                pattern=r"^cf_[A-Za-z0-9_-]{1,60}\Z",
                description="What values are sent under; made where absent.",
                examples=["cf_support"],
            ),
        ]
        | UnsetType
    ) = UNSET
    type: Annotated[FieldType, Meta(description="What its values are.", examples=["select"])]
    label: Annotated[Label, Meta(description="What people read.", examples=["Support"])]
    required: Annotated[bool, Meta(description="Asked for by widget and portal; the API may leave it out.")] = False
    placeholder: (
        Annotated[
            str, Meta(max_length=200, description="What a form shows while it is empty.", examples=["Choose one"])
        ]
        | None
        | UnsetType
    ) = UNSET
    options: (
        Annotated[
            list[Annotated[str, Meta(min_length=1, max_length=100, extra_json_schema={"pattern": NOT_BLANK})]],
            Meta(
                max_length=200,
                description="For select fields: what can be chosen, at least two, all different.",
                examples=[["Community", "Phone"]],
                extra_json_schema={"uniqueItems": True},
            ),
        ]
        | None
        | UnsetType
    ) = UNSET
    validation: Validation | None | UnsetType = UNSET
    is_default: (
        Annotated[bool, Meta(description="For clients that tell their own fields from others; kept as given.")]
        | None
        | UnsetType
    ) = UNSET
    visibility_condition: VisibilityCondition | None | UnsetType = UNSET
    options_by_parent: OptionsByParent | None | UnsetType = UNSET
