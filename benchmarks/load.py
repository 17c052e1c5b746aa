"""Load from wrk, with requests that a generated script holds ready."""

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.figures import Sample
from benchmarks.machine import pinned

_SCRIPT = """\
local requests, turn = {}, 0

function init()
%s
end

function request()
  turn = turn %% #requests + 1
  return requests[turn]
end

%s
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\\n{"requests":%%d,"microseconds":%%d,"p50":%%.1f,"p95":%%.1f,"p99":%%.1f,"refused":%%d,"broken":%%d}\\n',
    summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(95), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
"""
_DELAY = """\
function delay()
  return %d
end
"""


@dataclass(frozen=True)
class Request:
    """One request as it goes over the wire."""

    target: str
    headers: Mapping[str, str]
    method: str = "GET"
    body: str = ""


@dataclass(frozen=True)
class Load:
    """Requests sent in turn over ``connections`` for ``seconds`` (whole ones: wrk knows no others), from one core.

    On each connection ``pause`` milliseconds pass between an answer and the next request.
    """

    requests: Sequence[Request]
    connections: int
    seconds: int
    core: int | None = field(default=None)
    pause: int = 0

    def run(self, port: int) -> Sample:
        """Requests a second, with latencies. Raises RuntimeError where a request failed or was refused."""
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
            file.write(script(self.requests, self.pause))
            file.flush()
            return self._run(port, Path(file.name))

    def _run(self, port: int, path: Path) -> Sample:
        command = ["wrk", "--threads=1", f"--connections={self.connections}", f"--duration={self.seconds}s"]
        command += ["--timeout=30s", f"--script={path}", f"http://127.0.0.1:{port}"]
        done = subprocess.run(pinned(command, self.core), check=False, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"wrk failed:\n{done.stdout}{done.stderr}")
        found = json.loads(done.stdout.strip().splitlines()[-1])
        if found["refused"] or found["broken"] or not found["requests"]:
            raise RuntimeError(f"{self.requests[0].method} {self.requests[0].target}: {found}")
        rate = found["requests"] / found["microseconds"] * 1_000_000
        return Sample(rate, *(found[name] / 1000 for name in ("p50", "p95", "p99")))


def script(requests: Sequence[Request], pause: int = 0) -> str:
    """The Lua text that makes wrk send these, one after the other, and say what came of it as a line of JSON."""
    held = "\n".join(f"  requests[#requests + 1] = {_formatted(request)}" for request in requests)
    return _SCRIPT % (held, _DELAY % pause if pause else "")


def _formatted(request: Request) -> str:
    headers = ", ".join(f"[{_quoted(name)}] = {_quoted(value)}" for name, value in request.headers.items())
    body = _quoted(request.body) if request.body else "nil"
    return f"wrk.format({_quoted(request.method)}, {_quoted(request.target)}, {{{headers}}}, {body})"


def _quoted(text: str) -> str:
    """A Lua string. JSON's escapes are not Lua's, so every byte that could matter is a number."""
    plain = (chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03d}" for byte in text.encode())
    return f'"{"".join(plain)}"'


def spelled(text: str, number: int) -> str:
    """The same text in other bytes for each number: a letter is escaped where a bit is set (RFC 3986, 2.3)."""
    return "".join(f"%{ord(letter):02X}" if number >> place & 1 else letter for place, letter in enumerate(text))
