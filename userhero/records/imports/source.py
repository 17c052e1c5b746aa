"""What readers of files have in common: records with the line that they begin on, however broken they are."""

from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

# The longest record that is read. What is longer is refused and gone past; the memory that reading takes is a few times
# as much, however large the file.
MAX_RECORD = 4 * 1024 * 1024
_SHOWN = 64 * 1024


class Problem(NamedTuple):
    """What is wrong with a record, and where: a field, or a column of the file; empty for all of it."""

    field: str
    message: str


class Record(NamedTuple):
    """What stands in a file from a line on: values by their names, or what is wrong with it. ``raw`` is its text."""

    line: int
    values: dict[str, Any]
    raw: str
    problems: tuple[Problem, ...] = ()


class UnreadableFile(Exception):
    """A file of which nothing can be read; the message names the line."""


class Lines(Iterator[str]):
    """The lines of a file as text. ``number`` is that of the line that came last, counted from 1.

    What is no UTF-8 comes as surrogates and is noted, and so is a line that is too long, which comes empty: see
    ``finished``.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._taken: list[str] = []
        self._size = 0
        self._problems: list[Problem] = []
        self._first = 1
        self.number = 0

    def __next__(self) -> str:
        read = self._stream.readline(MAX_RECORD)
        if not read:
            raise StopIteration
        self.number += 1
        if self.number == 1:
            read = _without_mark(read)
        if len(read) == MAX_RECORD and not read.endswith(b"\n"):
            self._problems.append(Problem("", f"line {self.number} has more than {MAX_RECORD} bytes"))
            while (rest := self._stream.readline(MAX_RECORD)) and not rest.endswith(b"\n"):
                pass
            self._taken.append(shown(read))
            return "\n"
        text = read.decode("utf-8", "surrogateescape")
        try:
            read.decode()
        except UnicodeDecodeError as error:
            place = f"line {self.number}, byte {error.start + 1}"
            self._problems.append(Problem("", f"{place}: is not UTF-8 (0x{read[error.start]:02x})"))
        self._size += len(read)
        if self._size > MAX_RECORD:
            self._problems.append(Problem("", f"has more than {MAX_RECORD} bytes"))
            raise TooLong
        self._taken.append(text)
        return text

    def finished(self) -> Record:
        """All lines since the last time, as a record without values."""
        first, self._first = self._first, self.number + 1
        raw, problems = "".join(self._taken), tuple(self._problems)
        self._taken, self._problems, self._size = [], [], 0
        return Record(first, {}, shown(raw.encode("utf-8", "surrogateescape")), problems)


class TooLong(Exception):
    """The record goes on for longer than anything that is read."""


def shown(read: bytes) -> str:
    """The text of a record for the log of errors, whatever bytes are in it; no more than 64 KiB of it."""
    text = read[:_SHOWN].decode("utf-8", "backslashreplace").rstrip("\r\n")
    return text if len(read) <= _SHOWN else f"{text}…"


def _without_mark(first: bytes) -> bytes:
    if first.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableFile("line 1: the file is UTF-16; save it as UTF-8")
    return first.removeprefix(b"\xef\xbb\xbf")
