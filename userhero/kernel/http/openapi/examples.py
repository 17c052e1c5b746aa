"""Example values made from schemas: each value's own example where it has one, else something of its type."""

from typing import Any

from userhero.kernel.http.openapi.components import Node

_REFERENCE = "#/components/schemas/"
_NOTHING: Any = object()
_PLAIN: Node = {"string": "text", "integer": 1, "number": 1, "boolean": True, "null": None}


class Examples:
    """Makes examples of schemas that refer to ``components``, which are looked at when they are met."""

    def __init__(self, components: dict[str, Node]) -> None:
        self._components = components

    def of(self, schema: Node) -> Any:
        """A value with everything that is always there, and with whatever else shows an example."""
        found = self._shown(schema, ())
        return None if found is _NOTHING else found

    def _shown(self, node: Node, above: tuple[str, ...]) -> Any:
        given = _given(node)
        if given is not _NOTHING:
            return given
        if "$ref" in node:
            name = node["$ref"].removeprefix(_REFERENCE)
            # What contains itself ends here.
            return _NOTHING if name in above else self._shown(self._components[name], (*above, name))
        alternatives = node.get("anyOf") or node.get("oneOf")
        if alternatives:
            return self._alternative(alternatives, above)
        if "properties" in node:
            return self._object(node, above)
        if node.get("type") == "array":
            entry = self._shown(node.get("items", {}), above)
            return [] if entry is _NOTHING else [entry]
        if node.get("type") == "object":
            return {}
        return _PLAIN.get(str(node.get("type")), _NOTHING)

    def _alternative(self, alternatives: list[Node], above: tuple[str, ...]) -> Any:
        """The first; null where that is the other one and the first shows nothing of its own."""
        first, *others = sorted(alternatives, key=lambda each: each.get("type") == "null")
        if {"type": "null"} in others and "$ref" not in first and _given(first) is _NOTHING:
            return None
        return self._shown(first, above)

    def _object(self, node: Node, above: tuple[str, ...]) -> Any:
        required = node.get("required", ())
        found = {
            name: self._shown(below, above)
            for name, below in node["properties"].items()
            if name in required or self._shows(below)
        }
        return {name: value for name, value in found.items() if value is not _NOTHING}

    def _shows(self, node: Node) -> bool:
        every = (node, *node.get("anyOf", ()))
        return any(each.get(keyword) for each in every for keyword in ("$ref", "examples", "const", "enum"))


def _given(node: Node) -> Any:
    """The example that a schema itself carries, or its only, usual or first value."""
    if node.get("examples"):
        return node["examples"][0]
    if "const" in node:
        return node["const"]
    if node.get("default") not in (None, [], {}):
        return node["default"]
    return node["enum"][0] if "enum" in node else _NOTHING
