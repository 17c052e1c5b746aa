"""What an object of the API looks like: exactly which fields it has, of which type, and whether they may be null."""

import re
from typing import Any

TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z", re.ASCII)

# By field: "string", "time", "integer", "boolean", "object", "strings" or "objects"; with a "?" where it may be null.
Fields = dict[str, str]


def kinds_of(value: Any) -> set[str]:
    """Every kind that a JSON value is of; null is of none."""
    if isinstance(value, list):
        return {
            name for name, kind in (("strings", str), ("objects", dict)) if all(type(each) is kind for each in value)
        }
    if isinstance(value, str):
        return {"string", "time"} if TIME.fullmatch(value) else {"string"}
    # ``type``, not ``isinstance``: a boolean is no integer.
    return {{int: "integer", float: "number", bool: "boolean", dict: "object"}.get(type(value), "null")}


def check_fields(found: Any, fields: Fields, *, filled: bool = False) -> None:
    """Fail unless an object has these fields and no others, each of its kind. ``filled`` says that none is null."""
    assert found.keys() == fields.keys(), found.keys() ^ fields.keys()
    for name, kind in fields.items():
        value = found[name]
        if value is None:
            assert kind.endswith("?"), f"{name} is null"
            assert not filled, f"{name} is null"
        else:
            assert kind.removesuffix("?") in kinds_of(value), f"{name} is no {kind}: {value!r}"
