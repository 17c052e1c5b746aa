"""Example values for schemas: the document's own where it gives one, else something of the right type."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from userhero.ui.reference.document import Document, Json
from userhero.ui.reference.variants import Variant, values_of

_STRINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "date": "2026-04-06",
        "date-time": "2026-04-06T10:30:00.000Z",
        "email": "jane@example.com",
        "hostname": "app.example.com",
        "time": "10:30:00",
        "uri": "https://example.com/",
        "url": "https://example.com/",
        "uuid": "550e8400-e29b-41d4-a716-446655440000",
    }
)
_PLAIN: Final[Mapping[str, Any]] = MappingProxyType(
    {"string": "string", "integer": 1, "number": 1, "boolean": True, "array": [], "object": {}}
)
# What a text without a format most likely is, by the end of its property's name.
_ENDINGS: Final = (
    (("At", "Date"), "date-time"),
    (("email", "Email"), "email"),
    (("url", "Url"), "uri"),
)
_FEW: Final = 2


class Examples:
    """Makes example values for one document."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def full(self, schema: Json) -> Any:
        """A value with every property, as an answer would have it."""
        return self._value(schema, "", brief=False, above=())

    def brief(self, schema: Json) -> Any:
        """A value with what is required and what the document shows by example, or else its first properties."""
        return self._value(schema, "", brief=True, above=())

    def _value(self, schema: Json, name: str, *, brief: bool, above: tuple[str, ...]) -> Any:
        plain = self._document.follow(schema)
        given = example_in(plain)
        if given is not None:
            return given
        # A schema that contains itself ends here instead of going on forever.
        allowed = [v for v in values_of(self._document, schema) if v.reference not in above]
        if not allowed:
            return None
        return plain.get("default") or self._of_variant(allowed[0], name, brief=brief, above=above)

    def _of_variant(self, variant: Variant, name: str, *, brief: bool, above: tuple[str, ...]) -> Any:
        given = example_in(variant.node)
        if given is not None:
            return given
        if variant.values:
            return variant.values[0]
        below = (*above, variant.reference) if variant.reference else above
        if variant.kind == "array" and variant.content is not None:
            item = self._value(variant.content, "", brief=brief, above=below)
            return [] if item is None else [item]
        if variant.kind == "object":
            return self._object(variant.node, brief=brief, above=below)
        if variant.kind == "string":
            return _STRINGS.get(variant.node.get("format") or _likely_format(name), "string")
        return variant.node.get("minimum", _PLAIN.get(variant.kind))

    def _object(self, node: Json, *, brief: bool, above: tuple[str, ...]) -> dict[str, Any]:
        properties: Mapping[str, Json] = node.get("properties", {})
        names = list(properties)
        if brief:
            required = node.get("required", ())
            wanted = [name for name in names if name in required or self._shown(properties[name])]
            names = wanted or names[:_FEW]
        return {name: self._value(properties[name], name, brief=brief, above=above) for name in names}

    def _shown(self, schema: Json) -> bool:
        nodes = (self._document.follow(schema), *(v.node for v in values_of(self._document, schema)))
        return any(example_in(node) is not None for node in nodes)


def _likely_format(name: str) -> str:
    return next((likely for endings, likely in _ENDINGS if name.endswith(endings)), "")


def example_in(node: Json) -> Any:
    """The example that a schema itself carries; None when it has none."""
    if "example" in node:
        return node["example"]
    return next(iter(node.get("examples", ())), None)
