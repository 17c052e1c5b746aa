"""Values of conditions as they are typed: one text for each, with a line for each of several."""

from typing import Any, Literal

import msgspec

from userhero.automations.fields import Kind, kind_of

Takes = Literal["nothing", "hours", "one", "lines"]

_FLAGS = {"true": True, "false": False}
_decode = msgspec.json.Decoder(int | float | bool | str).decode
_encode = msgspec.json.Encoder().encode


def takes(operator: str) -> Takes:
    """What is typed for an operator."""
    if operator in ("is_set", "is_not_set"):
        return "nothing"
    if operator in ("older_than", "newer_than"):
        return "hours"
    return "lines" if operator in ("in", "not_in", "contains", "not_contains") else "one"


def text_of(field: str, value: Any) -> str:
    """What is typed for a value."""
    if isinstance(value, list):
        return "\n".join(_written(field, each) for each in value)
    return "" if value is None else _written(field, value)


def value_of(field: str, operator: str, text: str) -> Any:
    """The value that was typed; where it fits no rule it stays a text, for whoever checks it to say so."""
    how = takes(operator)
    if how == "nothing":
        return None
    if how == "hours":
        return _number(text)
    if how == "one":
        return _read(field, text.strip())
    lines = [_read(field, line) for each in text.splitlines() if (line := each.strip())]
    return lines[0] if len(lines) == 1 and operator in ("contains", "not_contains") else lines


def _read(field: str, text: str) -> Any:
    kind: Kind | None = kind_of(field)
    if kind == "number":
        return _number(text)
    if kind == "flag":
        return _FLAGS.get(text, text)
    return _scalar(text) if kind == "any" else text


def _written(field: str, value: Any) -> str:
    if isinstance(value, str):
        # Of a field that may hold anything, a text that looks like something else is quoted.
        return _encode(value).decode() if kind_of(field) == "any" and _scalar(value) != value else value
    return _encode(value).decode()


def _number(text: str) -> Any:
    found = _scalar(text.strip())
    return text if isinstance(found, str | bool) else found


def _scalar(text: str) -> Any:
    try:
        return _decode(text)
    except (msgspec.DecodeError, ValueError):
        return text
