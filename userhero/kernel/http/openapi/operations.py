"""One route as an operation: what it takes, what it answers, what it may refuse."""

import inspect
from typing import Any, get_origin, get_type_hints

from userhero.kernel.http.answers import Bare, Everything, Json, Page, PageOrOne, Result, Whole
from userhero.kernel.http.inputs import Input
from userhero.kernel.http.openapi.components import Node, errors_of, headers
from userhero.kernel.http.openapi.examples import Examples
from userhero.kernel.http.openapi.schemas import Schemas, contents_of
from userhero.kernel.http.routing import WITH_BODY, Route

_PAGINATION = {"$ref": "#/components/schemas/Pagination"}
_DONE = {"GET": "Found", "POST": "Done", "PUT": "Replaced", "PATCH": "Changed"}


class Operations:
    """Describes routes with ``schemas``; ``security`` names the scheme that all of them ask for."""

    def __init__(self, schemas: Schemas, security: str) -> None:
        self._schemas = schemas
        self._examples = Examples(schemas.components)
        self._security = security

    def describe(self, route: Route, *, readable: bool) -> Node:
        """The operation. ``readable`` says that the object of this path can be read, so that ``If-Match`` works."""
        conditional = readable and route.method in ("PUT", "PATCH", "DELETE")
        node: Node = {
            "operationId": route.name,
            "tags": [route.tag],
            "summary": route.summary.partition(". ")[0],
            "description": self._description(route),
            "security": [{self._security: list(route.scopes)}],
            "x-required-scope": route.scope,
            "parameters": [*self._path(route), *self._query(route), *_headers(route, conditional=conditional)],
        }
        content = self._content(route)
        if content:
            node["requestBody"] = {"required": route.body is not Input, "content": content}
        node["responses"] = {
            **self._successes(route),
            **errors_of(missing=_may_miss(route), conflicts=_may_conflict(route), conditional=conditional),
        }
        return node

    def _content(self, route: Route) -> Node:
        if route.upload is not None:
            return {"multipart/form-data": {"schema": self._schemas.form(route, route.upload)}}
        if route.body is None:
            return {}
        schema = self._schemas.of(route.body)
        example = self._examples.of(schema) if route.example is None else route.example
        return {"application/json": {"schema": schema, "example": example}}

    def _description(self, route: Route) -> str:
        _, _, after_summary = route.summary.partition(". ")
        families = self._families(route).items()
        paragraphs = [
            after_summary and f"{after_summary}.",
            route.description,
            *(node.get("description", f"Takes `{name}.<id>=<value>` as well.") for name, node in families),
            f"Scope: {' and '.join(f'`{scope}`' for scope in route.scopes)}.",
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
        schema = self._enveloped(route)
        node = {
            "description": _outcome(route),
            "headers": headers(*named),
            "content": {"application/json": {"schema": schema, **self._shown(schema)}},
        }
        answers = {str(route.status): node}
        if tagged and route.method == "GET":
            answers["304"] = {"description": "`If-None-Match` names the object as it is.", "headers": headers("ETag")}
        return answers

    def _shown(self, schema: Node) -> Node:
        """What an answer looks like: one example, or one for each of its kinds."""
        inner = schema.get("properties", {}).get("data", {})
        if "oneOf" in schema:
            kinds = dict(zip(("page", "one"), schema["oneOf"], strict=True))
        elif "anyOf" in inner:
            kinds = {each["$ref"].rpartition("/")[2]: _object({"data": each}) for each in inner["anyOf"]}
        else:
            return {"example": self._examples.of(schema)}
        return {"examples": {name: {"value": self._examples.of(each)} for name, each in kinds.items()}}

    def _enveloped(self, route: Route) -> Node:
        inner = self._schemas.answer(route)
        envelope = get_origin(route.output)
        if envelope is Bare:
            return inner
        if envelope is Json:
            return _object({"data": inner})
        entries = {"type": "array", "items": inner, "description": "The entries, in the order asked for."}
        members = {"data": entries, "pagination": _PAGINATION}
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


def _may_miss(route: Route) -> bool:
    """True where the request names something, were it only the workspace."""
    return bool(route.parameters) or route.takes >= {"query"} or route.body is not None


def _may_conflict(route: Route) -> bool:
    """True where it is declared or an ``Idempotency-Key`` heeded, and where the question may name several objects."""
    return route.conflicts or route.method in WITH_BODY or get_origin(route.output) is PageOrOne


def _outcome(route: Route) -> str:
    """What a success means and holds, in a sentence or two."""
    if route.method == "DELETE":
        return "Deleted. The answer says what is gone."
    content = ", or ".join(_in_a_sentence(each) for each in contents_of(route))
    envelope = get_origin(route.output)
    if envelope is Page:
        return f"A page of the list. Each entry is {content}."
    if envelope is Whole:
        return f"The list, or the page of it that was asked for. Each entry is {content}."
    if envelope is Everything:
        return f"The whole list. Each entry is {content}."
    if envelope is PageOrOne:
        return f"A page of the list, or the one that was looked up: {content}."
    return f"{'Created' if route.status == 201 else _DONE[route.method]}: {content}."


def _in_a_sentence(content: Any) -> str:
    """The first sentence on a type, ready to stand inside another one."""
    text = inspect.cleandoc((get_origin(content) or content).__doc__ or "the answer")
    first = " ".join(text.partition(". ")[0].partition(":")[0].split()).removesuffix(".")
    return first[:1].lower() + first[1:]


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


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def _worded(name: str) -> str:
    """The description of a path parameter that has none: ``project_id`` is the project ID."""
    words = ["ID" if word == "id" else word for word in name.split("_")]
    return " ".join([words[0].capitalize(), *words[1:]]) + "."
