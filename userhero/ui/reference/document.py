"""An OpenAPI document: references followed, names given anchors that are unique on the page."""

import re
from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]


class Document:
    """Reads a document whose references all point into itself."""

    def __init__(self, content: Json) -> None:
        self.content = content

    def follow(self, node: Json) -> Json:
        """``node`` itself, or what its ``$ref`` names with the keywords beside the reference laid over it.

        Raises ``ValueError`` when a reference leaves the document, leads nowhere or leads back to itself.
        """
        seen: set[str] = set()
        while "$ref" in node:
            reference = node["$ref"]
            if reference in seen:
                raise ValueError(f"{reference} refers to itself")
            seen.add(reference)
            beside = {key: value for key, value in node.items() if key != "$ref"}
            node = {**self._at(reference), **beside}
        return node

    def _at(self, reference: str) -> Json:
        node: Any = self.content
        if not reference.startswith("#/"):
            raise ValueError(f"{reference} is not a place in this document")
        for part in reference[2:].split("/"):
            try:
                node = node[part.replace("~1", "/").replace("~0", "~")]
            except (KeyError, TypeError):
                raise ValueError(f"{reference} is named but not there") from None
        if not isinstance(node, Mapping):
            raise ValueError(f"{reference} is not an object")
        return node


class Anchors:
    """Hands out fragment identifiers: readable, and never the same twice."""

    def __init__(self, *taken: str) -> None:
        self._taken = set(taken)

    def claim(self, text: str) -> str:
        """The slug of ``text``, with a number behind it when that one is taken already."""
        words = re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", text).lower()
        slug = re.sub(r"[^a-z0-9]+", "-", words).strip("-") or "part"
        anchor, count = slug, 1
        while anchor in self._taken:
            count += 1
            anchor = f"{slug}-{count}"
        self._taken.add(anchor)
        return anchor
