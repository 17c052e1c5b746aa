"""Example values are the document's own where it has some, and of the right type where it has none."""

from typing import Any

import pytest

from userhero.ui.reference.document import Document
from userhero.ui.reference.examples import Examples

SCHEMAS = {
    "Node": {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "parent": {"anyOf": [{"$ref": "#/components/schemas/Node"}, {"type": "null"}]},
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}},
        },
    }
}
EXAMPLES = Examples(Document({"components": {"schemas": SCHEMAS}}))


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "examples": ["given", "other"]}, "given"),
        ({"type": "string", "example": "older keyword"}, "older keyword"),
        ({"anyOf": [{"type": "null"}, {"type": "string", "examples": ["inside"]}]}, "inside"),
        ({"type": "integer", "default": 20}, 20),
        ({"type": "integer", "minimum": 5}, 5),
        ({"enum": ["a", "b"]}, "a"),
        ({"const": 7}, 7),
        ({"type": "boolean"}, True),
        ({"type": "null"}, None),
        ({}, None),
        ({"type": "string", "format": "uuid"}, "550e8400-e29b-41d4-a716-446655440000"),
        ({"type": "array", "items": {"type": "number"}}, [1]),
        ({"type": "array"}, []),
        ({"type": "object", "additionalProperties": {"type": "string"}}, {}),
        (
            {
                "properties": {
                    "createdAt": {"type": "string"},
                    "format": {"type": "string"},
                    "userEmail": {"type": "string"},
                }
            },
            {"createdAt": "2026-04-06T10:30:00.000Z", "format": "string", "userEmail": "jane@example.com"},
        ),
        ({"$ref": "#/components/schemas/Node"}, {"name": "string", "parent": None, "children": []}),
    ],
)
def test_a_full_example_has_everything(schema: dict[str, Any], value: object) -> None:
    assert EXAMPLES.full(schema) == value


@pytest.mark.parametrize(
    ("required", "value"),
    [(["c"], {"b": "shown", "c": "string"}), ([], {"b": "shown"})],
)
def test_a_brief_example_has_what_is_needed_or_shown(required: list[str], value: object) -> None:
    properties = {"a": {"type": "string"}, "b": {"type": "string", "examples": ["shown"]}, "c": {"type": "string"}}
    assert EXAMPLES.brief({"type": "object", "properties": properties, "required": required}) == value


def test_a_brief_example_without_any_shows_the_first_properties() -> None:
    properties = {name: {"type": "integer"} for name in "abcd"}
    assert EXAMPLES.brief({"type": "object", "properties": properties}) == {"a": 1, "b": 1}
