"""JSON Schema as a reader needs it: rows of name, type, description and limits."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from userhero.ui.markdown import prose
from userhero.ui.reference.document import Document, Json
from userhero.ui.reference.limits import allowed_values, default_of, limits_of, pattern_of
from userhero.ui.reference.variants import Variant, values_of, variants


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a type's name; with ``href`` when that part is explained elsewhere on the page."""

    text: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields of one object, under the name that the document gives it (may be empty)."""

    title: str
    fields: "tuple[Field, ...]"


@dataclass(frozen=True, slots=True)
class Field:
    """One property or parameter, ready to show."""

    name: str
    type: tuple[Piece, ...]
    required: bool
    deprecated: bool
    description: Markup
    limits: tuple[str, ...]
    pattern: str
    values: tuple[str, ...]
    default: str
    shapes: tuple[Shape, ...]


class Schemas:
    """Describes the schemas of a document. ``sections`` maps references explained once to their anchors."""

    def __init__(self, document: Document, sections: Mapping[str, str]) -> None:
        self._document = document
        self._sections = sections

    def section(self, schema: Json) -> Piece | None:
        """A link to the section of the page that explains this very schema, if there is one."""
        (variant, *others) = variants(self._document, schema)
        return self._link(variant) if not others else None

    def fields(self, schema: Json, *, above: tuple[str, ...] = ()) -> tuple[Field, ...]:
        """An object's properties in the document's order; ``above`` are references already being expanded."""
        found = []
        for variant in values_of(self._document, schema):
            required = variant.node.get("required", ())
            for name, node in variant.node.get("properties", {}).items():
                found.append(self.field(name, node, required=name in required, above=_with(above, variant)))
        return tuple(found)

    def field(self, name: str, schema: Json, *, required: bool, above: tuple[str, ...] = ()) -> Field:
        """One row: what the value is, what limits it, and the fields below it."""
        allowed = values_of(self._document, schema)
        plain = self._document.follow(schema)
        only = allowed[0].node if len(allowed) == 1 else {}
        return Field(
            name=name,
            type=self.type_of(schema),
            required=required,
            deprecated=bool(plain.get("deprecated")),
            description=prose(str(plain.get("description", only.get("description", "")))),
            limits=limits_of(self._document, schema),
            pattern=pattern_of(self._document, schema),
            values=allowed_values(self._document, schema),
            default=default_of(plain),
            shapes=tuple(self._shapes(allowed, above)),
        )

    def type_of(self, schema: Json) -> tuple[Piece, ...]:
        """The type's name in words, null last: ``array of string or null``."""
        every = list(variants(self._document, schema))
        names = dict.fromkeys(self._name(variant) for variant in every if variant.kind != "null")
        if len(every) > 1 and any(variant.kind == "null" for variant in every):
            names[(Piece("null"),)] = None
        return tuple(_alternatives(names))

    def _name(self, variant: Variant) -> tuple[Piece, ...]:
        link = self._link(variant)
        if link is not None:
            return (link,)
        if variant.content is None:
            return (Piece(_word_for(variant)),)
        inner = self.type_of(variant.content)
        if _OR in inner:
            return (Piece(f"{variant.kind} of ("), *inner, Piece(")"))
        return (Piece(f"{variant.kind} of "), *inner)

    def _link(self, variant: Variant) -> Piece | None:
        anchor = self._sections.get(variant.reference or "")
        return None if anchor is None else Piece(variant.title, f"#{anchor}")

    def _shapes(self, allowed: Iterable[Variant], above: tuple[str, ...]) -> Iterator[Shape]:
        for variant in allowed:
            if variant.reference in above or self._link(variant) is not None:
                continue
            if variant.content is not None:
                yield from self._shapes(values_of(self._document, variant.content), above)
            elif "properties" in variant.node:
                yield Shape(variant.title, self.fields(variant.node, above=_with(above, variant)))


_OR = Piece(" or ")


def _word_for(variant: Variant) -> str:
    # OpenAPI calls an uploaded file a binary string.
    if variant.node.get("format") == "binary":
        return "file"
    return variant.title if variant.title and "properties" in variant.node else variant.kind


def _alternatives(names: Iterable[tuple[Piece, ...]]) -> Iterator[Piece]:
    for number, name in enumerate(names):
        if number:
            yield _OR
        yield from name


def _with(above: tuple[str, ...], variant: Variant) -> tuple[str, ...]:
    return (*above, variant.reference) if variant.reference else above
