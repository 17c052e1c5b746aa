"""Files on their way out: whole or in part, once or again (RFC 9110, 13 and 14)."""

from collections.abc import AsyncIterator, Callable

import msgspec

from userhero.kernel.errors import MethodNotAllowed, NotFound, Problem
from userhero.kernel.http import problems
from userhero.kernel.http.ranges import Part, Unsatisfiable, wanted_part
from userhero.kernel.http.request import Request, Send

Header = tuple[bytes, bytes]
# What is served was written by strangers: it is shown, played or saved, and can do nothing.
_FIXED_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"sandbox; default-src 'none'"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"referrer-policy", b"no-referrer"),
]
# Short, since a file is to be gone soon after what it belongs to.
_CACHED = (b"cache-control", b"private, max-age=60")


class Served(msgspec.Struct, frozen=True):
    """A file that somebody may have: ``tag`` tells its content from any other; ``disposition`` is the header of that
    name; ``read`` gives the bytes from one place up to another.
    """

    size: int
    tag: str
    content_type: str
    disposition: str
    read: Callable[[int, int], AsyncIterator[bytes]]


async def send_file(request: Request, file: Served, send: Send) -> None:
    """Answer a GET or HEAD with the file, the part that is asked for, or that it is known already."""
    if _is_known(request, file):
        await _send(request, send, 304, [*_described(file), _CACHED])
        return
    try:
        part = _part(request, file)
    except Unsatisfiable:
        gone = (b"content-range", b"bytes */%d" % file.size)
        await _send(request, send, 416, [gone, (b"content-length", b"0"), *_described(file)])
        return
    headers = [*_described(file), _CACHED]
    start, end = part or Part(0, file.size)
    if part is not None:
        headers.append((b"content-range", b"bytes %d-%d/%d" % (start, end - 1, file.size)))
    headers.append((b"content-length", b"%d" % (end - start)))
    status = 200 if part is None else 206
    if request.method == "HEAD":
        await _send(request, send, status, headers)
        return
    await _stream(request, file.read(start, end), send, status, headers)


async def refuse(request: Request, problem: Problem, send: Send) -> None:
    """Answer with an error in the shape that all errors have."""
    answer = problems.render(problem, request.id)
    named = [(name.lower().encode(), value.encode()) for name, value in answer.headers]
    length = (b"content-length", b"%d" % len(answer.body))
    kind = (b"content-type", b"application/json")
    body = b"" if request.method == "HEAD" else answer.body
    await _send(request, send, answer.status, [kind, length, (b"cache-control", b"no-store"), *named], body)


def check_method(request: Request) -> None:
    """Raises MethodNotAllowed for all but GET and HEAD."""
    if request.method not in ("GET", "HEAD"):
        raise MethodNotAllowed("Use GET or HEAD here.", headers=(("Allow", "GET, HEAD"),))


def no_such_file() -> NotFound:
    """The error for a file that is not there, whatever it might have been."""
    return NotFound("There is no such file.")


async def _stream(
    request: Request, chunks: AsyncIterator[bytes], send: Send, status: int, headers: list[Header]
) -> None:
    try:
        first = await anext(chunks, b"")
    except FileNotFoundError:
        await refuse(request, no_such_file(), send)
        return
    except Problem as problem:
        await refuse(request, problem, send)
        return
    await _start(request, send, status, headers)
    await send({"type": "http.response.body", "body": first, "more_body": True})
    async for chunk in chunks:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _send(request: Request, send: Send, status: int, headers: list[Header], body: bytes = b"") -> None:
    await _start(request, send, status, headers)
    await send({"type": "http.response.body", "body": body})


async def _start(request: Request, send: Send, status: int, headers: list[Header]) -> None:
    every = [*_FIXED_HEADERS, (b"x-request-id", request.id.encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": every})


def _described(file: Served) -> list[Header]:
    return [
        (b"content-type", file.content_type.encode()),
        (b"content-disposition", file.disposition.encode()),
        (b"accept-ranges", b"bytes"),
        (b"etag", _etag(file)),
    ]


def _etag(file: Served) -> bytes:
    return b'"' + file.tag.encode() + b'"'


def _part(request: Request, file: Served) -> Part | None:
    """``Range``, unless ``If-Range`` names another version of the file."""
    condition = request.one(b"if-range")
    if request.method != "GET" or (condition is not None and condition.strip() != _etag(file)):
        return None
    headers = request.all(b"range")
    return wanted_part(headers[0], file.size) if len(headers) == 1 else None


def _is_known(request: Request, file: Served) -> bool:
    known = request.one(b"if-none-match")
    if known is None:
        return False
    tags = [tag.strip().removeprefix(b"W/") for tag in known.split(b",")]
    return _etag(file) in tags or known.strip() == b"*"
