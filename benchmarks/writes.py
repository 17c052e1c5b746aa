"""P3, P11: writes of the embedded server."""

import http.client
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from benchmarks import direct
from benchmarks.bench import API, Bench
from benchmarks.direct import Task
from benchmarks.figures import Part, Result, Sample, Side, interleaved, ratio
from benchmarks.load import Request
from benchmarks.machine import forget_peak, resident
from benchmarks.servers import Server

_CLIENTS = 64
_UPLOADS, _SMALL_UPLOADS = 20, 4
_UPLOAD_BYTES, _SMALL_UPLOAD_BYTES = 50_000_000, 2_000_000
_PIECE = 64 * 1024
_BOUNDARY = "7d1f0c5e9b2a4836"
# Enough of an MP4 file for its type to be seen.
_MP4 = b"\x00\x00\x00\x20ftypmp42\x00\x00\x00\x00mp42mp41isomiso2\x00\x00\x00\x08free"


def create(bench: Bench) -> Result:
    """P3: an item, durable before it is answered, for 64 clients."""
    posts = bench.posts(count=256)
    introduce(bench.embedded, posts)
    load = bench.load(*posts, connections=_CLIENTS)
    task = Task("group commit", bench.data.folder, None, bench.data.secret, posts, bench.options.seconds)
    ours, floor = interleaved(
        bench.options.repetitions,
        lambda: load.run(bench.embedded.port),
        lambda: direct.measure(task, bench.cores.server),
    )
    sides = [Side("product", "/s", ours), Side("pysqlite3, groups of 64", "/s", floor)]
    part = Part("create", ratio(sides[0], sides[1]), 0.60, sides)
    note = "latencies of the product are of requests, those of pysqlite3 of groups"
    return Result("P3", f"POST /feedback, {_CLIENTS} clients", [part], note=note)


def introduce(server: Server, posts: list[Request]) -> None:
    """Send each item once, so that all senders are known: both sides then find their customers."""
    for post in posts[:256]:
        server.json(post.method, post.target, post.headers, post.body)


def uploads(bench: Bench) -> Result:
    """P11: what files that come in at the same time cost in memory."""
    small = bench.options.small
    count, size = (_SMALL_UPLOADS, _SMALL_UPLOAD_BYTES) if small else (_UPLOADS, _UPLOAD_BYTES)
    title = f"{count} parallel uploads of {size // 1_000_000} MB"
    status = _upload(bench, 100_000)
    if status in (404, 405):
        return Result("P11", title, missing=f"the product takes no uploads yet (it answers {status})")
    grown = [_growth(bench, count, size) for _ in range(1 if small else 3)]
    side = Side("memory growth", "MiB", [Sample(value) for value in grown])
    return Result("P11", title, [Part("growth", side.median, 64, [side], better="less", unit="MiB")])


def _growth(bench: Bench, count: int, size: int) -> float:
    pid = bench.embedded.pid
    forget_peak(pid)
    before = resident(pid)
    with ThreadPoolExecutor(count) as threads:
        start = threading.Barrier(count)
        answers = list(threads.map(lambda _: _upload(bench, size, start), range(count)))
    if any(status >= 300 for status in answers):
        raise RuntimeError(f"uploads were refused: {answers}")
    return resident(pid, peak=True) - before


def _upload(bench: Bench, size: int, start: threading.Barrier | None = None) -> int:
    """Send a film of so many bytes; returns the status."""
    head = (
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="film.mp4"\r\n'
        "Content-Type: video/mp4\r\n\r\n"
    ).encode()
    tail = f"\r\n--{_BOUNDARY}--\r\n".encode()
    headers = {
        **bench.headers(),
        "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}",
        "Content-Length": str(len(head) + size + len(tail)),
    }
    target = f"{API}/feedback/upload?workspaceId={bench.pristine.facts.workspace_id}"
    connection = http.client.HTTPConnection("127.0.0.1", bench.embedded.port, timeout=120)
    try:
        if start is not None:
            start.wait()
        connection.request("POST", target, _film(head, size, tail), headers)
        return connection.getresponse().status
    finally:
        connection.close()


def _film(head: bytes, size: int, tail: bytes) -> Iterator[bytes]:
    yield head + _MP4
    noise = os.urandom(_PIECE)
    left = size - len(_MP4)
    while left > 0:
        yield noise[:left]
        left -= min(left, _PIECE)
    yield tail
