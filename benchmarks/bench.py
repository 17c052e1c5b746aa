"""One run: its options, its data, and the servers that measurements share, each started when first asked for."""

import json
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from benchmarks import dataset, servers
from benchmarks.cluster import Cluster
from benchmarks.dataset import Dataset
from benchmarks.figures import Part, Sample, Side, interleaved, ratio
from benchmarks.load import Load, Request, spelled
from benchmarks.machine import Cores
from benchmarks.servers import Server

API = "/api/v1"
LITTLE = 1_000
# As many requests at once as PostgreSQL connections, in the server and beside it.
POOL = 16
_SPELLINGS = 20_000


class Options(NamedTuple):
    """``repetitions`` of each pair, so many ``seconds`` each."""

    items: int = 1_000_000
    repetitions: int = 5
    seconds: int = 2
    small: bool = False


class Bench:
    """Used as a context: at its end all servers are stopped and all copies are gone."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.cores = Cores.found()
        self._stack = ExitStack()
        self._servers: list[Server] = []

    def __enter__(self) -> "Bench":
        self.folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="userhero-bench-")))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_servers()
        self._stack.close()

    def say(self, text: str) -> None:
        """Tell whoever waits how far it is."""
        print(text, file=sys.stderr, flush=True)

    @cached_property
    def pristine(self) -> Dataset:
        """The data set as it is kept."""
        self.say(f"Data set of {self.options.items:,} items")
        return dataset.prepared(self.options.items)

    @cached_property
    def data(self) -> Dataset:
        """This run's copy of the data set, on SQLite."""
        return dataset.copy(self.pristine, self.folder / "embedded")

    @cached_property
    def little_data(self) -> Dataset:
        """A copy of a data set of 1,000 items."""
        return dataset.copy(dataset.prepared(LITTLE), self.folder / "little")

    @cached_property
    def embedded(self) -> Server:
        """The product with everything in one process, on the server's core."""
        return self.started(servers.product(self.data.folder, core=self.cores.server))

    @cached_property
    def little(self) -> Server:
        """The same on 1,000 items."""
        return self.started(servers.product(self.little_data.folder, core=self.cores.server))

    @cached_property
    def constant(self) -> Server:
        """What answers bytes that are there already, on the server's core."""
        return self.started(servers.constant(self.cores.server))

    @cached_property
    def cluster(self) -> Cluster:
        """PostgreSQL."""
        self.say("PostgreSQL")
        cluster = Cluster()
        self._stack.callback(cluster.stop)
        return cluster

    @cached_property
    def url(self) -> str:
        """This run's copy of the data set, on PostgreSQL."""
        return self.cluster.working_copy(self.pristine)

    def scaled(self, workers: int, core: int | None) -> Server:
        """The product on PostgreSQL."""
        settings = {"USERHERO_SECRET_KEY": self.pristine.secret, "USERHERO_POOL_SIZE": str(POOL)}
        options = ("--database", self.url, "--workers", str(workers))
        return self.started(
            servers.product(self.folder / f"scaled-{workers}", core=core, options=options, settings=settings)
        )

    def started(self, server: Server) -> Server:
        """A server that is stopped at the end of the run, if not before."""
        self._servers.append(server)
        return server

    def stop_servers(self) -> None:
        """Free the machine, and the data directories, for what starts servers of its own."""
        while self._servers:
            self._servers.pop().stop()
        for name in ("embedded", "little", "constant"):
            self.__dict__.pop(name, None)

    def headers(self, number: int = 0) -> dict[str, str]:
        """What a client of the large workspace sends; there are a thousand API keys to send."""
        keys = self.pristine.facts.keys
        return {"Authorization": f"Bearer {keys[number % len(keys)]}", "Content-Type": "application/json"}

    def reading(self, path: str, query: str = "", *, data: Dataset | None = None, spelling: int = 0) -> Request:
        """A read of the large workspace. In another ``spelling``, of 1,048,576, it asks for the same in other bytes."""
        facts = (data or self.pristine).facts
        headers = {"Authorization": f"Bearer {facts.keys[0]}"}
        return Request(f"{API}{path}?workspaceId={spelled(facts.workspace_id, spelling)}{query}", headers)

    def readings(self, path: str, query: str = "", *, data: Dataset | None = None) -> list[Request]:
        """The same read, spelled in so many ways that none is repeated within the second for which answers are kept."""
        return [self.reading(path, query, data=data, spelling=number) for number in range(_SPELLINGS)]

    def posts(self, *, count: int, keys: int = 1) -> list[Request]:
        """Items to record, from so many API keys; their senders are some of the workspace's customers."""
        writer = self.pristine.writer(seed=7)
        bodies = [json.dumps(writer.body()) for _ in range(min(count, 256))]
        return [
            Request(f"{API}/feedback", self.headers(number % keys), "POST", bodies[number % len(bodies)])
            for number in range(count)
        ]

    def size(self, server: Server, request: Request) -> int:
        """The bytes of an answer. Raises RuntimeError where it is no success."""
        status, body = server.call(request.method, request.target, request.headers, request.body or None)
        if status >= 300:
            raise RuntimeError(f"{request.method} {request.target}: {status} {body[:500]!r}")
        return len(body)

    def load(self, *requests: Request, connections: int, core: int | None = None) -> Load:
        """Load of this run's length, from the load's core unless another is named."""
        return Load(requests, connections, self.options.seconds, self.cores.load if core is None else core)

    def compared(self, name: str, target: float, sides: Mapping[str, tuple[Load, Server]]) -> Part:
        """The first side against the second, in turns."""
        measures = [partial(load.run, server.port) for load, server in sides.values()]
        if not self.options.small:
            for measure in measures:
                measure()
        taken: list[list[Sample]] = interleaved(self.options.repetitions, *measures)
        shown = [Side(label, "/s", samples) for label, samples in zip(sides, taken, strict=True)]
        return Part(name, ratio(shown[0], shown[1]), target, shown)
