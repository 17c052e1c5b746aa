"""What one product is asked, and whether it answered: the same for all of them."""

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from benchmarks.figures import Sample
from benchmarks.load import Load, Request
from benchmarks.machine import environment, process_tree
from benchmarks.servers import Server

CONNECTIONS = 8
# gunicorn's own rule: twice the number of cores, and one.
WORKERS = 3
# What takes longer than this is timed one at a time, until so much time is spent or there are so many figures.
_SLOW_SECONDS = 0.5
_SPENT_SECONDS = 60.0
_HOPELESS_SECONDS = 5.0
_CALL_SECONDS = 600
# Without work, several servers together take less than so much processor time in a pause.
_IDLE_TICKS, _PAUSE_SECONDS, _REST_SECONDS = 3, 0.3, 180.0

Check = Callable[[Sequence[bytes]], None]


@dataclass(frozen=True)
class Work:
    """One line of the comparison. It takes the first ``each`` requests to do it once; the others do it again."""

    label: str
    requests: Sequence[Request]
    check: Check
    each: int = 1


@dataclass(frozen=True)
class Contender:
    """A product that serves. ``works`` are by the name of their line, ``versions`` by the name of the package."""

    name: str
    server: Server
    works: Mapping[str, Work]
    versions: Mapping[str, str]


class Tried(NamedTuple):
    """The work done once: how long it took, and how much was answered."""

    seconds: float
    bytes: int


def tried(server: Server, work: Work) -> Tried:
    """Do the work once and look at the answers. Raises RuntimeError where one is not what it should be."""
    began = time.perf_counter()
    answers = []
    for request in work.requests[: work.each]:
        status, body = server.call(
            request.method, request.target, request.headers, request.body or None, seconds=_CALL_SECONDS
        )
        if status >= 300:
            raise RuntimeError(f"{request.method} {request.target}: {status} {body[:500]!r}")
        answers.append(body)
    seconds = time.perf_counter() - began
    work.check(answers)
    return Tried(seconds, sum(map(len, answers)))


def is_slow(server: Server, work: Work, first: float) -> bool:
    """Whether the work is to be done one at a time; ``first`` is how long it took when done first, in seconds.

    Nobody is judged by the first time, unless that was hopeless.
    """
    return first > _HOPELESS_SECONDS or (first > _SLOW_SECONDS and tried(server, work).seconds > _SLOW_SECONDS)


def sampled(server: Server, work: Work, core: int | None, seconds: int, *, slow: bool) -> Sample:
    """How often a second the work is done: under load of so many seconds, or one at a time where it is ``slow``."""
    if slow:
        took = tried(server, work).seconds
        return Sample(1 / took, took * 1000, took * 1000, took * 1000)
    sample = Load(work.requests, CONNECTIONS, seconds, core).run(server.port)
    return Sample(sample.value / work.each, sample.p50, sample.p95, sample.p99)


def is_enough(samples: Sequence[Sample], repetitions: int) -> bool:
    """Whether to stop: there are as many figures as wanted, or doing it that often took long enough."""
    spent = sum(1 / sample.value for sample in samples)
    return len(samples) >= repetitions or spent > _SPENT_SECONDS


def rest(servers: Sequence[Server]) -> None:
    """Return once none of them works any more, and everything they wrote is on the disk.

    A load that ends leaves requests behind that are still worked on: without this, the next turn would pay for them.
    Raises RuntimeError where one goes on for minutes.
    """
    deadline = time.monotonic() + _REST_SECONDS
    before = sum(_ticks(server.pid) for server in servers)
    while time.monotonic() < deadline:
        time.sleep(_PAUSE_SECONDS)
        after = sum(_ticks(server.pid) for server in servers)
        if after - before <= _IDLE_TICKS:
            os.sync()
            return
        before = after
    raise RuntimeError("a server does not come to rest")


def _ticks(pid: int) -> int:
    """Processor time of a process and its children, in the kernel's hundredths of a second."""
    stats = (Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split() for each in process_tree(pid))
    return sum(int(fields[11]) + int(fields[12]) for fields in stats)


def proportional(pid: int) -> float:
    """MiB that a process and its children hold; of what they share, each counts its part."""
    total = 0
    for each in process_tree(pid):
        for line in Path(f"/proc/{each}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def said_by(command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str] | None = None) -> str:
    """Run a program to its end; returns what it printed. Raises RuntimeError, with all that it said, where it fails."""
    finished = subprocess.run(command, check=False, cwd=cwd, env=env or environment(), capture_output=True, text=True)
    if finished.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{finished.stdout}{finished.stderr}")
    return finished.stdout


def expect(fact: bool, what: str, answer: object) -> None:
    """Raises RuntimeError where an answer is not what it should be."""
    if not fact:
        raise RuntimeError(f"{what}: {str(answer)[:500]}")
