"""Reading CSV and TSV (RFC 4180) record by record."""

import csv
from collections.abc import Iterator
from typing import BinaryIO

from userhero.records.imports.source import MAX_RECORD, Lines, Problem, Record, TooLong, UnreadableFile
from userhero.records.rows import text_of

_DELIMITERS = (",", ";", "\t", "|")
NUL = "must not contain NUL characters"


def read_table(stream: BinaryIO, *, delimiter: str | None = None) -> Iterator[Record]:
    """The rows below the header, each with the cells that are not empty. Blank lines are none.

    An apostrophe that stands before what a spreadsheet would run is taken off, as exports put it there. A row is
    refused that has more or fewer cells than the header, a quote in the wrong place, or bytes that are no UTF-8.
    Without a ``delimiter`` it is the one of comma, semicolon, tab and bar that the header has most of. Raises
    UnreadableFile for a file without a header, or where two columns have one name.
    """
    csv.field_size_limit(MAX_RECORD)
    lines = Lines(stream)
    header = next(lines, "")
    found = delimiter or max(_DELIMITERS, key=header.count)
    columns = _columns(lines, csv.reader([header], delimiter=found, strict=True))
    rows = csv.reader(lines, delimiter=found, strict=True)
    while True:
        try:
            cells = next(rows, None)
        except (csv.Error, TooLong) as error:
            yield _refused(lines.finished(), error)
            continue
        read = lines.finished()
        if cells is None:
            return
        if cells or read.problems:
            yield _record(read, columns, cells)


def _columns(lines: Lines, rows: Iterator[list[str]]) -> list[str]:
    try:
        header = next(rows, [])
    except csv.Error as error:
        raise UnreadableFile(f"line 1: {error}") from None
    read = lines.finished()
    if read.problems:
        raise UnreadableFile(f"line 1: {read.problems[0].message}")
    columns = [name.strip() or f"column {number}" for number, name in enumerate(header, 1)]
    if not columns:
        raise UnreadableFile("line 1: there is no header")
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise UnreadableFile(f"line 1: the header has the column {twice[0]} twice")
    return columns


def _refused(read: Record, error: Exception) -> Record:
    said = () if isinstance(error, TooLong) else (Problem("", str(error)),)
    return read._replace(problems=(*read.problems, *said))


def _record(read: Record, columns: list[str], cells: list[str]) -> Record:
    if read.problems:
        return read
    if len(cells) != len(columns):
        return _refused(read, csv.Error(f"has {len(cells)} cells where the header has {len(columns)}"))
    with_nul = tuple(Problem(name, NUL) for name, cell in zip(columns, cells, strict=True) if "\0" in cell)
    values = {name: text_of(cell) for name, cell in zip(columns, cells, strict=True) if cell.strip()}
    return read._replace(values=values, problems=with_nul)
