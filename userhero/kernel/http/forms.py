"""Forms with a file (``multipart/form-data``, RFC 7578), read as they come: the file goes to disk, the rest is small.

Everything has a limit: parts, headers, fields, the file, what stands around them, and time. Nothing is read further
once one of them is broken.
"""

import asyncio
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import msgspec
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, MultipartState, parse_options_header

from userhero.kernel.errors import BadRequest, Invalid
from userhero.kernel.http.request import Receive, Request
from userhero.kernel.storage import draft, unavailable

MAX_PARTS, MAX_HEADERS, MAX_HEADER, MAX_FIELD = 10, 8, 4096, 4096
# What may stand around the file: boundaries, headers, fields, preamble and epilogue.
MAX_AROUND = 64 * 1024
# The bytes that say what a file is.
HEAD = 4096
# A body may stall for so long, and must come at this rate otherwise.
GRACE_SECONDS, BYTES_PER_SECOND = 10.0, 16 * 1024
_FLUSH = 256 * 1024
FILE = "file"


class Received(msgspec.Struct, kw_only=True):
    """A file as it came: where it lies for now, what its sender calls it and says it is. ``head`` is its beginning."""

    path: Path
    size: int
    sha256: str
    head: bytes
    declared: str | None
    name: str | None


class Form(msgspec.Struct):
    """The fields of a form, and its file."""

    fields: dict[str, str]
    file: Received


# Given the head of a file and its declared type: how many bytes it may have. Raises BadRequest for what is not taken.
Limit = Callable[[bytes, str | None], int]


async def read_form(request: Request, receive: Receive, directory: Path, most: int, limit: Limit) -> Form:
    """The form that a request brings; its file is a draft in ``directory``, which the caller removes.

    ``most`` is what the largest file may have. Raises BadRequest where the body is no such form, breaks a limit or
    breaks off; then nothing is left behind.
    """
    reader = _Reader(_boundary(request), directory, most, limit)
    declared = request.one(b"content-length")
    if declared is not None and (not declared.isdigit() or int(declared[:19]) > most + MAX_AROUND):
        raise BadRequest(f"The body is larger than {most} bytes of file allow.")
    try:
        await _feed(reader, receive)
        return await asyncio.to_thread(reader.finish)
    except BaseException:
        reader.drop()
        raise


def _boundary(request: Request) -> bytes:
    kinds = request.all(b"content-type")
    media, parameters = parse_options_header(kinds[0].decode("latin-1") if len(kinds) == 1 else "")
    boundary = parameters.get(b"boundary", b"")
    if media != b"multipart/form-data" or not 1 <= len(boundary) <= 70:
        raise BadRequest("Content-Type must be multipart/form-data with a boundary of 1 to 70 characters.")
    if request.one(b"content-encoding") not in (None, b"identity"):
        raise BadRequest("Compressed bodies are not accepted.")
    return boundary


async def _feed(reader: "_Reader", receive: Receive) -> None:
    loop = asyncio.get_running_loop()
    began, more = loop.time(), True
    while more:
        try:
            async with asyncio.timeout_at(began + GRACE_SECONDS + reader.total / BYTES_PER_SECOND):
                message = await receive()
        except TimeoutError:
            raise BadRequest("The body came too slowly.") from None
        if message["type"] == "http.disconnect":
            raise BadRequest("The connection closed before the whole body had arrived.")
        more = message.get("more_body", False)
        reader.write(message.get("body", b""))
        if reader.waiting >= _FLUSH:
            await asyncio.to_thread(reader.flush)


