"""P12, W1 to W5: what happens after the answer, and what it costs those who ask meanwhile."""

import json
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

from benchmarks import behind, dataset, servers
from benchmarks.behind import Done, Task
from benchmarks.bench import API, Bench
from benchmarks.figures import Part, Result, Sample, Side, interleaved, percentile, ratio
from benchmarks.load import Load
from benchmarks.servers import Server
from benchmarks.writes import introduce

_CLIENTS = 64
_AUTOMATIONS, _FEW_AUTOMATIONS = 1_000, 20
_LONGEST_WAIT_MS = 50
_PAUSE = 0.2


def automations_on_create(bench: Bench) -> Result:
    """P12: what a thousand automations that match every new item cost whoever records it."""
    bench.stop_servers()
    count = _FEW_AUTOMATIONS if bench.options.small else _AUTOMATIONS
    posts = bench.posts(count=256)
    with_them, without = (bench.started(_copy(bench, name)) for name in ("automated", "plain"))
    for server in (with_them, without):
        introduce(server, posts)
    for number in range(count):
        _automation(bench, with_them, number)
    load = bench.load(*posts, connections=_CLIENTS)
    ours, floor = interleaved(
        bench.options.repetitions,
        partial(_alone, load, with_them, without),
        partial(_alone, load, without, with_them),
    )
    sides = [Side(f"{count:,} automations", "/s", ours), Side("none", "/s", floor)]
    return Result(
        "P12", f"POST /feedback with {count:,} matching automations", [Part("create", ratio(*sides), 0.90, sides)]
    )


def _alone(load: Load, server: Server, other: Server) -> Sample:
    """Load on one server, while the other has no part of the core that they share."""
    with other.suspended():
        return load.run(server.port)


def merge(bench: Bench) -> Result:
    """W1: two customers with many items become one."""
    items = 500 if bench.options.small else 10_000
    return _timed(bench, "W1", f"Two customers with {items:,} items each become one", "merge", items, 2)


def overdue(bench: Bench) -> Result:
    """W2: many deadlines pass at once."""
    return _timed(bench, "W2", "Overdue items of the large workspace, all marked", "overdue", 0, 5)


def scan(bench: Bench) -> Result:
    """W3: a scheduled automation looks at many open items."""
    return _timed(
        bench, "W3", "A scheduled automation over the large workspace, one item in 100 matches", "scan", 0, 30
    )


def fan_out(bench: Bench) -> Result:
    """W4: events and those who react to them."""
    items = 200 if bench.options.small else 4_000
    parts = []
    for acting in (0, 1, 10):
        done = _behind(bench, "fan out", items, acting)
        side = Side(f"{acting} of 10 act", "events/s", [Sample(done.count / done.seconds)])
        parts.append(Part(side.label, side.median, 1_000, [side], unit="events/s"))
    return Result("W4", "Events that 10 automations look at", parts)


def webhooks(bench: Bench) -> Result:
    """W5: from the answer to a create until an endpoint has heard of it."""
    bench.stop_servers()
    heard: dict[str, float] = {}
    count = 5 if bench.options.small else 50
    with _receiver(heard) as address:
        server = bench.started(_copy(bench, "hooked", USERHERO_OUTBOUND_ALLOW="127.0.0.0/8"))
        body = {"workspaceId": bench.pristine.facts.workspace_id, "url": address, "events": ["feedback.created"]}
        server.json("POST", f"{API}/webhook-endpoints", bench.headers(), json.dumps(body))
        answered = {}
        for post in bench.posts(count=count):
            item = server.json(post.method, post.target, post.headers, post.body)
            answered[item["data"]["id"]] = time.perf_counter()
            time.sleep(_PAUSE)
        _wait_for(heard, count)
    late = [(heard[each] - answered[each]) * 1000 for each in answered]
    shown = [percentile(late, percent) for percent in (50, 95, 99)]
    side = Side("from the answer to the delivery", "ms", [Sample(statistics.median(late), *shown)])
    return Result(
        "W5", "A delivery to an endpoint, nothing else to do", [Part("p95", shown[1], 1_000, [side], "less", "ms")]
    )


def _timed(
    bench: Bench, name: str, title: str, kind: Literal["merge", "overdue", "scan"], items: int, seconds: float
) -> Result:
    """Two values: how long the work took, and the longest that somebody waited for a write meanwhile."""
    done = _behind(bench, kind, items)
    took = Side("the work", "s", [Sample(done.seconds)])
    waited = Side("longest wait for a create meanwhile", "ms", [done.waits])
    parts = [
        Part(f"{done.count:,} items", done.seconds, seconds, [took], "less", "s"),
        Part("others wait", done.longest_wait, _LONGEST_WAIT_MS, [waited], "less", "ms"),
    ]
    return Result(name, title, parts)


def _behind(bench: Bench, kind: Literal["merge", "overdue", "scan", "fan out"], items: int, acting: int = 0) -> Done:
    """The work on a copy of the data of its own."""
    bench.stop_servers()
    copied = dataset.copy(bench.pristine, bench.folder / f"{kind}-{acting}")
    return behind.measure(Task(kind, copied.folder, copied.facts, copied.secret, items, acting), bench.cores.server)


def _copy(bench: Bench, name: str, **settings: str) -> Server:
    copied = dataset.copy(bench.pristine, bench.folder / name)
    return servers.product(copied.folder, core=bench.cores.server, settings=settings)


def _automation(bench: Bench, server: Server, number: int) -> None:
    facts = bench.pristine.facts
    body = {
        "workspaceId": facts.workspace_id,
        "projectId": facts.project_id,
        "name": f"Automation {number}",
        "scope": "feedback.created",
        "conditions": {"combinator": "and", "rules": [{"field": "message", "operator": "is_set"}]},
        "actions": [{"type": "set_priority", "params": {"priority": "high"}}],
    }
    server.json("POST", f"{API}/automations", bench.headers(), json.dumps(body))


@contextmanager
def _receiver(heard: dict[str, float]) -> Iterator[str]:
    """Somebody who takes deliveries and notes when which item came."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            heard[body["data"]["id"]] = time.perf_counter()
            self.send_response(204)
            self.end_headers()

        def log_message(self, *values: object) -> None:
            del values

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _wait_for(heard: dict[str, float], count: int) -> None:
    deadline = time.perf_counter() + 60
    while len(heard) < count:
        if time.perf_counter() > deadline:
            raise RuntimeError(f"{len(heard)} of {count} deliveries came")
        time.sleep(0.05)
