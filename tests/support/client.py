"""An ASGI application in this process, with a loop and a lifespan of its own, that tests call like a function."""

import asyncio
import json as standard_json
import threading
from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from typing import Any, NoReturn
from urllib.parse import unquote

import uvloop

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Application = Callable[[Scope, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]
Headers = Iterable[tuple[str | bytes, str | bytes]]
Body = bytes | Sequence[bytes]

SECONDS = 30


class Response:
    """What came back. Header names are in lower case."""

    def __init__(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def all(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for header, value in self.headers if header == name.lower()]

    def header(self, name: str) -> str | None:
        """The value of a header that comes once at the most."""
        found = self.all(name)
        assert len(found) < 2, f"{name} came {len(found)} times: {found}"
        return found[0] if found else None

    def number(self, name: str) -> int:
        """The value of a header that is a whole number."""
        found = self.header(name)
        assert found is not None, f"there is no {name}: {self}"
        assert found.isdecimal(), f"{name}: {found!r}"
        return int(found)

    def json(self) -> Any:
        """The body, which must be JSON of one meaning."""
        assert self.header("content-type") == "application/json", self
        return standard_json.loads(self.body, object_pairs_hook=_distinct, parse_constant=_refuse)

    @property
    def data(self) -> Any:
        """What a success holds; fails the test on an error."""
        assert 200 <= self.status < 300, self
        return self.json()["data"]

    @property
    def error(self) -> Any:
        """What an error holds; fails the test on a success."""
        assert self.status >= 400, self
        found = self.json()
        assert found.keys() == {"error"}, self
        return found["error"]

    def __repr__(self) -> str:
        return f"{self.status} {self.headers} {self.body[:2000]!r}"


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    assert len(found) == len(pairs), f"the same key twice: {[name for name, _ in pairs]}"
    return found


def _refuse(constant: str) -> NoReturn:
    raise AssertionError(f"{constant} is not JSON")


def _raw(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")


def _scope(method: str, target: str, headers: Headers) -> Scope:
    path, _, query = target.partition("?")
    given = [(_raw(name).lower(), _raw(value)) for name, value in headers]
    if all(name != b"host" for name, _ in given):
        given.append((b"host", b"127.0.0.1:8000"))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 50000),
        "method": method,
        "root_path": "",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": given,
        "extensions": {},
        "state": {},
    }


class Server:
    """Runs an application on a thread's loop from start-up to shutdown; ``call`` is one request."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="test-server", daemon=True)
        self._thread.start()
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        self._answers: asyncio.Queue[Message] = asyncio.Queue()
        scope: Scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.3"}, "state": {}}
        lifespan = application(scope, self._messages.get, self._answers.put)
        self._lifespan = asyncio.run_coroutine_threadsafe(_awaited(lifespan), self._loop)
        self._tell("startup")

    def _tell(self, event: str) -> None:
        async def exchange() -> Message:
            await self._messages.put({"type": f"lifespan.{event}"})
            return await self._answers.get()

        answer = asyncio.run_coroutine_threadsafe(exchange(), self._loop).result(SECONDS)
        assert answer["type"] == f"lifespan.{event}.complete", answer

    def close(self) -> None:
        """Shut the application down; fails where it leaves a task behind."""
        try:
            self._tell("shutdown")
            self._lifespan.result(SECONDS)
            left = asyncio.run_coroutine_threadsafe(_others(), self._loop).result(SECONDS)
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(SECONDS)
            self._loop.close()
        assert not left, f"still running after shutdown: {left}"

    def call(self, scope: Scope, body: Sequence[bytes] = (), *, breaks_off: bool = False) -> Response:
        """One request, answered. ``breaks_off`` closes the connection where the body should go on."""
        return self.together([(scope, body)], breaks_off=breaks_off)[0]

    def together(self, calls: Iterable[tuple[Scope, Sequence[bytes]]], *, breaks_off: bool = False) -> list[Response]:
        """Several requests at the same time; the answers in their order."""

        async def all_of_them() -> list[Response]:
            exchanges = (self._exchange(scope, body, breaks_off) for scope, body in calls)
            return await asyncio.gather(*exchanges)

        return asyncio.run_coroutine_threadsafe(all_of_them(), self._loop).result(SECONDS)

    async def _exchange(self, scope: Scope, body: Sequence[bytes], breaks_off: bool) -> Response:
        chunks = list(body) or [b""]
        gone = asyncio.Event()
        sent: list[Message] = []

        async def receive() -> Message:
            if chunks:
                chunk = chunks.pop(0)
                return {"type": "http.request", "body": chunk, "more_body": bool(chunks) or breaks_off}
            if not breaks_off:
                await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)

        await self._application(scope, receive, send)
        gone.set()
        return _response(scope["method"], sent)


async def _awaited(work: Awaitable[None]) -> None:
    await work


async def _others() -> list[str]:
    return [repr(task) for task in asyncio.all_tasks() if task is not asyncio.current_task()]


def _response(method: str, sent: list[Message]) -> Response:
    """What a server would put on the wire, once what it relies on is checked."""
    assert sent, "no answer"
    start, *parts = sent
    assert start["type"] == "http.response.start", sent
    assert parts, "an answer without an end"
    assert [part.get("more_body", False) for part in parts] == [True] * (len(parts) - 1) + [False], sent
    body = b"".join(part.get("body", b"") for part in parts)
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]]
    assert all(name == name.lower() and name.strip() for name, _ in headers), headers
    assert not any("\r" in value or "\n" in value or "\0" in value for _, value in headers), headers
    response = Response(start["status"], headers, body)
    declared = response.header("content-length")
    if method != "HEAD" and declared is not None:
        assert int(declared) == len(body), f"Content-Length says {declared}, the body has {len(body)} bytes"
    return response


def prepared(headers: Headers, json: Any, body: Body) -> tuple[Headers, Sequence[bytes]]:
    """Headers and chunks of a request. JSON brings its type, bytes bring their length, a list brings neither."""
    given = list(headers)
    if json is not ...:
        body = standard_json.dumps(json, ensure_ascii=False, allow_nan=False).encode()
        given.append(("content-type", "application/json"))
    if isinstance(body, bytes):
        if body:
            given.append(("content-length", str(len(body))))
        body = [body]
    return given, body


class Client:
    """Sends requests to an application; nothing is added to what the test says."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def request(
        self,
        method: str,
        target: str,
        *,
        headers: Headers = (),
        json: Any = ...,
        body: Body = b"",
        breaks_off: bool = False,
    ) -> Response:
        """One request. ``target`` is a path with its query, percent-encoded. ``body`` as a list comes in chunks."""
        scope, chunks = self.prepared(method, target, headers=headers, json=json, body=body)
        return self._server.call(scope, chunks, breaks_off=breaks_off)

    def prepared(
        self, method: str, target: str, *, headers: Headers = (), json: Any = ..., body: Body = b""
    ) -> tuple[Scope, Sequence[bytes]]:
        """A request to be sent with others by ``together``."""
        given, chunks = prepared(headers, json, body)
        return _scope(method, target, given), chunks

    def together(self, calls: Iterable[tuple[Scope, Sequence[bytes]]]) -> list[Response]:
        """Send prepared requests at the same time; the answers in their order."""
        return self._server.together(calls)
