"""Files on their way out: ``GET`` and ``HEAD /media/<token>/<name>``, for whoever knows the address."""

import re
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from userhero.kernel.db import Database, Transaction
from userhero.kernel.errors import MethodNotAllowed, NotFound, Problem
from userhero.kernel.http import problems
from userhero.kernel.http.request import Receive, Request, Scope, Send
from userhero.media.examine import stored_name
from userhero.media.names import generated
from userhero.media.queries import find_stored
from userhero.media.ranges import Part, Unsatisfiable, wanted_part
from userhero.media.types import StoredMedia

_PATH = re.compile(r"/media/([0-9A-Za-z]{32})/([0-9A-Za-z.\-]{1,40})", re.ASCII)
# What is served was written by strangers: it is shown or played, and can do nothing.
_FIXED_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"sandbox; default-src 'none'"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"referrer-policy", b"no-referrer"),
]
# Short, since a file is to be gone soon after its item is.
_CACHED = (b"cache-control", b"private, max-age=60")


class MediaServer:
    """The ASGI application for paths under ``/media/``. Where media have a host of their own, it answers only there."""

    def __init__(self, database: Database, *, own_host: bool) -> None:
        self._database = database
        self._host = urlsplit(database.storage.origin).netloc.lower().encode() if own_host else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        del receive
        request = Request(scope)
        try:
            file = await self._find(request)
        except Problem as problem:
            await self._refuse(request, problem, send)
            return
        if _is_known(request, file):
            await _start(request, send, 304, [*_described(file), _CACHED])
            await send({"type": "http.response.body", "body": b""})
            return
        try:
            part = _part(request, file)
        except Unsatisfiable:
            gone = (b"content-range", b"bytes */%d" % file.size)
            await _start(request, send, 416, [gone, (b"content-length", b"0"), *_described(file)])
            await send({"type": "http.response.body", "body": b""})
            return
        await self._serve(request, file, part, send)

    async def _find(self, request: Request) -> StoredMedia:
        matched = _PATH.fullmatch(request.path)
        elsewhere = self._host is not None and (request.one(b"host") or b"").lower() != self._host
        if matched is None or elsewhere:
            raise _missing()
        if request.method not in ("GET", "HEAD"):
            raise MethodNotAllowed("Use GET or HEAD here.", headers=(("Allow", "GET, HEAD"),))

        def unit(tx: Transaction) -> StoredMedia | None:
            return find_stored(tx, matched[1])

        file = await self._database.serve(_nothing, unit, write=False)
        if file is None or generated(file.mime_type) != matched[2]:
            raise _missing()
        return file

    async def _serve(self, request: Request, file: StoredMedia, part: Part | None, send: Send) -> None:
        headers = [*_described(file), _CACHED]
        start, end = part or Part(0, file.size)
        if part is not None:
            headers.append((b"content-range", b"bytes %d-%d/%d" % (start, end - 1, file.size)))
        headers.append((b"content-length", b"%d" % (end - start)))
        status = 200 if part is None else 206
        if request.method == "HEAD":
            await _start(request, send, status, headers)
            await send({"type": "http.response.body", "body": b""})
            return
        chunks = self._database.storage.read(stored_name(file.token), start, end)
        await self._send(request, chunks, send, status, headers)

    async def _send(
        self,
        request: Request,
        chunks: AsyncIterator[bytes],
        send: Send,
        status: int,
        headers: list[tuple[bytes, bytes]],
    ) -> None:
        try:
            first = await anext(chunks, b"")
        except FileNotFoundError:
            await self._refuse(request, _missing(), send)
            return
        except Problem as problem:
            await self._refuse(request, problem, send)
            return
        await _start(request, send, status, headers)
        await send({"type": "http.response.body", "body": first, "more_body": True})
        async for chunk in chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def _refuse(self, request: Request, problem: Problem, send: Send) -> None:
        answer = problems.render(problem, request.id)
        named = [(name.lower().encode(), value.encode()) for name, value in answer.headers]
        length = (b"content-length", b"%d" % len(answer.body))
        kind = (b"content-type", b"application/json")
        await _start(request, send, answer.status, [kind, length, (b"cache-control", b"no-store"), *named])
        await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else answer.body})


async def _start(request: Request, send: Send, status: int, headers: list[tuple[bytes, bytes]]) -> None:
    every = [*_FIXED_HEADERS, (b"x-request-id", request.id.encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": every})


def _described(file: StoredMedia) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-type", file.mime_type.encode()),
        (b"content-disposition", b'inline; filename="%s"' % generated(file.mime_type).encode()),
        (b"accept-ranges", b"bytes"),
        (b"etag", _etag(file)),
    ]


def _etag(file: StoredMedia) -> bytes:
    return b'"' + file.sha256[:32].encode() + b'"'


def _part(request: Request, file: StoredMedia) -> Part | None:
    """``Range``, unless ``If-Range`` names another version of the file."""
    condition = request.one(b"if-range")
    if request.method != "GET" or (condition is not None and condition.strip() != _etag(file)):
        return None
    headers = request.all(b"range")
    return wanted_part(headers[0], file.size) if len(headers) == 1 else None


def _is_known(request: Request, file: StoredMedia) -> bool:
    known = request.one(b"if-none-match")
    if known is None:
        return False
    tags = [tag.strip().removeprefix(b"W/") for tag in known.split(b",")]
    return _etag(file) in tags or known.strip() == b"*"


def _missing() -> NotFound:
    return NotFound("There is no such file.")


def _nothing(tx: Transaction) -> None:
    del tx
