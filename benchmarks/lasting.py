"""What becomes of the server's memory while people work with it: an hour of mixed load, looked at once a minute.

Agents list, search, open, answer and sort; customers send; programs follow the events. The pace is that of a busy team,
not of a race: about a hundred requests a second.
"""

import json
from random import Random

from benchmarks.bench import API, Bench, Options
from benchmarks.figures import Sample
from benchmarks.load import Load, Request
from benchmarks.machine import resident
from benchmarks.texts import COMMON, RARE

_CONNECTIONS, _PAUSE_MS = 8, 80
_OPENED, _ROUNDS = 400, 20
# How many of a hundred requests are of each kind.
_LISTS, _ITEMS, _CREATES, _COMMENTS, _CHANGES, _SEARCHES, _CUSTOMERS, _EVENTS = 40, 20, 10, 8, 8, 6, 4, 4
_FILTERS = (
    "&status=new", "&status=in-progress&sort=priority", "&priority=urgent", "&category=bug&status=new", "&tag=ios",
    "&slaBreached=true", "&status=resolved&sort=updatedAt", "&page=40", "&search=invoice%20export&status=new",
)  # fmt: skip


def last(items: int, minutes: int) -> None:
    """Print a line for each minute: what the process has resident, and how it answered."""
    with Bench(Options(items=items, seconds=60)) as bench:
        requests = _mixed(bench)
        server = bench.embedded
        load = Load(requests, _CONNECTIONS, bench.options.seconds, bench.cores.load, _PAUSE_MS)
        print(f"before the first request: {resident(server.pid):.1f} MiB", flush=True)
        for minute in range(1, minutes + 1):
            print(_line(minute, load.run(server.port), resident(server.pid)), flush=True)


def _line(minute: int, sample: Sample, size: float) -> str:
    return (
        f"minute {minute}: {size:.1f} MiB, {sample.value:.0f} requests a second, "
        f"p50 {sample.p50:.1f} ms, p99 {sample.p99:.1f} ms"
    )


def _mixed(bench: Bench) -> list[Request]:
    """Some thousand requests in the order of chance, the same each time."""
    random = Random(11)
    opened = [f"/feedback/{feedback_id}" for feedback_id in _some_items(bench)]
    creates = bench.posts(count=_CREATES * _ROUNDS, keys=50)
    requests = [
        *(bench.reading("/feedback", random.choice(_FILTERS)) for _ in range(_LISTS * _ROUNDS)),
        *(bench.reading(random.choice(opened)) for _ in range(_ITEMS * _ROUNDS)),
        *creates,
        *(
            _change(bench, f"{random.choice(opened)}/comments", "POST", message="We are on it. " * 9)
            for _ in range(_COMMENTS * _ROUNDS)
        ),
        *(
            _change(bench, random.choice(opened), "PATCH", priority=random.choice(("low", "high")))
            for _ in range(_CHANGES * _ROUNDS)
        ),
        *(
            bench.reading("/feedback", f"&search={random.choice((RARE, COMMON, 'keyboard%20shortcut'))}")
            for _ in range(_SEARCHES * _ROUNDS)
        ),
        *(bench.reading("/customers", f"&page={random.randint(1, 50)}") for _ in range(_CUSTOMERS * _ROUNDS)),
        *(bench.reading("/events") for _ in range(_EVENTS * _ROUNDS)),
    ]
    random.shuffle(requests)
    return requests


def _some_items(bench: Bench) -> list[str]:
    found: list[str] = []
    for page in range(1, _OPENED // 100 + 1):
        listed = bench.reading("/feedback", f"&pageSize=100&page={page}")
        answer = bench.embedded.json(listed.method, listed.target, listed.headers)
        found += [item["id"] for item in answer["data"]]
    return found


def _change(bench: Bench, path: str, method: str, **fields: str) -> Request:
    body = json.dumps({"workspaceId": bench.pristine.facts.workspace_id, **fields})
    return Request(f"{API}{path}", bench.headers(), method, body)
