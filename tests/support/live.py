"""The product as its users start it: a ``userhero serve`` process with a port and data of its own."""

import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from random import SystemRandom
from typing import Any

import pytest

from tests.support.client import Body, Headers, Response
from tests.support.client import prepared as prepared_request
from tests.support.databases import Instance, Instances
from tests.support.processes import Process
from tests.support.tenants import Tenant, Tenants
from userhero.kernel.config import Settings
from userhero.kernel.db import Database
from userhero.kernel.instance import open_database

USERHERO = Path(sys.executable).with_name("userhero")
# Below what systems hand out: Linux from 32768 on, others from 49152 on.
PORTS = (10_000, 32_000)
_chance = SystemRandom()


class Wire:
    """Sends requests over TCP, each on a connection of its own."""

    def __init__(self, port: int) -> None:
        self._port = port

    def request(
        self, method: str, target: str, *, headers: Headers = (), json: Any = ..., body: Body = b""
    ) -> Response:
        """One request, answered. ``body`` as a list goes out in chunks (``Transfer-Encoding: chunked``)."""
        given, content = prepared_request(headers, json, body)
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            connection.putrequest(method, target)
            for name, value in given:
                connection.putheader(name, value)
            if isinstance(body, bytes):
                connection.endheaders(b"".join(content))
            else:
                connection.putheader("transfer-encoding", "chunked")
                connection.endheaders(iter(content), encode_chunked=True)
            answer = connection.getresponse()
            lower = [(name.lower(), value) for name, value in answer.getheaders()]
            return Response(answer.status, lower, answer.read())
        finally:
            connection.close()


class LiveServer:
    """A ``userhero serve`` process on an instance. It can be ended and started again on the same data."""

    def __init__(
        self,
        instance: Instance,
        *,
        options: Sequence[str] = (),
        env: dict[str, str] | None = None,
        program: Sequence[str | Path] = (USERHERO,),
    ) -> None:
        self.instance = instance
        self.program = program
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = Wire(self.port)
        self._options = list(options)
        # What a killed server leaves behind then goes with the instance.
        self._env = clean_environment() | {"TMPDIR": str(instance.data.parent)} | (env or {})
        self._log = instance.data.with_suffix(".log")
        self.start()

    def start(self) -> None:
        """Start the process; returns when it says that it is ready."""
        command = [*self.program, "serve", *self.place, "--port", str(self.port), *self._options]
        self.process = Process(command, self._log, env=self._env)
        self.process.wait_until(self.is_ready)

    @property
    def place(self) -> list[str]:
        """The options that name this instance on any command line."""
        database = ["--database", self.instance.url] if self.instance.url else []
        return ["--data", str(self.instance.data), *database]

    def is_ready(self) -> bool:
        """Whether ``/readyz`` says so."""
        try:
            return self.client.request("GET", "/readyz").status == 200
        except OSError:
            return False

    @cached_property
    def database(self) -> Database:
        """The server's database, opened a second time, as the command line does."""
        return open_database(Settings(data=self.instance.data, database=self.instance.url))

    def tenant(self) -> Tenant:
        """A new tenant, whose requests go to this server."""
        return Tenants(self.database, self.client)()

    def stop(self) -> None:
        """End the server as an operator does; fails where it does not end well."""
        if "database" in self.__dict__:
            self.database.close()
        code = self.process.stop()
        assert code == 0, self.process.output()

    def command(self, *words: str) -> str:
        """Run another ``userhero`` command on the instance; returns what it prints. Fails where the command does."""
        done = subprocess.run(
            [USERHERO, *words, *self.place], check=False, capture_output=True, text=True, env=self._env, timeout=60
        )
        assert done.returncode == 0, f"userhero {words}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout


def free_port() -> int:
    """A port of the loopback address that nobody listens on.

    None that the system hands out by itself, to whoever connects or asks for any port: until the server that is to have
    it has started, others would get it. By chance, since other runs look for ports too.
    """
    while True:
        port = _chance.randrange(*PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def clean_environment() -> dict[str, str]:
    """This process's environment without settings of the product."""
    return {name: value for name, value in os.environ.items() if not name.startswith("USERHERO_")}


@pytest.fixture(scope="session")
def _shared_server(instances: Instances) -> Iterator[LiveServer]:
    server = LiveServer(instances.make(migrated=False))
    yield server
    server.stop()


@pytest.fixture
def live_server(_shared_server: LiveServer) -> Iterator[LiveServer]:
    """A running server that all tests of this process share; what it logs meanwhile is shown where a test fails."""
    before = len(_shared_server.process.output())
    yield _shared_server
    sys.stderr.write(_shared_server.process.output()[before:])


@pytest.fixture
def serve(instances: Instances) -> Iterator[Callable[..., LiveServer]]:
    """Starts servers for one test, which may kill them: ``serve(instance=…, options=[…], env={…})``."""
    started: list[LiveServer] = []

    def start(instance: Instance | None = None, **settings: Any) -> LiveServer:
        server = LiveServer(instance or instances.make(), **settings)
        started.append(server)
        return server

    yield start
    for server in started:
        sys.stderr.write(server.process.output())
        server.process.kill()
        if "database" in server.__dict__:
            server.database.close()
