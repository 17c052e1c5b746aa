"""Values written out for reading, in JSON and in Python: objects over several lines, short lists on one."""

import json
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple


class _Style(NamedTuple):
    indent: str
    last_comma: str
    constants: Mapping[object, str]


_JSON: Final = _Style("  ", "", {None: "null", True: "true", False: "false"})
_PYTHON: Final = _Style("    ", ",", {None: "None", True: "True", False: "False"})


def as_json(value: object, *, depth: int = 0) -> str:
    """JSON whose first line starts wherever it is put and whose others are indented ``depth`` steps further."""
    return _written(value, _JSON, depth)


def as_python(value: object, *, depth: int = 0) -> str:
    """The same for a Python literal."""
    return _written(value, _PYTHON, depth)


def _written(value: object, style: _Style, depth: int) -> str:
    if isinstance(value, Mapping) and value:
        rows = (f"{json.dumps(name)}: {_written(below, style, depth + 1)}" for name, below in value.items())
        return _block("{", rows, "}", style, depth)
    if isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        return _block("[", (_written(item, style, depth + 1) for item in value), "]", style, depth)
    if isinstance(value, list):
        return f"[{', '.join(_written(item, style, depth) for item in value)}]"
    if value is None or isinstance(value, bool):
        return style.constants[value]
    return json.dumps(value, ensure_ascii=False)


def _block(opening: str, rows: Iterator[str], closing: str, style: _Style, depth: int) -> str:
    indent = style.indent * (depth + 1)
    listed = f",\n{indent}".join(rows)
    return f"{opening}\n{indent}{listed}{style.last_comma}\n{style.indent * depth}{closing}"
