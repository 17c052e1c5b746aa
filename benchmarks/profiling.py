"""Where the time of a request goes: in this process without a socket, and in the server under load."""

import asyncio
import cProfile
import pstats
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path

from benchmarks.bench import Bench, Options
from benchmarks.load import Load, Request
from benchmarks.recording import Player
from benchmarks.writes import introduce
from userhero.kernel.config import Settings
from userhero.kernel.db.sqlite import connect
from userhero.kernel.instance import open_database

_LINES = 35
_REQUESTS = 3_200
_GROUP = 64
_SECONDS = 6
# What a thread that has nothing to do is seen in.
_WAITING = ("", "Condition.wait (threading.py)", "SqliteDatabase._write_groups (userhero/kernel/db/sqlite.py)")


def _lists(bench: Bench) -> list[Request]:
    return bench.readings("/feedback", "&status=new")


def _creates(bench: Bench) -> list[Request]:
    return bench.posts(count=256)


REQUESTS = {"P1": _lists, "P3": _creates}


def profile(name: str, items: int) -> None:
    """Print both profiles of one kind of request."""
    with Bench(Options(items=items, seconds=_SECONDS)) as bench:
        requests = REQUESTS[name](bench)
        sampler = Path(sys.executable).with_name("py-spy")
        if sampler.exists():
            _print_sampled(bench, requests, sampler)
        bench.stop_servers()
        _print_counted(bench, requests)


def _print_counted(bench: Bench, requests: Sequence[Request]) -> None:
    """Every call, in one thread: what Python spends its time on. The profiler itself slows calls, not statements."""
    database = open_database(Settings(data=bench.data.folder))
    connection = connect(bench.data.folder / "userhero.db")
    player = Player(database, connection)
    group = list(islice(cycle(requests), _GROUP))

    def work() -> None:
        for _ in range(_REQUESTS // _GROUP):
            connection.execute("BEGIN")
            asyncio.run(player.play_all(group))
            connection.execute("COMMIT")

    work()
    began = time.perf_counter()
    work()
    each = (time.perf_counter() - began) / _REQUESTS * 1_000_000
    print(f"\nIn this process, no socket, groups of {_GROUP} to a transaction: {each:.0f} µs a request\n")
    profiler = cProfile.Profile()
    profiler.runcall(work)
    pstats.Stats(profiler).strip_dirs().sort_stats("tottime").print_stats(_LINES)
    connection.close()
    database.close()


def _print_sampled(bench: Bench, requests: Sequence[Request], sampler: Path) -> None:
    """Samples of the real server under load: which functions were on the processor, by themselves and with callees."""
    if requests[0].method == "POST":
        introduce(bench.embedded, list(requests))
    load = Load(requests, _GROUP, _SECONDS, bench.cores.load)
    with tempfile.NamedTemporaryFile(suffix=".txt") as file:
        command = [str(sampler), "record", "--pid", str(bench.embedded.pid), "--duration", str(_SECONDS - 1)]
        command += ["--rate", "100", "--nonblocking", "--format", "raw", "--output", file.name]
        watching = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        sample = load.run(bench.embedded.port)
        watching.wait()
        stacks = Path(file.name).read_text("utf-8").splitlines()
    print(f"\nThe server under load, sampled: {sample.value:,.0f} requests/s, p50 {sample.p50:.1f} ms\n")
    own, total = tallied(stacks)
    whole = max(1, sum(own.values()))
    print(f"{'own':>6} {'total':>6}  function")
    for name, count in own.most_common(_LINES):
        print(f"{count / whole:6.1%} {total[name] / whole:6.1%}  {name}")


def tallied(stacks: Sequence[str]) -> tuple[Counter[str], Counter[str]]:
    """Samples by function, from lines such as ``outer;inner 12``: as the innermost one, and anywhere on the stack.

    Threads that wait are left out.
    """
    own: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for line in stacks:
        stack, _, count = line.rpartition(" ")
        names = [frame.rpartition(":")[0] + ")" if ":" in frame else frame for frame in stack.split(";")]
        if names[-1] in _WAITING:
            continue
        own[names[-1]] += int(count)
        total.update(dict.fromkeys(names, int(count)))
    return own, total
