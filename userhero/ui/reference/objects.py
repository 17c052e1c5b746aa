"""Which objects of a document deserve a section of their own, so that answers can link to them."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from userhero.ui.reference.document import Document, Json
from userhero.ui.reference.variants import Variant, variants

_LARGE: Final = 10


def shared_objects(document: Document, answers: Iterable[Json]) -> dict[str, Variant]:
    """Named objects by reference, in the order in which ``answers`` lead to them.

    They sit below the top level of some answer, and are met more than once or have at least ten fields.
    What only ever is a whole answer, such as the envelope around a page of objects, stays with its operation.
    """
    met: Counter[str] = Counter()
    nested: dict[str, Variant] = {}

    def visit(schema: Json, *, inside: bool) -> None:
        for variant in variants(document, schema):
            properties = variant.node.get("properties", {})
            if variant.reference is not None and properties:
                met[variant.reference] += 1
                if inside:
                    nested.setdefault(variant.reference, variant)
                if met[variant.reference] > 1:
                    continue
            for below in (*properties.values(), variant.content):
                if below is not None:
                    visit(below, inside=True)

    for answer in answers:
        visit(answer, inside=False)
    return {
        reference: variant
        for reference, variant in nested.items()
        if met[reference] > 1 or len(variant.node["properties"]) >= _LARGE
    }
