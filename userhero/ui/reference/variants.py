"""What a value may be: a JSON Schema taken apart into alternatives of one type each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from userhero.ui.reference.document import Document, Json

_TYPE_NAMES: Final = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (type(None), "null"),
)
_CONTENT_KEYWORDS: Final = {"array": "items", "object": "additionalProperties"}


@dataclass(frozen=True, slots=True)
class Variant:
    """One thing that a value may be. ``reference`` is where the document defines it, if it has a name."""

    node: Json
    reference: str | None

    @property
    def title(self) -> str:
        """The name to show for it, else an empty string."""
        fallback = self.reference.rpartition("/")[2] if self.reference else ""
        return str(self.node.get("title", fallback))

    @property
    def kind(self) -> str:
        """The JSON type, taken from the values or the properties where the schema does not say it."""
        if "type" in self.node:
            return str(self.node["type"])
        kinds = {_type_name(value) for value in self.values}
        if kinds:
            return " or ".join(sorted(kinds))
        return "object" if "properties" in self.node else "any"

    @property
    def values(self) -> list[Any]:
        """The only values allowed; empty when the schema does not list them."""
        if "const" in self.node:
            return [self.node["const"]]
        return list(self.node.get("enum", ()))

    @property
    def content(self) -> Json | None:
        """The schema of what an array or a map holds, where the document says it."""
        below = self.node.get(_CONTENT_KEYWORDS.get(self.kind, ""))
        return below if isinstance(below, Mapping) and below else None


def variants(document: Document, schema: Json) -> Iterator[Variant]:
    """Every alternative, through references, ``anyOf``, ``oneOf``, ``allOf`` and lists of types.

    An object with properties of its own is one thing: what it says by alternatives is which of them go together.
    """
    node = _joined(document, document.follow(schema))
    alternatives = node.get("anyOf", node.get("oneOf"))
    if alternatives is not None and "properties" not in node:
        for alternative in alternatives:
            yield from variants(document, alternative)
    elif isinstance(node.get("type"), list):
        for name in node["type"]:
            yield Variant({**node, "type": name}, schema.get("$ref"))
    else:
        yield Variant(node, schema.get("$ref"))


def values_of(document: Document, schema: Json) -> list[Variant]:
    """The alternatives other than null."""
    return [variant for variant in variants(document, schema) if variant.kind != "null"]


def _joined(document: Document, node: Json) -> Json:
    """``allOf`` laid together: properties and requirements add up, otherwise the outer keyword wins."""
    if "allOf" not in node:
        return node
    joined: dict[str, Any] = {key: value for key, value in node.items() if key != "allOf"}
    for part in node["allOf"]:
        for key, value in _joined(document, document.follow(part)).items():
            if key == "properties":
                joined[key] = {**value, **joined.get(key, {})}
            elif key == "required":
                joined[key] = [*value, *joined.get(key, [])]
            else:
                joined.setdefault(key, value)
    return joined


def _type_name(value: object) -> str:
    return next((name for kind, name in _TYPE_NAMES if isinstance(value, kind)), "object")
