"""Objects as lines of a file: NDJSON as they are, or CSV (RFC 4180) that no spreadsheet takes for formulas."""

import csv
import io
from collections.abc import Callable
from typing import Any

import msgspec

from userhero.records.types import Format

# With which characters a cell becomes a formula, or ends before it should; full-width ones do where Japanese is typed.
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_MARK = "'"
_decode = msgspec.json.Decoder(dict[str, Any]).decode
_encode = msgspec.json.Encoder().encode

Lines = Callable[[list[str]], bytes]


def lines_of(kind: Format) -> Lines:
    """A function that turns JSON documents, page by page, into the lines of one file."""
    return _ndjson if kind == "ndjson" else _Table()


def _ndjson(documents: list[str]) -> bytes:
    return "".join(f"{document}\n" for document in documents).encode()


class _Table:
    """CSV with a header: the members of the first object are the columns."""

    def __init__(self) -> None:
        self._columns: list[str] = []

    def __call__(self, documents: list[str]) -> bytes:
        text = io.StringIO(newline="")
        # Numbers stay bare, everything else is quoted.
        writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
        for document in documents:
            members = _decode(document)
            if not self._columns:
                self._columns = list(members)
                writer.writerow(self._columns)
            writer.writerow([cell(members.get(name)) for name in self._columns])
        return text.getvalue().encode()


def cell(value: Any) -> str | int | float:
    """A JSON value as a cell: texts as they are, with an apostrophe before what a spreadsheet would run (and before a
    leading apostrophe, so that one can be taken off again); lists and objects as JSON; null as nothing.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    if isinstance(value, str):
        return _MARK + value if value.startswith((_MARK, *_DANGEROUS)) else value
    return _encode(value).decode()


def text_of(cell: str) -> str:
    """The text that a cell stands for: without the apostrophe that ``cell`` put in front of it, if it did."""
    guarded = cell.startswith(_MARK) and cell[1:].startswith((_MARK, *_DANGEROUS))
    return cell[1:] if guarded else cell
