"""The document as a whole: paths in the order in which the routes were declared, and what they share."""

from collections import Counter
from typing import Any

from userhero.kernel.http.openapi.components import HEADERS, PARAMETERS, error_responses, error_schema
from userhero.kernel.http.openapi.operations import Operations, path_of
from userhero.kernel.http.openapi.schemas import Schemas
from userhero.kernel.http.routing import Route, RouteTable

SECURITY = "apiKey"
_BEARER = {"type": "http", "scheme": "bearer", "description": "An API key, as `Authorization: Bearer <key>`."}


def build(
    table: RouteTable,
    *,
    title: str,
    version: str,
    description: str,
    server_url: str,
    tags: dict[str, str] | None = None,
) -> dict[str, Any]:
    """The OpenAPI 3.1 document of every route in ``table``; the same table gives the same document, byte for byte.

    ``description`` is the introduction, in Markdown. ``server_url`` is what the paths are appended to. ``tags`` says
    what stands under a heading and in which order the headings come; headings without a route are left out.
    Raises ValueError where two operations share a name, or two types that the document shows do.
    """
    _check_names(table.all)
    schemas = Schemas(table.all)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": description.strip()},
        "servers": [{"url": server_url}],
        "tags": _tags(table.all, tags or {}),
        "paths": _paths(table.all, Operations(schemas, SECURITY)),
        "components": {
            "securitySchemes": {SECURITY: _BEARER},
            "schemas": dict(sorted({**schemas.components, "Error": error_schema()}.items())),
            "parameters": PARAMETERS,
            "responses": error_responses(),
            "headers": HEADERS,
        },
    }


def _paths(routes: list[Route], operations: Operations) -> dict[str, dict[str, Any]]:
    readable = {route.path for route in routes if route.method == "GET"}
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        described = operations.describe(route, readable=route.path in readable)
        paths.setdefault(path_of(route), {})[route.method.lower()] = described
    return paths


def _tags(routes: list[Route], texts: dict[str, str]) -> list[dict[str, str]]:
    used = dict.fromkeys(route.tag for route in routes)
    ordered = [*(name for name in texts if name in used), *(name for name in used if name not in texts)]
    return [{"name": name, **({"description": texts[name]} if texts.get(name) else {})} for name in ordered]


def _check_names(routes: list[Route]) -> None:
    twice = [name for name, count in Counter(route.name for route in routes).items() if count > 1]
    if twice:
        raise ValueError(f"more than one operation is called {', '.join(twice)}")
