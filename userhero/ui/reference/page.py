"""The reference page as a whole: introduction, operations by tag, shared objects."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup

from userhero.ui.markdown import article, prose
from userhero.ui.reference.calls import Calls, content_of
from userhero.ui.reference.document import Anchors, Document, Json
from userhero.ui.reference.examples import Examples
from userhero.ui.reference.literals import as_json
from userhero.ui.reference.objects import shared_objects
from userhero.ui.reference.operations import Endpoint, Operation, Operations, endpoints, title_of
from userhero.ui.reference.schemas import Field, Schemas
from userhero.ui.reference.variants import Variant
from userhero.ui.render import interface_templates

# Identifiers that the page itself uses.
_OWN_ANCHORS: Final = ("main", "contents", "introduction", "objects", "filter")
_UNTAGGED: Final = "Other"


@dataclass(frozen=True, slots=True)
class Group:
    """The operations of one tag."""

    anchor: str
    title: str
    description: Markup
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class SharedObject:
    """An object that several answers hold, explained once."""

    anchor: str
    title: str
    description: Markup
    fields: tuple[Field, ...]
    example: str


def render_reference(document: dict[str, Any], *, base_url: str, document_url: str | None = None) -> str:
    """The page for people about an OpenAPI 3.1 document, as a whole HTML document.

    ``base_url`` is the absolute address of this server; the document's first server is resolved against it.
    ``document_url`` is where the document itself can be had; the page links to it when it is given.
    Raises ``ValueError`` when a reference in the document leads nowhere.
    """
    content = Document(document)
    anchors = Anchors(*_OWN_ANCHORS)
    introduction = article(content.content["info"].get("description", ""), anchor_for=anchors.claim)
    # Tags and operations come before objects, so that the links people share are the short ones.
    tags = {name: anchors.claim(name) for name in _by_tag(content)}
    operation_anchors = _operation_anchors(content, anchors)
    shared = shared_objects(content, _answers(content))
    sections = {reference: anchors.claim(f"{variant.title} object") for reference, variant in shared.items()}
    schemas = Schemas(content, sections)
    calls = Calls(content, base_url)
    operations = Operations(content, schemas, calls)
    return interface_templates().render(
        "ui/reference.html",
        product=content.content["info"]["title"],
        version=content.content["info"].get("version", ""),
        base_url=calls.base_url,
        document_url=document_url,
        introduction=introduction,
        groups=_groups(content, tags, operations, operation_anchors),
        objects=[
            _shared_object(content, schemas, reference, variant, sections[reference])
            for reference, variant in shared.items()
        ],
    )


def _shared_object(document: Document, schemas: Schemas, reference: str, variant: Variant, anchor: str) -> SharedObject:
    return SharedObject(
        anchor=anchor,
        title=variant.title,
        description=prose(variant.node.get("description", "")),
        fields=schemas.fields(variant.node, above=(reference,)),
        example=as_json(Examples(document).full({"$ref": reference})),
    )


def _groups(
    document: Document, tags: dict[str, str], operations: Operations, anchors: dict[tuple[str, str], str]
) -> list[Group]:
    texts = {tag["name"]: tag.get("description", "") for tag in document.content.get("tags", ())}
    return [
        Group(
            anchor=tags[name],
            title=name,
            description=prose(texts.get(name, "")),
            operations=tuple(operations.describe(each, anchors[each.method, each.path]) for each in members),
        )
        for name, members in _by_tag(document).items()
    ]


def _by_tag(document: Document) -> dict[str, list[Endpoint]]:
    """Endpoints under their first tag: the tags that the document lists, in its order, then others as met."""
    members: dict[str, list[Endpoint]] = {tag["name"]: [] for tag in document.content.get("tags", ())}
    for endpoint in endpoints(document):
        name = next(iter(endpoint.node.get("tags", ())), _UNTAGGED)
        members.setdefault(name, []).append(endpoint)
    return {name: found for name, found in members.items() if found}


def _operation_anchors(document: Document, anchors: Anchors) -> dict[tuple[str, str], str]:
    return {
        (each.method, each.path): anchors.claim(each.node.get("operationId") or title_of(each))
        for each in endpoints(document)
    }


def _answers(document: Document) -> Iterator[Json]:
    for endpoint in endpoints(document):
        for status, answer in endpoint.node.get("responses", {}).items():
            if status.startswith("2"):
                _, content = content_of(document.follow(answer))
                yield content.get("schema", {})
