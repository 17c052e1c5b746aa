"""Reading JSON: an object a line (NDJSON), or an array of objects, without having all of it in memory."""

import codecs
import json
from collections.abc import Iterator
from typing import BinaryIO

from userhero.kernel.errors import BadRequest
from userhero.kernel.http.json import parse
from userhero.records.imports.source import MAX_RECORD, Lines, Problem, Record, UnreadableFile, shown

_CHUNK = 256 * 1024
_PREFIX = "The body is not valid JSON: "
_scan = json.JSONDecoder().raw_decode
_SPACE = " \t\r\n"
_BETWEEN = _SPACE + ","
_MARK = "\ufeff"


def read_documents(stream: BinaryIO) -> Iterator[Record]:
    """The objects of a file; what is no object, or no strict JSON (``kernel.http.json``), is refused.

    In a file of lines the others are read all the same; of an array nothing can be read after what is no JSON, which is
    a problem of the record there. Raises UnreadableFile for a file that is not UTF-8 from the start.
    """
    first = stream.read(3)
    if first.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableFile("line 1: the file is UTF-16; save it as UTF-8")
    while first in (b"\xef\xbb\xbf", b"") or first.isspace():
        first = stream.read(1)
        if not first:
            return
    is_array = first.lstrip().startswith(b"[")
    stream.seek(0)
    yield from _Array(stream).records() if is_array else _lines(stream)


def _lines(stream: BinaryIO) -> Iterator[Record]:
    lines = Lines(stream)
    for text in lines:
        read = lines.finished()
        if read.problems:
            yield read
        elif text.strip():
            yield _parsed(read, text.strip().encode())


def _parsed(read: Record, text: bytes) -> Record:
    try:
        value = parse(text)
    except BadRequest as error:
        return read._replace(problems=(Problem("", f"is no JSON: {error.message.removeprefix(_PREFIX)}"),))
    if not isinstance(value, dict):
        return read._replace(problems=(Problem("", "must be an object"),))
    return read._replace(values={name: entry for name, entry in value.items() if entry not in (None, "")})


class _Array:
    """An array of which some text at a time is looked at."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        # What is no UTF-8 comes as surrogates, which the record that it is in is refused for.
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._text = ""
        self._at = 0
        self._line = 1
        self._is_over = False

    def records(self) -> Iterator[Record]:
        """Its elements, one after the other."""
        self._more()
        self._skip(_BETWEEN + _MARK)
        self._go(1)
        while True:
            self._skip(_BETWEEN)
            if self._at == len(self._text):
                yield Record(self._line, {}, "", (Problem("", "the array does not end: the file may be cut off"),))
                return
            if self._text[self._at] == "]":
                yield from self._after()
                return
            end = self._end()
            if end is None:
                yield self._broken()
                return
            text = self._text[self._at : end].encode("utf-8", "surrogateescape")
            yield _parsed(Record(self._line, {}, shown(text)), text)
            self._go(end - self._at)

    def _after(self) -> Iterator[Record]:
        """What follows the array is a mistake: the file may be several that somebody joined."""
        self._go(1)
        self._skip(_SPACE)
        if self._at < len(self._text):
            text = self._text[self._at : self._at + MAX_RECORD].encode("utf-8", "surrogateescape")
            problem = Problem("", "comes after the end of the array; it and what follows was not read")
            yield Record(self._line, {}, shown(text), (problem,))

    def _end(self) -> int | None:
        """Where the element ends that begins here; None where it is no JSON."""
        while True:
            try:
                return _scan(self._text, self._at)[1]
            except (ValueError, RecursionError):
                if self._is_over or len(self._text) - self._at > MAX_RECORD:
                    return None
                self._more()

    def _broken(self) -> Record:
        text = self._text[self._at : self._at + MAX_RECORD].encode("utf-8", "surrogateescape")
        try:
            _scan(self._text, self._at)
            said = "too deep"
        except (ValueError, RecursionError) as error:
            said = str(error).partition(":")[0]
        return Record(self._line, {}, shown(text), (Problem("", f"is no JSON ({said}); nothing after it was read"),))

    def _skip(self, characters: str) -> None:
        while True:
            rest = len(self._text[self._at : self._at + _CHUNK].lstrip(characters))
            self._go(min(len(self._text) - self._at, _CHUNK) - rest)
            if rest or (self._at == len(self._text) and self._is_over):
                return
            if self._at == len(self._text):
                self._more()

    def _go(self, characters: int) -> None:
        self._line += self._text.count("\n", self._at, self._at + characters)
        self._at += characters

    def _more(self) -> None:
        read = self._stream.read(max(_CHUNK, len(self._text) - self._at))
        self._is_over = not read
        self._text = self._text[self._at :] + self._decoder.decode(read, final=self._is_over)
        self._at = 0
