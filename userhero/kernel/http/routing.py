"""Operations as slices declare them, and the table that finds one for a request.

A declaration names the method, the path, the scope and, through the handler's annotations, the input and the output.
What is not declared stops the process when it starts: see ``Routes``.
"""

import inspect
from collections.abc import Callable
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from userhero.kernel.http.answers import Deleted, Json, Result
from userhero.kernel.http.inputs import Input
from userhero.kernel.http.uploads import Upload

Handler = Callable[..., Result | Deleted]
H = TypeVar("H", bound=Handler)

SCOPES = frozenset(
    [f"{kind}:{verb}" for kind in ("projects", "widgets", "integrations", "automations") for verb in ("read", "write")]
    + [f"{kind}:{verb}" for kind in ("feedback", "customers") for verb in ("read", "write", "delete")]
    + ["workspaces:read"]
)
WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
# Stands for any segment in the table; no segment of a request can be it.
_PARAMETER = "/"


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One operation of the API. ``also`` are scopes that it needs besides ``scope``; ``takes`` names the handler's
    parameters; ``upload`` says which files it accepts, where its body is a form with a file; ``conflicts`` that it
    answers 409 for reasons of its own; the rest describes it to people.
    """

    method: str
    path: str
    scope: str
    status: int
    handler: Handler
    body: type[Input] | None
    query: type[Input]
    output: Any
    takes: frozenset[str]
    parameters: tuple[str, ...]
    slow: bool
    tag: str
    summary: str
    description: str
    example: Any
    upload: Upload | None = None
    conflicts: bool = False
    also: tuple[str, ...] = ()

    @property
    def scopes(self) -> tuple[str, ...]:
        """Every scope that it takes."""
        return (self.scope, *self.also)

    @property
    def writes(self) -> bool:
        """True where the operation changes something."""
        return self.method in WRITING

    @property
    def name(self) -> str:
        """The operation's id in the OpenAPI document."""
        return self.handler.__name__

    @property
    def segments(self) -> tuple[str, ...]:
        """The path's parts; a parameter is ``{name}``."""
        return tuple(self.path.strip("/").split("/"))


class Routes:
    """The operations of one slice. ``tag`` is the heading they stand under in the reference; ``also`` are scopes that
    each of them needs besides its own.
    """

    def __init__(self, tag: str, *, also: tuple[str, ...] = ()) -> None:
        self.tag = tag
        self.also = also
        self.all: list[Route] = []

    def get(self, path: str, *, scope: str, slow: bool = False) -> Callable[[H], H]:
        """Declare a read."""
        return self._add("GET", path, scope, 200, slow=slow)

    def post(self, path: str, *, scope: str, status: int = 201, example: Any = None) -> Callable[[H], H]:
        """Declare a write that makes or does something."""
        return self._add("POST", path, scope, status, example=example)

    def upload(self, path: str, *, scope: str, accept: Upload) -> Callable[[H], H]:
        """Declare a write whose body is a form with a file. The handler gets the form's fields as ``body``, and as
        ``upload`` what ``accept.prepare`` made of the file, which is stored by then.
        """
        return self._add("POST", path, scope, 201, upload=accept)

    def put(self, path: str, *, scope: str, example: Any = None) -> Callable[[H], H]:
        """Declare the replacement of an object as a whole."""
        return self._add("PUT", path, scope, 200, example=example)

    def patch(self, path: str, *, scope: str, example: Any = None) -> Callable[[H], H]:
        """Declare a change of an object."""
        return self._add("PATCH", path, scope, 200, example=example)

    def delete(self, path: str, *, scope: str, conflicts: bool = False) -> Callable[[H], H]:
        """Declare a removal; ``conflicts`` says that something may stand against it."""
        return self._add("DELETE", path, scope, 200, conflicts=conflicts)

    def _add(
        self,
        method: str,
        path: str,
        scope: str,
        status: int,
        *,
        slow: bool = False,
        example: Any = None,
        upload: Upload | None = None,
        conflicts: bool = False,
    ) -> Callable[[H], H]:
        if scope not in SCOPES:
            raise ValueError(f"{method} {path}: {scope!r} is no scope")

        def declare(handler: H) -> H:
            route = _declared(self.tag, method, path, scope, status, handler, slow, example)
            self.all.append(msgspec.structs.replace(route, upload=upload, conflicts=conflicts, also=self.also))
            return handler

        return declare


def _declared(
    tag: str, method: str, path: str, scope: str, status: int, handler: Handler, slow: bool, example: Any
) -> Route:
    where = f"{method} {path}"
    hints = get_type_hints(handler, include_extras=True)
    takes = frozenset(inspect.signature(handler).parameters)
    if "return" not in hints or takes - hints.keys():
        raise TypeError(f"{where}: every parameter and the answer need a type")
    in_path = tuple(part[1:-1] for part in path.split("/") if part.startswith("{"))
    if not takes.issuperset(in_path):
        raise TypeError(f"{where}: the handler does not take {in_path}")
    if "body" in takes and method not in WITH_BODY:
        raise TypeError(f"{where}: a {method} has no body")
    summary, _, description = inspect.cleandoc(handler.__doc__ or "").partition("\n")
    if not summary:
        raise TypeError(f"{where}: needs a docstring, which the reference shows")
    return Route(
        method=method,
        path=path,
        scope=scope,
        status=status,
        handler=handler,
        body=hints.get("body"),
        query=hints.get("query", Input),
        output=_output(hints["return"]),
        takes=takes,
        parameters=in_path,
        slow=slow,
        tag=tag,
        summary=summary.rstrip("."),
        description=description.strip(),
        example=example,
    )


def _output(annotation: Any) -> Any:
    if annotation is Deleted:
        return Json[Deleted]
    if get_origin(annotation) is None or not get_args(annotation):
        raise TypeError(f"{annotation!r} does not say what the answer holds")
    return annotation


class RouteTable:
    """Every operation of the API, found by method and path."""

    def __init__(self, slices: list[Routes]) -> None:
        self.all = [route for routes in slices for route in routes.all]
        self._root: dict[str, Any] = {}
        for route in self.all:
            node = self._root
            for segment in route.segments:
                node = node.setdefault(_PARAMETER if segment.startswith("{") else segment, {})
            methods = node.setdefault("", {})
            if route.method in methods:
                raise ValueError(f"{route.method} {route.path} is declared twice")
            methods[route.method] = route

    def find(self, path: str) -> tuple[dict[str, Route], tuple[str, ...]]:
        """The operations on a path, by method, and what stands in the places of its parameters, in order."""
        node = self._root
        values = []
        for segment in path[1:].split("/"):
            if not segment or "\0" in segment:
                return {}, ()
            following = node.get(segment)
            if following is None:
                following = node.get(_PARAMETER)
                values.append(segment)
            if following is None:
                return {}, ()
            node = following
        return node.get("", {}), tuple(values)
