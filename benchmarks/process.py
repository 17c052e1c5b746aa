"""P9, P10: the process itself."""

import tempfile
import time
from pathlib import Path

from benchmarks import servers
from benchmarks.bench import Bench
from benchmarks.figures import Part, Result, Sample, Side
from benchmarks.machine import resident

_STARTS = 5
_SETTLING_SECONDS = 2.0


def idle_memory(bench: Bench) -> Result:
    """P9: a server that has answered its first request and waits for the second."""
    bench.stop_servers()
    sizes = []
    for _ in range(min(3, bench.options.repetitions)):
        server = servers.product(bench.data.folder)
        time.sleep(_SETTLING_SECONDS)
        sizes.append(resident(server.pid))
        server.stop()
    side = Side("resident", "MiB", [Sample(size) for size in sizes])
    part = Part("memory", side.median, 120, [side], better="less", unit="MiB")
    return Result("P9", "Memory of the idle embedded server", [part])


def start(bench: Bench) -> Result:
    """P10: from the command to the first 200 of ``/readyz``."""
    bench.stop_servers()
    empty, full = [], []
    for _ in range(2 if bench.options.small else _STARTS):
        with tempfile.TemporaryDirectory(prefix="userhero-bench-") as folder:
            empty.append(_seconds(Path(folder) / "data"))
        full.append(_seconds(bench.data.folder))
    sides = [Side("empty data directory", "s", empty), Side(f"{bench.options.items:,} items", "s", full)]
    parts = [Part(side.label, side.median, 1.5, [side], better="less", unit="s") for side in sides]
    return Result("P10", "Start to first answered request", parts)


def _seconds(data: Path) -> Sample:
    server = servers.product(data)
    server.stop()
    return Sample(server.seconds_to_answer)
