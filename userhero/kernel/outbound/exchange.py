"""One request and its answer over HTTP/1.1, of which no more is read than is wanted."""

from collections.abc import Sequence
from typing import NamedTuple

import h11

from userhero import __version__
from userhero.kernel.outbound.connection import Wire
from userhero.kernel.outbound.errors import BrokenAnswer
from userhero.kernel.outbound.limits import Caps
from userhero.kernel.outbound.target import Target

AGENT = f"UserHero/{__version__}"
MAX_HEADERS, MAX_VALUE = 64, 1024
_MAX_INTERIM = 8
_NO_HTTP = "The answer is not valid HTTP, or its headers are too long."
# These say how the exchange is held, and that is decided here.
_OURS = frozenset(
    {"host", "user-agent", "accept-encoding", "content-length", "transfer-encoding", "connection", "upgrade", "expect"}
    | {"te", "trailer", "keep-alive", "proxy-connection", "proxy-authorization", "cookie"}
)
Headers = Sequence[tuple[str, str]]


class Answer(NamedTuple):
    """What came back; ``is_whole`` is False where more of the body was to come than was read."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    is_whole: bool


class Exchange:
    """A request in bytes. Raises ValueError for headers that can't be sent: that is a mistake of the caller."""

    def __init__(self, target: Target, method: str, headers: Headers, body: bytes, caps: Caps) -> None:
        refused = sorted(name for name, _ in headers if name.lower() in _OURS)
        if refused or (body and method == "GET"):
            raise ValueError(f"not for callers to send: {', '.join(refused) or 'a body with GET'}")
        self._caps = caps
        self._taken = 0
        self._protocol = h11.Connection(h11.CLIENT, max_incomplete_event_size=caps.head_bytes)
        own = [("Host", target.authority), ("User-Agent", AGENT), ("Accept-Encoding", "identity")]
        size = [] if method == "GET" else [("Content-Length", str(len(body)))]
        try:
            request = h11.Request(
                method=method, target=target.path, headers=[*own, *headers, *size, ("Connection", "close")]
            )
        except (h11.LocalProtocolError, UnicodeError) as error:
            raise ValueError(f"not to be sent as it is: {error}") from None
        events = (request, h11.Data(data=body), h11.EndOfMessage())
        self._content = b"".join(self._protocol.send(event) for event in events)

    def hold(self, wire: Wire) -> Answer:
        """Send the request and read the answer. Raises BrokenAnswer, and TimeoutError at the deadline."""
        try:
            self._send(wire)
            head = self._head(wire)
            body, is_whole = self._body(wire)
        except TimeoutError:
            raise
        except OSError:
            raise BrokenAnswer("The connection broke before the answer was complete.") from None
        headers = tuple((_text(name), _text(value)) for name, value in list(head.headers)[:MAX_HEADERS])
        return Answer(head.status_code, headers, body, is_whole)

    def _send(self, wire: Wire) -> None:
        """Who hangs up before the end may have answered already (413, for instance)."""
        try:
            wire.send(self._content)
        except ConnectionError:
            return

    def _head(self, wire: Wire) -> h11.Response:
        """The answer's head. What is said before it (100 to 199) is skipped, up to eight times."""
        try:
            for _ in range(_MAX_INTERIM + 1):
                event = self._next(wire)
                if isinstance(event, h11.Response):
                    return event
        except h11.RemoteProtocolError:
            raise BrokenAnswer(_NO_HTTP if self._taken else "The host hung up without an answer.") from None
        raise BrokenAnswer("The host keeps announcing an answer that does not come.")

    def _body(self, wire: Wire) -> tuple[bytes, bool]:
        body = bytearray()
        while len(body) <= self._caps.body_bytes and self._taken < self._caps.wire_bytes:
            try:
                event = self._next(wire)
            except h11.RemoteProtocolError:
                raise BrokenAnswer("The answer's body is not complete.") from None
            if not isinstance(event, h11.Data):
                return bytes(body), True
            body += event.data
        return bytes(body[: self._caps.body_bytes]), False

    def _next(self, wire: Wire) -> object:
        while (event := self._protocol.next_event()) is h11.NEED_DATA:
            content = wire.receive()
            self._taken += len(content)
            self._protocol.receive_data(content)
        return event


def _text(content: bytes) -> str:
    return content[:MAX_VALUE].decode("latin-1")
