"""One request as it came over the wire: the headers that matter, and the body within limits of size and time."""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from userhero.kernel import clock, ids
from userhero.kernel.actor import Actor
from userhero.kernel.errors import BadRequest
from userhero.kernel.http.limits import Quota
from userhero.kernel.http.patience import within

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MAX_JSON = 1024 * 1024
MAX_DISCARDED = 16 * 1024 * 1024
# With the second that the look at who waits may be late, and what connecting takes, all are closed within 30.
BODY_SECONDS = 25
# A name or an address, and a port (RFC 9110, 7.2).
_HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~%-]+)(?::[0-9]{0,5})?")


class Request:
    """What the edge knows of a request; ``actor`` and ``quota`` are set when it is admitted."""

    __slots__ = ("actor", "began", "headers", "id", "method", "path", "peer", "query", "quota")

    def __init__(self, scope: Scope) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query: bytes = scope["query_string"]
        self.headers: list[tuple[bytes, bytes]] = scope["headers"]
        self.peer: tuple[str, int] | None = scope.get("client")
        self.id = ids.new("req")
        self.began = clock.monotonic()
        self.actor: Actor | None = None
        self.quota: Quota | None = None

    def all(self, name: bytes) -> list[bytes]:
        """Every value of a header; ``name`` in lower case."""
        return [value for header, value in self.headers if header == name]

    def one(self, name: bytes) -> bytes | None:
        """The first value of a header, or None."""
        for header, value in self.headers:
            if header == name:
                return value
        return None


def has_one_host(scope: Scope) -> bool:
    """Whether a request says once, and well-formed, whom it is for; before HTTP/1.1 it may leave that out (RFC 9112,
    3.2). Of a header that is not there, the server makes an empty one.
    """
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    if hosts in ([], [b""]):
        return scope["http_version"] in ("1", "1.0")
    return len(hosts) == 1 and _HOST.fullmatch(hosts[0]) is not None


def check_json_headers(request: Request) -> None:
    """Raises BadRequest where the headers say that the body is not plain UTF-8 JSON."""
    kinds = request.all(b"content-type")
    if kinds:
        # Two fields are one value with a comma (RFC 9110, 5.3), which names no type.
        media, _, parameters = b",".join(kinds).decode("latin-1").lower().partition(";")
        charset = parameters.strip().removeprefix("charset=").strip('"')
        if media.strip() != "application/json" or charset not in ("", "utf-8"):
            raise BadRequest("Content-Type must be application/json, in UTF-8.")
    if request.one(b"content-encoding") not in (None, b"identity"):
        raise BadRequest("Compressed bodies are not accepted; send JSON without Content-Encoding.")


async def read_body(request: Request, receive: Receive, limit: int = MAX_JSON) -> bytes:
    """The body, ``limit`` bytes at the most, within 25 seconds. Raises BadRequest otherwise."""
    declared = request.one(b"content-length")
    if declared is not None and (not declared.isdigit() or int(declared[:19]) > MAX_DISCARDED):
        raise _too_large(limit)
    with within(BODY_SECONDS):
        return await _collect(receive, limit)
    raise BadRequest(f"The body did not arrive within {BODY_SECONDS} seconds.")


async def _collect(receive: Receive, limit: int) -> bytes:
    """What comes beyond the limit is taken in and dropped: who is still sending would not see the answer."""
    message = await receive()
    parts: list[bytes] = [message.get("body", b"")]
    size = len(parts[0])
    while message.get("more_body", False) and size <= MAX_DISCARDED:
        message = await receive()
        size += len(message.get("body", b""))
        if size > limit:
            parts.clear()
        else:
            parts.append(message.get("body", b""))
    if message["type"] == "http.disconnect":
        raise BadRequest("The connection closed before the whole body had arrived.")
    if size > limit:
        raise _too_large(limit)
    return b"".join(parts)


def _too_large(limit: int) -> BadRequest:
    return BadRequest(f"The body is larger than {limit} bytes.")
