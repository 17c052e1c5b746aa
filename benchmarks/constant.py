"""The floor of every request: the product's HTTP server, with its settings, answering bytes that are there already.

``python -m benchmarks.constant PORT`` answers ``/constant/N`` with N bytes of JSON.
"""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache
from typing import Any

import uvloop
from granian.constants import Interfaces
from granian.server.embed import Server

from userhero.server.serve import _HTTP

Message = MutableMapping[str, Any]


@cache
def _answer(path: str) -> tuple[Message, Message]:
    size = int(path.rpartition("/")[2])
    body = b'"' + b"x" * (size - 2) + b'"'
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % size)]
    return (
        {"type": "http.response.start", "status": 200, "headers": headers},
        {"type": "http.response.body", "body": body},
    )


async def application(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """Answer one request without looking at it."""
    del receive
    start, body = _answer(scope["path"])
    await send(start)
    await send(body)


async def serve(port: int) -> None:
    """Serve until SIGTERM."""
    server = Server(application, address="127.0.0.1", port=port, interface=Interfaces.ASGINL, **_HTTP)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
    await server.serve()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
