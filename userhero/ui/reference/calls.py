"""From an operation in the document to an HTTP call that somebody could make."""

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote, urljoin

from userhero.ui.reference.document import Document, Json
from userhero.ui.reference.examples import Examples, example_in
from userhero.ui.reference.snippets import Call
from userhero.ui.reference.variants import values_of

_PREFERRED: Final = ("application/json", "multipart/form-data")
_PLACEHOLDER: Final = "YOUR_API_KEY"


class Calls:
    """Makes example calls. ``base_url`` is absolute; the document's first server is resolved against it."""

    def __init__(self, document: Document, base_url: str) -> None:
        self._document = document
        self._examples = Examples(document)
        servers = document.content.get("servers") or [{"url": ""}]
        self.base_url = urljoin(base_url, servers[0]["url"]).rstrip("/")

    def scopes(self, operation: Json) -> tuple[str, ...]:
        """What a credential must be allowed to do, as the operation's security requirement lists it."""
        return tuple(
            dict.fromkeys(s for requirement in self._security(operation) for each in requirement.values() for s in each)
        )

    def call(self, method: str, path: str, operation: Json, parameters: Iterable[Json]) -> Call:
        """An example call with everything that is required and nothing else that is not shown by example."""
        query: dict[str, str] = {}
        headers = self._credentials(operation)
        for parameter in parameters:
            name, place = parameter["name"], parameter["in"]
            if place == "path":
                path = path.replace(f"{{{name}}}", quote(self._value(parameter, f"{{{name}}}"), safe="{}"))
            elif parameter.get("required") and place in ("query", "header"):
                (query if place == "query" else headers)[name] = self._value(parameter, name)
        media_type, content = content_of(self._document.follow(operation.get("requestBody", {})))
        return Call(
            method=method,
            url=f"{self.base_url}{path}",
            query=query,
            headers=headers,
            body=self._body(content) if "json" in media_type else None,
            form=self._form(content) if media_type == "multipart/form-data" else {},
        )

    def _value(self, parameter: Json, fallback: str) -> str:
        if "example" in parameter:
            return str(parameter["example"])
        value = self._examples.full(parameter.get("schema", {}))
        return fallback if value in (None, "string") else str(value)

    def _body(self, content: Json) -> Any:
        if "example" in content:
            return content["example"]
        for example in content.get("examples", {}).values():
            return self._document.follow(example).get("value")
        return self._examples.brief(content.get("schema", {}))

    def _form(self, content: Json) -> dict[str, str]:
        schema = self._document.follow(content.get("schema", {}))
        required = schema.get("required", ())
        parts = {}
        for name, node in schema.get("properties", {}).items():
            if self._is_file(node):
                parts[name] = f"@{example_in(node) or name}"
            elif name in required:
                parts[name] = str(self._examples.full(node))
        return parts

    def _is_file(self, node: Json) -> bool:
        allowed = [variant.node for variant in values_of(self._document, node)]
        return any(each.get("format") == "binary" or "contentMediaType" in each for each in allowed)

    def _credentials(self, operation: Json) -> dict[str, str]:
        schemes = self._document.content.get("components", {}).get("securitySchemes", {})
        for requirement in self._security(operation)[:1]:
            for name in requirement:
                scheme = self._document.follow(schemes.get(name, {}))
                value = scheme.get("x-example", _PLACEHOLDER)
                if scheme.get("type") == "http" and scheme.get("scheme", "").lower() == "bearer":
                    return {"Authorization": f"Bearer {value}"}
                if scheme.get("type") == "apiKey" and scheme.get("in") == "header":
                    return {scheme["name"]: value}
        return {}

    def _security(self, operation: Json) -> list[Json]:
        return list(operation.get("security", self._document.content.get("security", ())))


def content_of(node: Json) -> tuple[str, Json]:
    """The media type that a reader wants most, JSON first, and its description; ``("", {})`` for none."""
    content: dict[str, Json] = node.get("content", {})
    for media_type in (*_PREFERRED, *content):
        if media_type in content:
            return media_type, content[media_type]
    return "", {}
