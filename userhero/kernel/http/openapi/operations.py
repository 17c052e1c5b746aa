"""One route as an operation: what it takes, what it answers, what it may refuse."""

from typing import Any, get_origin, get_type_hints

from userhero.kernel.http.answers import Bare, Everything, Json, Page, PageOrOne, Result, Whole
from userhero.kernel.http.openapi.components import Node, errors_of, headers
from userhero.kernel.http.openapi.schemas import Schemas
from userhero.kernel.http.routing import WITH_BODY, Route

_PAGINATION = {"$ref": "#/components/schemas/Pagination"}


class Operations:
    """Describes routes with ``schemas``; ``security`` names the scheme that all of them ask for."""

    def __init__(self, schemas: Schemas, security: str) -> None:
        self._schemas = schemas
        self._security = security

    def describe(self, route: Route, *, readable: bool) -> Node:
        """The operation. ``readable`` says that the object of this path can be read, so that ``If-Match`` works."""
        conditional = readable and route.method in ("PATCH", "DELETE")
        node: Node = {
            "operationId": route.name,
            "tags": [route.tag],
            "summary": route.summary.partition(". ")[0],
            "description": self._description(route),
            "security": [{self._security: [route.scope]}],
            "x-required-scope": route.scope,
            "parameters": [*self._path(route), *self._query(route), *_headers(route, conditional=conditional)],
        }
        content = self._content(route)
        if content:
            node["requestBody"] = {"required": True, "content": content}
        node["responses"] = {
            **self._successes(route),
            **errors_of(conflicts=_may_conflict(route), conditional=conditional),
        }
        return node

    def _content(self, route: Route) -> Node:
        if route.upload is not None:
            return {"multipart/form-data": {"schema": self._schemas.form(route, route.upload)}}
        return {} if route.body is None else _json(self._schemas.of(route.body), route.example)

    def _description(self, route: Route) -> str:
        _, _, after_summary = route.summary.partition(". ")
        families = self._families(route).items()
        paragraphs = [
            after_summary and f"{after_summary}.",
            route.description,
            *(node.get("description", f"Takes `{name}.<id>=<value>` as well.") for name, node in families),
            f"Scope: `{route.scope}`.",
        ]
        return "\n\n".join(filter(None, paragraphs))

    def _path(self, route: Route) -> list[Node]:
        hints = get_type_hints(route.handler, include_extras=True)
        return [
            {
                "name": _camel(name),
                "in": "path",
                "required": True,
                **_parameter({"description": _worded(name), "minLength": 1, **self._schemas.of(hints[name])}),
            }
            for name in route.parameters
        ]

    def _query(self, route: Route) -> list[Node]:
        if "query" not in route.takes:
            return []
        schema = self._schemas.query(route)
        families = self._families(route)
        return [
            {
                "name": name,
                "in": "query",
                **({"required": True} if name in schema["required"] else {}),
                **_parameter(_given(node)),
            }
            for name, node in schema["properties"].items()
            if name not in families and name not in map(_camel, route.parameters)
        ]

    def _families(self, route: Route) -> Node:
        """Parameters like ``custom.<id>=value``: OpenAPI has no form for names that the caller completes."""
        properties = self._schemas.query(route)["properties"] if "query" in route.takes else {}
        return {name: node for name, node in properties.items() if node.get("type") == "object"}

    def _successes(self, route: Route) -> Node:
        tagged = _is_tagged(route)
        named = (*(["ETag"] if tagged else []), *(["Idempotent-Replayed"] if route.method in WITH_BODY else []))
        node = {
            "description": "Created." if route.status == 201 else "Done." if route.writes else "Found.",
            "headers": headers(*named),
            "content": _json(self._enveloped(route)),
        }
        answers = {str(route.status): node}
        if tagged and route.method == "GET":
            answers["304"] = {"description": "`If-None-Match` names the object as it is.", "headers": headers("ETag")}
        return answers

    def _enveloped(self, route: Route) -> Node:
        inner = self._schemas.answer(route)
        envelope = get_origin(route.output)
        if envelope is Bare:
            return inner
        if envelope is Json:
            return _object({"data": inner})
        members = {"data": {"type": "array", "items": inner}, "pagination": _PAGINATION}
        if envelope is Everything:
            del members["pagination"]
        elif envelope is PageOrOne:
            return {"oneOf": [_object(members), _object({"data": inner})]}
        elif envelope not in (Page, Whole):
            raise TypeError(f"{route.method} {route.path}: no envelope is known for {route.output!r}")
        return _object(members, optional="pagination" if envelope is Whole else None)


def path_of(route: Route) -> str:
    """The path as the document writes it: parameters in camel case, like everything that callers see."""
    return "/".join(f"{{{_camel(part[1:-1])}}}" if part.startswith("{") else part for part in route.path.split("/"))


def _headers(route: Route, *, conditional: bool) -> list[Node]:
    found = ["IdempotencyKey"] if route.method in WITH_BODY else []
    if conditional:
        found.append("IfMatch")
    if _is_tagged(route) and route.method == "GET":
        found.append("IfNoneMatch")
    return [{"$ref": f"#/components/parameters/{name}"} for name in found]


def _is_tagged(route: Route) -> bool:
    """True where the answer carries an ``ETag``: what a delete leaves has no versions."""
    envelope: type[Result] = get_origin(route.output)
    return envelope.tagged and route.method != "DELETE"


def _may_conflict(route: Route) -> bool:
    """True for writes, and where what was asked for may name several objects."""
    return route.writes or get_origin(route.output) is PageOrOne


def _given(node: Node) -> Node:
    """The value of a parameter that is there: one that is not has no ``null`` to write."""
    others = [below for below in node.get("anyOf", ()) if below.get("type") != "null"]
    outer = {key: value for key, value in node.items() if key != "anyOf" and (key, value) != ("default", None)}
    return {**outer, **others[0]} if len(others) == 1 else node


def _parameter(schema: Node) -> Node:
    """The rest of a parameter: its description stands beside its schema."""
    inner = {key: value for key, value in schema.items() if key != "description"}
    return {"description": schema["description"], "schema": inner} if "description" in schema else {"schema": inner}


def _object(properties: Node, optional: str | None = None) -> Node:
    required = [name for name in properties if name != optional]
    return {"type": "object", "properties": properties, "required": required}


def _json(schema: Node, example: Any = None) -> Node:
    return {"application/json": {"schema": schema, **({} if example is None else {"example": example})}}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def _worded(name: str) -> str:
    """The description of a path parameter that has none: ``project_id`` is the project ID."""
    words = ["ID" if word == "id" else word for word in name.split("_")]
    return " ".join([words[0].capitalize(), *words[1:]]) + "."
