"""P7, P8: PostgreSQL."""

from benchmarks import direct
from benchmarks.bench import POOL, Bench
from benchmarks.direct import Task
from benchmarks.figures import Part, Result, Side, interleaved, ratio
from benchmarks.load import Request
from benchmarks.servers import Server
from benchmarks.writes import introduce

_KEYS = 1_000


def against_psycopg(bench: Bench) -> Result:
    """P7: the list and the create, against the SQL that they run.

    The server, and what stands in for it, has one core; PostgreSQL shares the other with the load.
    """
    bench.stop_servers()
    bench.cluster.keep_to(bench.cores.load)
    server = bench.scaled(1, bench.cores.server)
    reads, posts = _reads(bench), bench.posts(count=_KEYS, keys=_KEYS)
    introduce(server, posts)
    parts = [
        _compare(bench, server, "list", reads),
        _compare(bench, server, "create", posts),
    ]
    bench.cluster.keep_to(None)
    note = f"{POOL} connections; {_KEYS:,} API keys in turn, so that the log of each stays near 100 entries"
    return Result("P7", "PostgreSQL: the list of P1 and the create of P3 against their SQL", parts, note=note)


def two_workers(bench: Bench) -> Result:
    """P8: what a second process brings."""
    title = "PostgreSQL: the list of P1 with 2 workers against 1"
    if bench.cores.load is None:
        return Result("P8", title, missing="this machine has one core")
    bench.stop_servers()
    load = bench.load(*_reads(bench), connections=2 * POOL)
    sides = {"2 workers": (load, bench.scaled(2, None)), "1 worker": (load, bench.scaled(1, None))}
    note = "PostgreSQL and the load share the cores with the workers"
    return Result("P8", title, [bench.compared("workers", 1.6, sides)], note=note)


def _reads(bench: Bench) -> list[Request]:
    target = bench.reading("/feedback", "&status=new").target
    return [Request(target, {"Authorization": bench.headers(number)["Authorization"]}) for number in range(_KEYS)]


def _compare(bench: Bench, server: Server, kind: str, requests: list[Request]) -> Part:
    load = bench.load(*requests, connections=POOL)
    folder = bench.folder / "direct"
    task = Task(
        "list" if kind == "list" else "create",
        folder,
        bench.url,
        bench.pristine.secret,
        requests,
        bench.options.seconds,
        POOL,
    )
    ours, floor = interleaved(
        bench.options.repetitions,
        lambda: load.run(server.port),
        lambda: direct.measure(task, bench.cores.server),
    )
    sides = [Side(f"product, {kind}", "/s", ours), Side(f"psycopg, {kind}", "/s", floor)]
    return Part(kind, ratio(sides[0], sides[1]), 0.40, sides)