class _Reader:
    """Takes the pieces of a body in, and holds them to the limits."""

    def __init__(self, boundary: bytes, directory: Path, most: int, limit: Limit) -> None:
        self.total = 0
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._name_header,
                "on_header_value": self._fill_header,
                "on_header_end": self._end_header,
                "on_headers_finished": self._open,
                "on_part_data": self._take,
                "on_part_end": self._close,
            },
            max_header_count=MAX_HEADERS,
            max_header_size=MAX_HEADER,
        )
        self._directory = directory
        self._most = most
        self._limit = limit
        self._parts = 0
        self._headers: dict[bytes, bytes] = {}
        self._header = (bytearray(), bytearray())
        self._fields: dict[str, str] = {}
        self._field: str | None = None
        self._value = bytearray()
        self._file: Received | None = None
        self._buffer = bytearray()
        self._hash = hashlib.sha256()
        self._descriptor = -1

    @property
    def waiting(self) -> int:
        """How many bytes are to be written to disk."""
        return len(self._buffer)

    def write(self, data: bytes) -> None:
        """Take the next piece in."""
        self.total += len(data)
        try:
            self._parser.write(data)
        except FormParserError:
            raise BadRequest("The body is not a valid multipart/form-data form.") from None
        if self.total - (self._file.size if self._file else 0) > MAX_AROUND:
            raise BadRequest(f"There is more than {MAX_AROUND} bytes around the file.")

    def flush(self) -> None:
        """Write what waits to disk."""
        try:
            view = memoryview(self._buffer)
            while view:
                view = view[os.write(self._descriptor, view) :]
        except OSError as error:
            raise unavailable(error) from error
        self._hash.update(self._buffer)
        self._buffer = bytearray()

    def finish(self) -> Form:
        """The form, once the body has ended. Raises BadRequest where something is missing."""
        if self._parser.state != MultipartState.END:
            raise BadRequest("The form breaks off before its last boundary.")
        if self._file is None:
            raise Invalid(FILE, "is required")
        self.flush()
        os.close(self._descriptor)
        self._descriptor = -1
        self._file.sha256 = self._hash.hexdigest()
        self._judge(self._file)
        return Form(self._fields, self._file)

    def drop(self) -> None:
        """Leave nothing behind."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        if self._file is not None:
            self._file.path.unlink(missing_ok=True)

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise BadRequest(f"A form has {MAX_PARTS} parts at the most.")
        self._headers = {}
        self._field = None
        self._value = bytearray()

    def _name_header(self, data: bytes, start: int, end: int) -> None:
        self._header[0].extend(data[start:end])

    def _fill_header(self, data: bytes, start: int, end: int) -> None:
        self._header[1].extend(data[start:end])

    def _end_header(self) -> None:
        name, value = self._header
        self._headers[bytes(name).lower().strip()] = bytes(value)
        self._header = (bytearray(), bytearray())

    def _open(self) -> None:
        disposition = self._headers.get(b"content-disposition", b"").decode("latin-1")
        kind, parameters = parse_options_header(disposition)
        name = _text("form", parameters.get(b"name", b""))
        if kind != b"form-data" or not name:
            raise BadRequest("Every part of the form needs a name.")
        if self._headers.get(b"content-transfer-encoding", b"binary").lower() not in (b"binary", b"8bit", b"7bit"):
            raise BadRequest("Parts of the form must not be encoded.")
        if name in self._fields or (name == FILE and self._file is not None):
            raise Invalid(name, "is given more than once")
        if name != FILE and b"filename" in parameters:
            raise Invalid(name, "is not a file of this form")
        self._field = name
        if name == FILE:
            self._open_file(parameters.get(b"filename"))

    def _open_file(self, name: bytes | None) -> None:
        declared, _ = parse_options_header(self._headers.get(b"content-type", b"").decode("latin-1"))
        self._descriptor, path = draft(self._directory)
        self._file = Received(
            path=path,
            size=0,
            sha256="",
            head=b"",
            declared=declared.decode("latin-1") or None,
            name=None if name is None else name.decode("utf-8", "replace"),
        )

    def _take(self, data: bytes, start: int, end: int) -> None:
        if self._field != FILE or self._file is None:
            self._value.extend(data[start:end])
            if len(self._value) > MAX_FIELD:
                raise Invalid(str(self._field), f"must be {MAX_FIELD} bytes at the most")
            return
        file = self._file
        judged = len(file.head) == HEAD
        if not judged:
            file.head += data[start : min(end, start + HEAD - len(file.head))]
        file.size += end - start
        self._buffer.extend(memoryview(data)[start:end])
        if not judged and len(file.head) == HEAD:
            self._most = self._limit(file.head, file.declared)
        if file.size > self._most:
            raise _too_large(self._most)

    def _judge(self, file: Received) -> None:
        limit = self._limit(file.head, file.declared)
        if file.size > limit:
            raise _too_large(limit)

    def _close(self) -> None:
        if self._field is not None and self._field != FILE:
            self._fields[self._field] = _text(self._field, bytes(self._value))


def _text(field: str, value: bytes) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        raise Invalid(field, "must be UTF-8 text") from None
    if "\0" in text:
        raise Invalid(field, "must not contain NUL characters")
    return text


def _too_large(limit: int) -> Invalid:
    return Invalid(FILE, f"is larger than {limit} bytes ({limit // 1024**2} MiB)")
