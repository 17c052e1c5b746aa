"""Several processes on PostgreSQL are one server."""

import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.databases import Instances
from tests.support.live import USERHERO, LiveServer, clean_environment
from tests.support.processes import Process

Serve = Callable[..., LiveServer]


@pytest.fixture(autouse=True)
def on_postgresql(engine: str) -> None:
    if engine != "postgresql":
        pytest.skip("SQLite has one process")


@pytest.fixture
def pair(serve: Serve) -> LiveServer:
    return serve(options=["--workers", "2"])


def children(pid: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text("utf-8").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid and b"spawn_main" in (status.parent / "cmdline").read_bytes():
            found.append(int(status.parent.name))
    return found


@pytest.mark.case("RL-03")
def test_the_limit_of_a_key_holds_over_all_processes(pair: LiveServer) -> None:
    caller = pair.tenant()
    statuses = [caller.get("/projects").status for _ in range(105)]
    assert statuses.count(200) == 100
    assert statuses.count(429) == 5


def test_metrics_add_up_over_all_processes(pair: LiveServer) -> None:
    caller = pair.tenant()
    for _ in range(20):
        caller.get("/projects")
    for _ in range(5):
        text = pair.client.request("GET", "/metrics").body.decode()
        found = re.search(r'userhero_answers_total\{operation="list_projects",status="200"\} (\S+)', text)
        assert found is not None
        assert float(found[1]) == 20


def test_a_process_that_dies_is_replaced(pair: LiveServer) -> None:
    first, second = children(pair.process.pid)
    os.kill(first, signal.SIGKILL)
    pair.process.wait_until(lambda: len(set(children(pair.process.pid)) - {first, second}) == 1)
    pair.process.wait_until(pair.is_ready)
    pair.stop()


@pytest.fixture
def worker(instances: Instances, tmp_path: Path) -> Iterator[tuple[LiveServer, Process]]:
    instance = instances.make()
    server = LiveServer(instance)
    words = [str(USERHERO), "worker", *server.place]
    process = Process(words, tmp_path / "worker.log", env=clean_environment())
    yield server, process
    process.kill()
    server.process.kill()


def test_background_work_is_for_workers(worker: tuple[LiveServer, Process]) -> None:
    server, process = worker
    process.wait_until(lambda: "working" in process.output())
    process.wait_until(lambda: "No jobs wait" in server.command("jobs", "list"))
    assert process.stop() == 0
    assert "stopping" in process.output()
    server.stop()
