"""A server that is killed owes its receivers nothing: every change is delivered, and nothing that was none.

``pytest tests/webhooks/test_outgoing_crashes.py --crash-cycles 100 --timeout 0`` does so more often than the
suite.
"""

import http.client
import json
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Table, select

from tests.automations.macros import TAG, saved
from tests.support.databases import Engine
from tests.support.live import USERHERO, LiveServer, clean_environment
from tests.support.measuring import Measured
from tests.support.processes import Process
from tests.support.tenants import Tenant
from tests.support.web_servers import OK
from tests.webhooks.receivers import Endpoint, Received, Receiver, endpoint, receiver
from userhero.automations.tables import automation_counts, automation_runs
from userhero.conversations.tables import messages
from userhero.feedback.tables import feedback
from userhero.kernel import clock
from userhero.kernel.db import Database, Statement
from userhero.kernel.events import events
from userhero.webhooks.kinds import PUBLIC
from userhero.webhooks.tables import webhook_deliveries

SETTINGS = {"USERHERO_RATE_LIMIT": "1000000", "USERHERO_OUTBOUND_ALLOW": "127.0.0.0/8"}
CLIENTS = 3
NOTE = "note.created"
WRITE_NOTE = {"type": "add_note", "params": {"content": "Look at it."}}
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


@pytest.mark.figure(no="H12")
@pytest.mark.case("WHO-15")
def test_kill_under_load(running: Running, pytestconfig: pytest.Config, long: bool, measured: Measured) -> None:
    """WHO-15: the receivers' log against the database, after several crashes at moments of chance."""
    cycles, chance = 100 if long else pytestconfig.getoption("crash_cycles"), Random(15)
    caller = running.server.tenant()
    acknowledged: list[str] = []
    with receiver() as server:
        world = World(
            server,
            endpoints=[endpoint(caller, server.url), endpoint(caller, f"{server.url}/team", events=["*", NOTE])],
            automations=[
                saved(caller, TAG, scope="feedback.created", name="Tag it", priority=1)["id"],
                saved(caller, WRITE_NOTE, scope="feedback.created", name="Note it", priority=2)["id"],
            ],
        )
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
        audit(running.server.database, world, caller, acknowledged, cycles)
    measured(attempts=cycles, found=f"0 events of {len(acknowledged):,} items lost or made up in {cycles} crashes")


@dataclass(frozen=True)
class World:
    """Whom the tenant tells, and what acts on each new item: it gets a tag, then a note."""

    server: Receiver
    endpoints: list[Endpoint]
    automations: list[str]


@dataclass(frozen=True)
class Event:
    """An event as the database has it."""

    kind: str
    subject: str
    data: Any
    at: str
    cause: str | None


def audit(database: Database, world: World, caller: Tenant, acknowledged: list[str], cycles: int) -> None:
    """Hold what clients, receivers and the database say against one another."""
    happened = Reader(database, caller.workspace_id).events()
    made = {each.subject for each in happened.values() if each.kind == "feedback.created"}
    automated = Reader(database, caller.workspace_id).check_automations(world, happened, made)
    repeats = sum(audit_deliveries(database, each, world.server, happened) for each in world.endpoints)
    assert len(acknowledged) == len(set(acknowledged))
    assert set(acknowledged) <= made, "what was acknowledged is there"
    assert caller.count() == len(made)
    assert repeats <= cycles * len(world.endpoints), "a crash repeats what was under way, and nothing else"
    sys.stderr.write(
        f"{cycles} crashes: {len(acknowledged)} items acknowledged, {len(made)} there; {len(happened)} events; "
        f"{automated} automation runs; {len(world.server.requests)} requests, {repeats} of them repeated\n"
    )


class Reader:
    """What the database holds of one workspace."""

    def __init__(self, database: Database, workspace_id: str) -> None:
        self._database = database
        self._workspace_id = workspace_id

    def _rows(self, table: Table, *names: str) -> list[tuple[Any, ...]]:
        chosen = select(*(table.c[name] for name in names)).where(table.c.workspace_id == self._workspace_id)
        return self._database.read(lambda tx: tx.all(Statement(chosen)))

    def events(self) -> dict[str, Event]:
        """Public events by their ids."""
        rows = self._rows(events, "id", "kind", "subject_id", "data", "created_at", "cause")
        return {row[0]: Event(row[1], row[2], json.loads(row[3]), row[4], row[5]) for row in rows if row[1] in PUBLIC}

    def check_automations(self, world: World, happened: dict[str, Event], made: set[str]) -> int:
        """Each automation has acted on each item once, and so says what it left behind; returns how often they ran."""
        there = self._rows(feedback, "id", "tags")
        assert Counter(row[0] for row in there) == Counter(made), "an item has one event that it was created"
        created = [each.subject for each in happened.values() if each.kind == "feedback.created"]
        assert len(created) == len(made)
        assert all(json.loads(row[1]) == ["seen"] for row in there)
        notes = [row[0] for row in self._rows(messages, "thread_id")]
        assert Counter(notes) == Counter(made), "one note each"
        runs = self._rows(automation_runs, "automation_id", "feedback_id", "outcome")
        assert Counter(runs) == Counter((each, item, "matched") for each in world.automations for item in made)
        counted = self._rows(automation_counts, "matched", "errored")
        assert (sum(row[0] for row in counted), sum(row[1] for row in counted)) == (len(runs), 0)
        tagged, noted = world.automations
        caused = Counter((each.cause, each.kind) for each in happened.values() if each.cause)
        assert caused.pop((tagged, "feedback.updated")) == len(made)
        assert caused.pop((noted, NOTE)) == len(made)
        assert not caused, "automations did nothing else"
        subjects = [each.subject for each in happened.values() if each.cause == tagged]
        assert Counter(subjects) == Counter(made), "one tag each"
        return len(runs)


def audit_deliveries(database: Database, told: Endpoint, server: Receiver, happened: dict[str, Event]) -> int:
    """The endpoint was told of each event, of nothing else, and of none in two ways; returns how many came again."""
    wanted = told.shown()["events"]
    owed = {name: each for name, each in happened.items() if each.kind != NOTE or NOTE in wanted}
    clause = select(*(webhook_deliveries.c[name] for name in ("event_id", "status", "body")))
    clause = clause.where(webhook_deliveries.c.endpoint_id == told.id)
    rows = database.read(lambda tx: tx.all(Statement(clause)))
    assert Counter(row[0] for row in rows) == Counter(owed.keys()), (
        "an event has one delivery, and a delivery its event"
    )
    assert {row[1] for row in rows} == {"delivered"}
    noted = {row[0]: row[2].encode() for row in rows}
    path = urlsplit(told.shown()["url"]).path or "/"
    requests = [each for each in server.requests if each.path == path]
    for each in requests:
        event = owed[each.id]
        assert each.body == noted[each.id], "what comes again is the same"
        assert each.json == {"event": event.kind, "timestamp": event.at, "data": event.data}
        assert each.signature(told.secret) in each.signatures
    assert {each.id for each in requests} == owed.keys(), "everything that happened is told"
    return len(requests) - len(owed)


@pytest.mark.case("WHO-13")
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
