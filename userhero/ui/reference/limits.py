"""The limits of a value in words: how long, how many, how large, which values, which default."""

import json
from collections.abc import Iterator
from typing import Final

from userhero.ui.reference.document import Document, Json
from userhero.ui.reference.variants import Variant, values_of

_RANGES: Final = (
    ("minLength", "maxLength", "character"),
    ("minItems", "maxItems", "item"),
    ("minProperties", "maxProperties", "property"),
    ("minimum", "maximum", ""),
)
_PHRASES: Final = (
    ("exclusiveMinimum", "more than {:,}"),
    ("exclusiveMaximum", "less than {:,}"),
    ("multipleOf", "a multiple of {:,}"),
)


def limits_of(document: Document, schema: Json) -> tuple[str, ...]:
    """What a value must keep to, one phrase each: ``1 to 5,000 characters``, ``at most 20 items``."""
    phrases = (phrase for variant in values_of(document, schema) for phrase in _limits(document, variant))
    return tuple(dict.fromkeys(phrases))


def pattern_of(document: Document, schema: Json) -> str:
    """The regular expression that a text must match; empty when there is none."""
    patterns = (str(variant.node["pattern"]) for variant in values_of(document, schema) if "pattern" in variant.node)
    return next(patterns, "")


def allowed_values(document: Document, schema: Json) -> tuple[str, ...]:
    """The values of an enumeration, also of one inside an array; empty when any value will do."""
    found: dict[str, None] = {}
    for variant in values_of(document, schema):
        if variant.kind == "array" and variant.content is not None:
            found |= dict.fromkeys(allowed_values(document, variant.content))
        found |= dict.fromkeys(_written(value) for value in variant.values if value is not None)
    return tuple(found)


def default_of(schema: Json) -> str:
    """The default as one would write it; empty for none, null, and empty lists or objects."""
    default = schema.get("default")
    return "" if default is None or default in ([], {}, "") else _written(default)


def _limits(document: Document, variant: Variant) -> Iterator[str]:
    node = variant.node
    for low, high, unit in _RANGES:
        phrase = _range(node.get(low), node.get(high), unit)
        if phrase:
            yield phrase
    for keyword, phrase in _PHRASES:
        if keyword in node:
            yield phrase.format(node[keyword])
    if node.get("uniqueItems"):
        yield "no duplicates"
    if node.get("format", "binary") != "binary":
        yield str(node["format"])
    if variant.content is not None:
        for phrase in limits_of(document, variant.content):
            yield f"each {phrase}"


def _range(low: float | None, high: float | None, unit: str) -> str:
    if not low and high is None and not (low == 0 and not unit):
        return ""
    if low == high:
        amount, last = f"exactly {low:,}", low
    elif high is None:
        amount, last = f"at least {low:,}", low
    elif low is None or (low == 0 and unit):
        amount, last = f"at most {high:,}", high
    else:
        amount, last = f"{low:,} to {high:,}", high
    return f"{amount} {_plural(unit, last)}".rstrip()


def _plural(unit: str, amount: float | None) -> str:
    if not unit or amount == 1:
        return unit
    return f"{unit[:-1]}ies" if unit.endswith("y") else f"{unit}s"


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
