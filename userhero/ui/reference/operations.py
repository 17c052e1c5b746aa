"""The operations of a document, each with all that its place on the page shows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from markupsafe import Markup

from userhero.ui.markdown import phrase, prose
from userhero.ui.reference.calls import Calls, content_of
from userhero.ui.reference.document import Document, Json
from userhero.ui.reference.examples import Examples
from userhero.ui.reference.literals import as_json
from userhero.ui.reference.schemas import Field, Piece, Schemas
from userhero.ui.reference.snippets import Snippet, snippets

METHODS: Final = ("get", "post", "put", "patch", "delete", "head", "options", "trace")
_PLACES: Final = (("path", "Path"), ("query", "Query"), ("header", "Headers"), ("cookie", "Cookies"))


class Endpoint(NamedTuple):
    """A method on a path, as the document has it."""

    method: str
    path: str
    node: Json
    shared_parameters: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """Fields under a heading: parameters of one place, or a body with its media type."""

    title: str
    note: str
    fields: tuple[Field, ...]
    whole: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes back for one status; for an error, the codes that tell it from others."""

    status: str
    meaning: str
    codes: tuple[str, ...]
    description: Markup
    group: FieldGroup | None


class Sample(NamedTuple):
    """An example body with the caption above it."""

    title: str
    code: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, ready to show."""

    anchor: str
    method: str
    path: str
    title: str
    deprecated: bool
    description: Markup
    scopes: tuple[str, ...]
    inputs: tuple[FieldGroup, ...]
    successes: tuple[Answer, ...]
    errors: tuple[Answer, ...]
    snippets: tuple[Snippet, ...]
    requests: tuple[Sample, ...]
    responses: tuple[Sample, ...]


def endpoints(document: Document) -> Iterator[Endpoint]:
    """Every operation of the document, in its order."""
    for path, item in document.content.get("paths", {}).items():
        node = document.follow(item)
        shared = tuple(node.get("parameters", ()))
        for method in METHODS:
            if method in node:
                yield Endpoint(method.upper(), path, node[method], shared)


class Operations:
    """Turns endpoints into what the page shows."""

    def __init__(self, document: Document, schemas: Schemas, calls: Calls) -> None:
        self._document = document
        self._schemas = schemas
        self._examples = Examples(document)
        self._calls = calls

    def describe(self, endpoint: Endpoint, anchor: str) -> Operation:
        """Everything about one endpoint."""
        node = endpoint.node
        # Some documents name the scope in the text as well; once is enough.
        description = node.get("description", "")
        parameters = self._parameters(endpoint)
        answers = [self._answer(status, each) for status, each in node.get("responses", {}).items()]
        return Operation(
            anchor=anchor,
            method=endpoint.method,
            path=endpoint.path,
            title=title_of(endpoint),
            deprecated=bool(node.get("deprecated")),
            description=prose(description),
            scopes=tuple(scope for scope in self._calls.scopes(node) if f"`{scope}`" not in description),
            inputs=(*self._parameter_groups(parameters), *self._body_groups(node)),
            successes=tuple(answer for answer in answers if not _is_error(answer.status)),
            errors=tuple(answer for answer in answers if _is_error(answer.status)),
            snippets=snippets(self._calls.call(endpoint.method, endpoint.path, node, parameters)),
            requests=tuple(self._further_requests(node)),
            responses=tuple(self._responses(node)),
        )

    def _parameters(self, endpoint: Endpoint) -> list[Json]:
        every = (*endpoint.shared_parameters, *endpoint.node.get("parameters", ()))
        # An operation's own parameter replaces one that the path gives all its operations.
        by_name = {(each["in"], each["name"]): each for each in map(self._document.follow, every)}
        return list(by_name.values())

    def _parameter_groups(self, parameters: list[Json]) -> Iterator[FieldGroup]:
        for place, title in _PLACES:
            fields = tuple(self._parameter(each) for each in parameters if each["in"] == place)
            if fields:
                yield FieldGroup(title, "", fields)

    def _parameter(self, parameter: Json) -> Field:
        beside = {key: parameter[key] for key in ("description", "deprecated") if key in parameter}
        schema = {**parameter.get("schema", {}), **beside}
        return self._schemas.field(parameter["name"], schema, required=bool(parameter.get("required")))

    def _body_groups(self, node: Json) -> Iterator[FieldGroup]:
        body = self._document.follow(node.get("requestBody", {}))
        media_type, content = content_of(body)
        if media_type:
            yield self._group("Body", "" if media_type == "application/json" else media_type, content)

    def _group(self, title: str, note: str, content: Json) -> FieldGroup:
        schema = content.get("schema", {})
        section = self._schemas.section(schema)
        fields = () if section else self._schemas.fields(schema)
        return FieldGroup(title, note, fields, () if fields else self._schemas.type_of(schema))

    def _answer(self, status: str, node: Json) -> Answer:
        response = self._document.follow(node)
        media_type, content = content_of(response)
        group = None if _is_error(status) or not media_type else self._group("", media_type, content)
        codes = self._error_codes(content) if _is_error(status) else ()
        meaning = HTTPStatus(int(status)).phrase if status.isdigit() else ""
        return Answer(status, meaning, codes, phrase(response.get("description", "")), group)

    def _error_codes(self, content: Json) -> tuple[str, ...]:
        # Only what the document shows for this very status: a schema is shared by every error.
        shown = [sample.value for sample in self._given_samples(content)]
        return tuple(dict.fromkeys(code for value in shown for code in _codes_in(value)))

    def _given_samples(self, content: Json) -> list["_Given"]:
        if "example" in content:
            return [_Given("", content["example"])]
        named = ((name, self._document.follow(node)) for name, node in content.get("examples", {}).items())
        return [_Given(node.get("summary", name), node.get("value")) for name, node in named]

    def _further_requests(self, node: Json) -> Iterator[Sample]:
        _, content = content_of(self._document.follow(node.get("requestBody", {})))
        for given in self._given_samples(content)[1:]:
            yield Sample(given.title, as_json(given.value))

    def _responses(self, node: Json) -> Iterator[Sample]:
        for status, each in node.get("responses", {}).items():
            media_type, content = content_of(self._document.follow(each))
            if _is_error(status) or "json" not in media_type:
                continue
            given = self._given_samples(content) or [_Given("", self._examples.full(content.get("schema", {})))]
            for sample in given:
                yield Sample(" ".join(filter(None, (status, sample.title))), as_json(sample.value))


class _Given(NamedTuple):
    title: str
    value: Any


def title_of(endpoint: Endpoint) -> str:
    """The operation's summary, or its method and path where the document gives none."""
    return str(endpoint.node.get("summary") or f"{endpoint.method} {endpoint.path}")


def _is_error(status: str) -> bool:
    return status[:1] in ("4", "5") or status == "default"


def _codes_in(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, below in value.items():
            if name == "code" and isinstance(below, str):
                yield below
            else:
                yield from _codes_in(below)
