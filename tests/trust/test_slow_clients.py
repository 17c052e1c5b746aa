"""Clients who send next to nothing for as long as they can: they are closed, and hold up nobody."""

import socket
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from typing import NamedTuple

import pytest

from tests.support.databases import Engine
from tests.support.live import LiveServer
from tests.support.measuring import Measured
from tests.support.tenants import Tenant

Serve = Callable[..., LiveServer]
PROGRAM = (sys.executable, Path(__file__).with_name("hasty.py"))
REQUEST = b"POST /api/v1/feedback HTTP/1.1\r\nhost: 127.0.0.1\r\n"


class Manner(NamedTuple):
    """How a client is slow: what it sends at once, and what it goes on with."""

    first: bytes
    then: bytes


class Slow:
    """Many slow clients of several manners, and when each was closed."""

    def __init__(self, port: int, manners: list[Manner], count: int) -> None:
        self.closed: list[float] = []
        self._began = time.monotonic()
        self._selector = DefaultSelector()
        for number in range(count):
            manner = manners[number % len(manners)]
            sock = socket.create_connection(("127.0.0.1", port), timeout=30)
            sock.sendall(manner.first)
            sock.setblocking(False)
            self._selector.register(sock, EVENT_READ, manner)

    @property
    def open(self) -> int:
        return len(self._selector.get_map())

    def look(self) -> None:
        """Note who was closed."""
        for key, _ in self._selector.select(0):
            assert isinstance(key.fileobj, socket.socket)
            with suppress(ConnectionError):
                if key.fileobj.recv(65_536):
                    continue
            self._selector.unregister(key.fileobj)
            key.fileobj.close()
            self.closed.append(time.monotonic() - self._began)

    def drip(self) -> None:
        """Let each send a little more."""
        for key in list(self._selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)
            with suppress(OSError):
                key.fileobj.send(key.data.then)

    def close(self) -> None:
        for key in list(self._selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)
            key.fileobj.close()
        self._selector.close()


@contextmanager
def slow(port: int, caller: Tenant, count: int) -> Iterator[Slow]:
    key = f"{caller.authorization[0]}: {caller.authorization[1]}\r\n".encode()
    body = REQUEST + key + b"content-type: application/json\r\ncontent-length: 1000\r\n\r\n{"
    clients = Slow(port, [Manner(REQUEST, b"x-more: 1\r\n"), Manner(body, b" "), Manner(b"", b"")], count)
    try:
        yield clients
    finally:
        clients.close()


def took(caller: Tenant) -> float:
    began = time.monotonic()
    assert caller.get("/feedback").status == 200
    return time.monotonic() - began


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


@pytest.mark.case("HTTP-04")
@pytest.mark.figure(no="H16")
def test_slow_clients_are_closed(serve: Serve, engine: Engine, long: bool, measured: Measured) -> None:
    """Those that send a line of a head now and then, a byte of a body, or nothing. The short form's server has a tenth
    of the patience, for a tenth of the clients.
    """
    if engine == "postgresql" and not long:
        pytest.skip("workers start from nothing, and have all of the patience: make trust FIGURES=H16")
    count, scale = (500, 1) if long else (51, 10)
    env = {"USERHERO_RATE_LIMIT": "1000000"}
    server = serve(env=env) if long else serve(env=env, program=PROGRAM)
    caller = server.tenant()
    quiet = [took(caller) for _ in range(100)]
    busy: list[float] = []
    with slow(server.port, caller, count) as clients:
        began = dripped = time.monotonic()
        while clients.open and time.monotonic() - began < 60:
            clients.look()
            busy.append(took(caller))
            if time.monotonic() - dripped > 2 / scale:
                clients.drip()
                dripped = time.monotonic()
        left = clients.open
    assert left == 0, f"{left} of {count} are still open"
    last = max(clients.closed)
    slower = p95(busy) / p95(quiet)
    # The short form says that they are closed; how soon depends on what else the machine does.
    if long:
        assert last <= 30
        assert slower <= 2
    measured(
        attempts=count,
        found=f"{count} of {count} closed, the last after {last:.1f} s; p95 of others {slower:.1f} times as long",
    )
