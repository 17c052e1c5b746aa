"""The servers that are measured: the product as its users start it, and the one that answers constants."""

import http.client
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.machine import ROOT, environment, free_port, pinned
from tests.support.processes import Process

USERHERO = Path(sys.executable).with_name("userhero")
# As high as the setting goes: every request is counted, none is refused.
_SETTINGS = {"USERHERO_RATE_LIMIT": "1000000", "USERHERO_LOG_LEVEL": "warning"}
_PAUSE = 0.002
_SECONDS = 60


class Server:
    """A process that answers on a port of its own, kept to one core where that is asked."""

    def __init__(self, command: list[str], port: int, ready: str, core: int | None, env: Mapping[str, str]) -> None:
        self.port = port
        self._folder = Path(tempfile.mkdtemp(prefix="userhero-bench-"))
        began = time.perf_counter()
        self._process = Process(pinned(command, core), self._folder / "log", env=env, cwd=ROOT)
        self.seconds_to_answer = self._wait(ready) - began

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    def _wait(self, ready: str) -> float:
        deadline = time.perf_counter() + _SECONDS
        while time.perf_counter() < deadline and self._process.code is None:
            try:
                if self.call("GET", ready)[0] == 200:
                    return time.perf_counter()
            except OSError:
                time.sleep(_PAUSE)
        raise RuntimeError(f"the server did not start:\n{self._process.output()}")

    def call(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | None = None,
        body: str | None = None,
        *,
        seconds: float = 60,
    ) -> tuple[int, bytes]:
        """Status and body of one request, on a connection of its own; OSError where nothing comes for so long."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            connection.request(method, target, body, dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def json(self, method: str, target: str, headers: Mapping[str, str], body: str | None = None) -> Any:
        """What a request answers. Raises RuntimeError where it is no success."""
        status, answer = self.call(method, target, headers, body)
        if status >= 300:
            raise RuntimeError(f"{method} {target}: {status} {answer[:500]!r}")
        return json.loads(answer)

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Inside, it does nothing."""
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)

    def stop(self) -> None:
        """End it."""
        self._process.stop(signal.SIGTERM)
        shutil.rmtree(self._folder)


def product(
    data: Path, *, core: int | None = None, options: tuple[str, ...] = (), settings: Mapping[str, str] | None = None
) -> Server:
    """``userhero serve`` on a data directory; returns once it is ready."""
    port = free_port()
    command = [str(USERHERO), "serve", "--data", str(data), "--port", str(port), *options]
    return Server(command, port, "/readyz", core, environment(**_SETTINGS, **(settings or {})))


def constant(core: int | None) -> Server:
    """The server that answers ``/constant/N`` with N bytes."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.constant", str(port)]
    return Server(command, port, "/constant/100", core, environment())
