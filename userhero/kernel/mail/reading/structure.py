"""The parts of a mail (RFC 2046), found in one pass for each level of nesting, and never copied on the way."""

import re
from collections.abc import Iterator

from userhero.kernel.mail.reading.decoding import text_of, transferred
from userhero.kernel.mail.reading.fields import Content, Fields

MAX_BYTES = 25 * 1024 * 1024
_MAX_HEADER, _MAX_DEPTH, _MAX_PARTS, _MAX_BOUNDARY = 128 * 1024, 10, 200, 200
_END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
_EMPTY_HEADER = re.compile(rb"\r?\n")


class UnreadableMail(Exception):
    """A mail that is not taken: it is too large, too deep, or nobody's. The message says which."""


class Part:
    """A part of a mail, or the whole of it. One that is ``multipart/…`` has ``parts``, any other one has content."""

    def __init__(self, data: bytes, start: int, end: int, default: str = "text/plain") -> None:
        begin = _EMPTY_HEADER.match(data, start, end)
        head = None if begin else _END_OF_HEADER.search(data, start, end)
        head_end, self._start = (start, begin.end()) if begin else (head.start(), head.end()) if head else (end, end)
        if head_end - start > _MAX_HEADER:
            raise UnreadableMail("its header is too long")
        self._data, self._end = data, end
        self.fields = Fields(data[start:head_end])
        self.content = Content(self.fields, default)
        self.parts: list[Part] = []

    @property
    def kind(self) -> str:
        """The media type, in lower case."""
        return self.content.kind

    def payload(self) -> bytes:
        """The content, decoded."""
        return transferred(self._data[self._start : self._end], self.content.encoding)

    def text(self) -> str:
        """The content as text."""
        return text_of(self.payload(), self.content.parameter("charset"))

    @property
    def is_body(self) -> bool:
        """True for a text that is to be read, and no file."""
        is_text = self.kind in ("text/plain", "text/html") or self.kind.startswith("multipart/")
        return is_text and not self.parts and not self.content.is_attached and not self.content.file_name

    def files(self) -> Iterator["Part"]:
        """What came along, in order."""
        for part in self.parts:
            yield from part.files()
        if not self.parts and not self.is_body:
            yield self

    def split(self, depth: int, budget: "Budget") -> None:
        """Find the parts of a multipart, and theirs. Raises UnreadableMail for too many, or too deep a nesting."""
        boundary = self.content.parameter("boundary").rstrip()
        if not self.kind.startswith("multipart/") or not 0 < len(boundary) <= _MAX_BOUNDARY:
            return
        if depth > _MAX_DEPTH:
            raise UnreadableMail("its parts are nested too deep")
        default = "message/rfc822" if self.kind == "multipart/digest" else "text/plain"
        for start, end in self._pieces(boundary.encode("utf-8", "replace")):
            budget.spend()
            part = Part(self._data, start, end, default)
            part.split(depth + 1, budget)
            self.parts.append(part)

    def _pieces(self, boundary: bytes) -> Iterator[tuple[int, int]]:
        """From where to where the parts are. The last one may lack the line that ends it."""
        delimiter = re.compile(rb"^--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\r?\n|\r?\Z)", re.MULTILINE)
        start: int | None = None
        for found in delimiter.finditer(self._data, self._start, self._end):
            if start is not None:
                yield start, self._without_break(start, found.start())
            start = found.end()
            if found[1]:
                return
        if start is not None:
            yield start, self._end

    def _without_break(self, start: int, end: int) -> int:
        """The line break before a delimiter belongs to it."""
        if end > start and self._data[end - 1 : end] == b"\n":
            end -= 1
        return end - 1 if end > start and self._data[end - 1 : end] == b"\r" else end


class Budget:
    """How many parts a mail may still have."""

    def __init__(self) -> None:
        self._left = _MAX_PARTS

    def spend(self) -> None:
        """One more. Raises UnreadableMail where there were too many."""
        self._left -= 1
        if self._left < 0:
            raise UnreadableMail("it has too many parts")


def read_structure(data: bytes) -> Part:
    """The whole mail, taken apart. Raises UnreadableMail."""
    if len(data) > MAX_BYTES:
        raise UnreadableMail(f"it is larger than {MAX_BYTES // (1024 * 1024)} MiB")
    whole = Part(data, 0, len(data))
    whole.split(1, Budget())
    return whole
