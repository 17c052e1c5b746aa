"""A server that is killed owes its receivers nothing: every change is delivered, and nothing that was none.

``pytest tests/webhooks/test_outgoing_crashes.py --crash-cycles 100`` kills it more often than the suite does.
"""

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from tests.support.databases import Engine
from tests.support.live import USERHERO, LiveServer, clean_environment
from tests.support.processes import Process
from tests.support.tenants import Tenant
from tests.support.web_servers import OK
from tests.webhooks.receivers import Endpoint, Received, Receiver, endpoint, receiver
from userhero.kernel import clock
from userhero.kernel.db import Statement
from userhero.kernel.events import events
from userhero.webhooks.tables import webhook_deliveries

SETTINGS = {"USERHERO_RATE_LIMIT": "1000000", "USERHERO_OUTBOUND_ALLOW": "127.0.0.0/8"}
CLIENTS = 3
# Later than any lease of whoever was killed.
LATER_SECONDS = 600


class Running:
    """A server that does its background work: on PostgreSQL, with a worker beside it."""

    def __init__(self, server: LiveServer, engine: Engine, folder: Path) -> None:
        self.server = server
        self._engine = engine
        self._log = folder / "worker.log"
        self._worker: Process | None = None
        self.work()

    def work(self) -> None:
        """Start the worker, if there has to be one; returns when it works, so that it is at something when it dies."""
        if self._engine == "postgresql":
            begun = '"event": "working"'
            before = self._log.read_text().count(begun) if self._log.exists() else 0
            worker = Process([USERHERO, "worker", *self.server.place], self._log, env=clean_environment() | SETTINGS)
            self._worker = worker
            worker.wait_until(lambda: worker.output().count(begun) > before)

    def kill(self) -> None:
        """End everything at once, as a power cut does."""
        self.server.process.kill()
        if self._worker is not None:
            self._worker.kill()

    def start(self) -> None:
        """Start everything again."""
        self.server.start()
        self.work()

    def recover(self) -> None:
        """Do what is due once the leases of the dead are over."""
        self.server.command("jobs", "run", "--now", clock.iso(clock.seconds() + LATER_SECONDS))


@pytest.fixture
def running(serve: Callable[..., LiveServer], engine: Engine, tmp_path: Path) -> Iterator[Running]:
    found = Running(serve(env=SETTINGS), engine, tmp_path)
    yield found
    found.kill()


def traffic(caller: Tenant, enough: int) -> tuple[list[threading.Thread], list[str], threading.Event]:
    """Clients that make items and change them until their server is gone, and what was acknowledged to them."""
    acknowledged: list[str] = []
    reached = threading.Event()

    def run() -> None:
        with suppress(OSError, http.client.HTTPException, AssertionError):
            while True:
                item = caller.new_feedback()
                acknowledged.append(item["id"])
                if len(acknowledged) >= enough:
                    reached.set()
                caller.patch(f"/feedback/{item['id']}", {"status": "resolved"})

    threads = [threading.Thread(target=run) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    return threads, acknowledged, reached


def test_kill_under_load(running: Running, pytestconfig: pytest.Config) -> None:
    """WHO-15: the receiver's log against the database, after several crashes at moments of chance."""
    cycles, chance = pytestconfig.getoption("crash_cycles"), Random(15)
    caller = running.server.tenant()
    acknowledged: list[str] = []
    with receiver() as server:
        told = endpoint(caller, server.url)
        for _ in range(cycles):
            threads, done, reached = traffic(caller, chance.randint(5, 60))
            assert reached.wait(60), running.server.process.output()
            running.kill()
            for thread in threads:
                thread.join()
            acknowledged += done
            running.recover()
            running.start()
        running.recover()
        audit(running, told, server, acknowledged, cycles)


def audit(running: Running, told: Endpoint, server: Receiver, acknowledged: list[str], cycles: int) -> None:
    caller = told.owner
    happened = events.select().where(events.c.workspace_id == caller.workspace_id)
    delivered = webhook_deliveries.select().where(webhook_deliveries.c.endpoint_id == told.id)

    def read(clause: Statement) -> list[tuple[str, ...]]:
        return running.server.database.read(lambda tx: tx.all(clause))

    kinds = {row[1]: (row[3], row[4]) for row in read(Statement(happened))}
    rows = read(Statement(delivered))
    assert {row[3] for row in rows} == kinds.keys(), "each event has its delivery, and each delivery its event"
    assert {row[6] for row in rows} == {"delivered"}
    bodies: dict[str, bytes] = {}
    for each in server.requests:
        assert bodies.setdefault(each.id, each.body) == each.body, "what comes again is the same"
        assert (each.json["event"], each.subject) == kinds[each.id], "nothing is told that did not happen"
    assert bodies.keys() == kinds.keys(), "everything that happened is told"
    made = {subject for kind, subject in kinds.values() if kind == "feedback.created"}
    assert set(acknowledged) <= made
    assert caller.count() == len(made)
    assert len(server.requests) - len(bodies) <= cycles, "a crash repeats what was under way, and nothing else"


def test_killed_between_sending_and_noting_it(running: Running) -> None:
    """WHO-13: the receiver gets the same again, under the same id."""
    caller = running.server.tenant()
    killed = threading.Event()

    def answer(received: Received) -> bytes:
        if not killed.is_set():
            running.kill()
            killed.set()
        return OK

    with receiver(answer) as server:
        told = endpoint(caller, server.url)
        item = caller.new_feedback()
        assert killed.wait(60)
        running.start()
        running.recover()
        while told.only()["status"] != "delivered":
            running.recover()
    assert [each.subject for each in server.requests] == [item["id"]] * 2
    assert len({(each.id, each.body) for each in server.requests}) == 1
    assert json.loads(server.requests[0].body)["event"] == "feedback.created"
