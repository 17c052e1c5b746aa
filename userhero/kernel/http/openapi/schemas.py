"""JSON Schemas of the structs that routes name, tidied for people and for generators of code."""

import inspect
import re
from collections.abc import Iterable
from types import UnionType
from typing import Any, Union, get_args, get_origin

import msgspec
import msgspec.inspect as kinds

from userhero.kernel.db.listing import Pagination
from userhero.kernel.http.inputs import Input
from userhero.kernel.http.routing import Route
from userhero.kernel.http.uploads import Upload

Node = dict[str, Any]

_REFERENCE = "#/components/schemas/"
_TYPES = {bool: "boolean", int: "integer", str: "string"}


class Schemas:
    """The schemas of a table of routes; ``components`` holds the named ones.

    In a type that only ever comes out, every field that is always there is required; a type that also goes in says what
    a caller may leave out. What a struct says of its fields together stands in its class variable ``json_schema``, as
    keywords of JSON Schema, and what its fields refer to in ``json_components``, by name. Raises ValueError where two
    types share a name.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        bodies = [route.body for route in routes if route.body is not None and route.upload is None]
        forms = [route.body for route in routes if route.body is not None and route.upload is not None]
        outputs = [Pagination, *(each for route in routes for each in contents_of(route))]
        self._taken_apart = _components([*forms, *(route.query for route in routes)])
        answers = _components(outputs)
        for cls in _structs(kinds.multi_type_info(outputs), {}):
            _require_what_is_there(answers[_named(cls)], cls)
        self.components = {**answers, **_components(bodies)}

    def of(self, content: Any) -> Node:
        """The schema of what a body, an answer or a parameter holds: a reference, where it has a name."""
        (schema,), _ = _generate([content])
        return _tidied(schema)

    def answer(self, route: Route) -> Node:
        """The schema of what is inside the envelope of the answer."""
        found = [self.of(content) for content in contents_of(route)]
        return found[0] if len(found) == 1 else {"anyOf": found}

    def query(self, route: Route) -> Node:
        """The parameters of ``route``, as one object schema."""
        return self._taken_apart[_named(route.query)]

    def form(self, route: Route, upload: Upload) -> Node:
        """The form with a file that ``route`` takes, as one object schema."""
        fields = self._taken_apart[_named(route.body or Input)]
        file = {
            "type": "string",
            "format": "binary",
            "contentMediaType": "application/octet-stream",
            "description": f"The file, at most {upload.most:,} bytes.",
        }
        return {
            **{key: value for key, value in fields.items() if key != "title"},
            "properties": {"file": file, **fields["properties"]},
            "required": ["file", *fields["required"]],
        }


def contents_of(route: Route) -> tuple[Any, ...]:
    """The types that the envelope of the route's answer may hold."""
    (content,) = get_args(route.output)
    return get_args(content) if get_origin(content) in (Union, UnionType) else (content,)


def _generate(types: list[Any]) -> tuple[tuple[Node, ...], dict[str, Node]]:
    return msgspec.json.schema_components(types, ref_template=_REFERENCE + "{name}")


def _components(types: list[Any]) -> dict[str, Node]:
    _, found = _generate(list(dict.fromkeys(types)))
    classes = {_named(cls): get_origin(cls) or cls for cls in _structs(kinds.multi_type_info(types), {})}
    components: dict[str, Node] = {}
    for name, schema in found.items():
        plain = _plain(name)
        # msgspec puts the module before names that it meets twice.
        if "." in name or plain in components:
            raise ValueError(f"more than one type is called {name.rpartition('.')[2]}; the document shows the name")
        components[plain] = {**_tidied(schema), **getattr(classes[plain], "json_schema", {}), "title": plain}
        tag_field = classes[plain].__struct_config__.tag_field
        if tag_field is not None:
            components[plain]["properties"][tag_field]["description"] = "Says which of the kinds this is."
    return components | {name: node for cls in classes.values() for name, node in _further(cls).items()}


def _further(cls: Any) -> dict[str, Node]:
    return getattr(cls, "json_components", {})


def _tidied(schema: Node) -> Node:
    """The schema with plain names, a type beside each enumeration, and what describes a nullable value around it."""
    node = dict(schema)
    if "properties" in node:
        node["properties"] = {name: _tidied(below) for name, below in node["properties"].items()}
    if "prefixItems" in node:
        node["prefixItems"] = [_tidied(below) for below in node["prefixItems"]]
    for keyword in ("items", "additionalProperties", "propertyNames"):
        if isinstance(node.get(keyword), dict):
            node[keyword] = _tidied(node[keyword])
    if "$ref" in node:
        node["$ref"] = _REFERENCE + _plain(node["$ref"].removeprefix(_REFERENCE))
    if "pattern" in node:
        # How Python says the end of a text, and how JSON Schema does.
        node["pattern"] = node["pattern"].replace(r"\Z", "$")
    if "description" in node:
        node["description"] = inspect.cleandoc(node["description"])
    if "anyOf" in node:
        _tidy_alternatives(node, [_tidied(below) for below in node.pop("anyOf")])
    kinds_of_values = {type(value) for value in node.get("enum", ())}
    return {"type": _TYPES[kinds_of_values.pop()], **node} if len(kinds_of_values) == 1 else node


def _tidy_alternatives(node: Node, found: list[Node]) -> None:
    """Put ``found`` back as ``anyOf`` where that is needed, with the description outside, where readers look for it."""
    # Every integer is a number: beside a number of the same limits it says nothing.
    found = [each for each in found if each.get("type") != "integer" or {**each, "type": "number"} not in found]
    values = [each for each in found if each.get("type") != "null"]
    if len(found) == 1:
        node |= {**found[0], **node}
        return
    if len(values) == 1:
        for keyword in ("description", "examples"):
            if keyword in values[0]:
                node.setdefault(keyword, values[0].pop(keyword))
    node["anyOf"] = found


def _plain(name: str) -> str:
    """``Change_Status_``, as msgspec writes ``Change[Status]``, becomes ``ChangeStatus``."""
    return re.sub(r"[^0-9A-Za-z]", "", name)


def _named(cls: Any) -> str:
    (schema,), _ = _generate([cls])
    return _plain(schema["$ref"].removeprefix(_REFERENCE))


def _require_what_is_there(schema: Node, cls: Any) -> None:
    """Mark the fields of an answer that are always there: those without a default and those whose default is sent."""
    config = (get_origin(cls) or cls).__struct_config__
    if config.omit_defaults or config.array_like:
        return
    for name, node in schema["properties"].items():
        if "default" in node:
            del node["default"]
            schema["required"].append(name)
    schema["required"] = [name for name in schema["properties"] if name in schema["required"]]


def _structs(found: Iterable[Any], seen: dict[Any, None]) -> Iterable[Any]:
    """Every struct class in or below ``found``; ``seen`` collects them, so that one that contains itself ends."""
    for kind in found:
        if isinstance(kind, kinds.StructType) and kind.cls not in seen:
            seen[kind.cls] = None
            _structs((field.type for field in kind.fields), seen)
        elif isinstance(kind, kinds.Metadata):
            _structs([kind.type], seen)
        elif isinstance(kind, kinds.CollectionType):
            _structs([kind.item_type], seen)
        elif isinstance(kind, kinds.DictType):
            _structs([kind.value_type], seen)
        elif isinstance(kind, kinds.UnionType):
            _structs(kind.types, seen)
    return seen
