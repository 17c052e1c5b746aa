"""The floors below the writes, and below PostgreSQL: the same rows by the same SQL, with nothing of the product around.

A process of its own, so that it can be kept to the server's core. ``python -m benchmarks.direct FILE`` reads what to do
from a JSON file (``Task``) and prints a ``Sample`` as JSON.
"""

import gc
import itertools
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
import psycopg

from benchmarks.figures import Sample, percentile
from benchmarks.load import Request
from benchmarks.machine import ROOT, environment, pinned
from benchmarks.recording import Player, Recorded, needed, replay, undone
from userhero.kernel.config import Settings
from userhero.kernel.db import Database
from userhero.kernel.db.sqlite import connect
from userhero.kernel.db.statement import Engine
from userhero.kernel.instance import open_database

GROUP = 64
# How many requests are recorded at a time: enough for a second or so of the engine.
_CHUNKS: dict[Engine, int] = {"sqlite": 20 * GROUP, "postgresql": 5 * GROUP}
# Nobody else may write between what is read and what is written, or SQLite refuses the transaction.
_BEGIN: dict[Engine, str] = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "BEGIN"}


class Task(msgspec.Struct):
    """What to measure, on what, with which requests, for how many seconds, by how many at once."""

    kind: Literal["group commit", "list", "create"]
    data: Path
    database: str | None
    secret: str
    requests: list[Request]
    seconds: float
    threads: int = 1


def measure(task: Task, core: int | None) -> Sample:
    """Run a task in a process on this core. A value is a request's worth of SQL, a second."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        file.write(msgspec.json.encode(task, enc_hook=str))
        file.flush()
        command = pinned([sys.executable, "-m", "benchmarks.direct", file.name], core)
        done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT, env=environment())
    if done.returncode:
        raise RuntimeError(f"the direct run failed:\n{done.stderr}")
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=Sample)


class Stopwatch:
    """Seconds at work, and how long each piece took."""

    def __init__(self) -> None:
        self.pieces: list[float] = []
        self.seconds = 0.0

    def sample(self, count: int) -> Sample:
        """So many requests were served."""
        shown = (percentile(self.pieces, percent) * 1000 for percent in (50, 95, 99))
        return Sample(count / self.seconds, *shown)


def _group_commit(task: Task, database: Database) -> Sample:
    """Groups of 64 units, each made durable by one commit."""
    connection = connect(task.data / "userhero.db")
    watch, count = Stopwatch(), 0
    for units in _recorded(task, database, connection):
        groups = [[needed(unit.inside) for unit in units[at : at + GROUP]] for at in range(0, len(units), GROUP)]
        for group in groups:
            began = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            for steps in group:
                replay(connection, steps)
            connection.execute("COMMIT")
            watch.pieces.append(time.perf_counter() - began)
            count += len(group)
        watch.seconds = sum(watch.pieces)
        if watch.seconds >= task.seconds:
            break
    connection.close()
    return watch.sample(count)


def _recorded(task: Task, database: Database, connection: Any) -> Iterator[list[Recorded]]:
    """What the product would run for these requests, some at a time: recorded, undone, and not part of the time."""
    player = Player(database, connection)
    requests = itertools.cycle(task.requests)
    while True:
        with undone(connection, _BEGIN[database.engine]):
            recorded = player.record(list(itertools.islice(requests, _CHUNKS[database.engine])))
        gc.collect()
        gc.freeze()
        yield recorded


def _on_postgresql(task: Task, database: Database) -> Sample:
    """Threads with a connection each, as in the server's pool. Admission commits by itself, a create as a whole."""
    assert task.database is not None, "the task names a PostgreSQL database"
    connections = [_connect(task.database) for _ in range(task.threads)]
    watch, count = Stopwatch(), 0
    recorded = _recorded(task, database, connections[0])
    if task.kind == "list":
        recorded = itertools.repeat(next(recorded))
    for units in recorded:
        shares = [units[number :: task.threads] for number in range(task.threads)]
        began = time.perf_counter()
        _together([_worker(connections[n], share, watch, task.kind) for n, share in enumerate(shares)])
        watch.seconds += time.perf_counter() - began
        count += len(units)
        if watch.seconds >= task.seconds:
            break
    for connection in connections:
        connection.close()
    return watch.sample(count)


def _connect(url: str) -> "psycopg.Connection[Any]":
    return psycopg.connect(url, autocommit=True, prepare_threshold=2)


def _worker(connection: Any, units: Sequence[Recorded], watch: Stopwatch, kind: str) -> Callable[[], None]:
    def work() -> None:
        for unit in units:
            began = time.perf_counter()
            replay(connection, unit.before)
            if kind == "create":
                with connection.transaction():
                    replay(connection, unit.inside)
            else:
                replay(connection, unit.inside)
            watch.pieces.append(time.perf_counter() - began)

    return work


def _together(works: Sequence[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def run(task: Task) -> Sample:
    """Measure in this process."""
    database = open_database(Settings(data=task.data, database=task.database, secret_key=task.secret))
    try:
        return _group_commit(task, database) if task.kind == "group commit" else _on_postgresql(task, database)
    finally:
        database.close()


def _read_path(kind: type, value: Any) -> Any:
    if kind is Path:
        return Path(value)
    raise NotImplementedError


if __name__ == "__main__":
    given = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Task, dec_hook=_read_path)
    print(msgspec.json.encode(run(given)).decode())
