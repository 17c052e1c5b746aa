"""A server that is killed owes its receivers nothing: every change is delivered, and nothing that was none.

``pytest tests/webhooks/test_outgoing_crashes.py --crash-cycles 100 -rP`` kills it more often than the suite does, and
says how much there was to lose.
"""

import http.client
import json
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.databases import Engine
from tests.support.live import USERHERO, LiveServer, clean_environment
from tests.support.processes import Process
from tests.support.tenants import Tenant
from tests.support.web_servers import OK
from tests.webhooks.receivers import Endpoint, Received, Receiver, endpoint, receiver
from userhero.automations.tables import automation_runs
from userhero.conversations.tables import messages
from userhero.feedback.tables import feedback
from userhero.kernel import clock
from userhero.kernel.db import Statement
from userhero.kernel.events import events
from userhero.webhooks.kinds import PUBLIC
from userhero.webhooks.tables import webhook_deliveries

SETTINGS = {"USERHERO_RATE_LIMIT": "1000000", "USERHERO_OUTBOUND_ALLOW": "127.0.0.0/8"}
CLIENTS = 3
# Later than any lease of whoever was killed.
LATER_SECONDS = 600
HEARD = {*PUBLIC, "automation.notification_requested"}


class Running:
    """A server that does its background work: on PostgreSQL, with a worker beside it."""

    def __init__(self, server: LiveServer, engine: Engine, folder: Path) -> None:
        self.server = server
        self._engine = engine
        self._log = folder / "worker.log"
        self._worker: Process | None = None
        self.work()

    def work(self) -> None:
        """Start the worker, if there has to be one."""
        if self._engine == "postgresql":
            self._worker = Process(
                [USERHERO, "worker", *self.server.place], self._log, env=clean_environment() | SETTINGS
            )

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


@dataclass(frozen=True)
class Acknowledged:
    """What clients were told is done: ids of items that were made, and of those that were resolved."""

    made: set[str] = field(default_factory=set)
    resolved: set[str] = field(default_factory=set)


def traffic(caller: Tenant, done: Acknowledged, enough: int) -> tuple[list[threading.Thread], threading.Event]:
    """Clients that make items and resolve them until their server is gone; the event says that ``enough`` are made."""
    reached, wanted = threading.Event(), len(done.made) + enough

    def run() -> None:
        with suppress(OSError, http.client.HTTPException):
            while True:
                made = caller.post("/feedback", {"projectId": caller.project_id, "message": "Broken"})
                item = made.data["id"]
                done.made.add(item)
                if len(done.made) >= wanted:
                    reached.set()
                assert caller.patch(f"/feedback/{item}", {"status": "resolved"}).status == 200
                done.resolved.add(item)

    threads = [threading.Thread(target=run) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    return threads, reached


def automate(caller: Tenant, told: Endpoint) -> tuple[str, str]:
    """An automation that acts on each new item, and one that acts once on each that is resolved; their ids."""

    def save(**fields: Any) -> str:
        made = caller.post("/automations", {"projectId": caller.project_id, **fields})
        return str(made.json()["id"])

    def action(kind: str, **params: str) -> dict[str, Any]:
        return {"type": kind, "params": params}

    greeting = save(
        name="Greet",
        scope="feedback.created",
        actions=[
            action("add_tag", tag="greeted"),
            action("add_note", content="Greet"),
            action("send_notification", channel="webhook", to=told.id, message="Greet"),
        ],
    )
    rules = [
        {"field": "status", "operator": "equals", "value": "resolved"},
        {"field": "tags", "operator": "not_contains", "value": "closed"},
    ]
    closing = save(
        name="Close",
        scope="feedback.updated",
        conditions={"combinator": "and", "rules": rules},
        actions=[action("add_tag", tag="closed"), action("add_note", content="Close")],
    )
    return greeting, closing


def test_kill_under_load(running: Running, pytestconfig: pytest.Config) -> None:
    """WHO-15: the receiver's log and what automations did, against the database, after crashes at moments of chance."""
    cycles, chance = pytestconfig.getoption("crash_cycles"), Random(15)
    caller = running.server.tenant()
    done = Acknowledged()
    with receiver() as server:
        told = endpoint(caller, server.url, events=["*", "note.created"])
        greeting, closing = automate(caller, told)
        for _ in range(cycles):
            threads, reached = traffic(caller, done, chance.randint(3, 40))
            assert reached.wait(60), running.server.process.output()
            running.kill()
            for thread in threads:
                thread.join()
            # Else whoever starts next finds the leases of the dead.
            if chance.random() < 0.5:
                running.recover()
            running.start()
        running.kill()
        running.recover()
        running.start()
        resolved = audit_items(running, caller, done)
        audit_runs(running, caller, {greeting: items_of(running, caller), closing: resolved})
        told_of = audit_deliveries(running, told, server)
    again = len(server.requests) - told_of
    sys.stderr.write(
        f"{cycles + 1} crashes: {len(done.made)} items and {len(done.resolved)} changes acknowledged, "
        f"{told_of} events delivered, {again} of them again\n"
    )
    assert again <= cycles + 1, "a crash repeats what was under way, and nothing else"


def rows(running: Running, *chosen: Any, **where: Any) -> list[tuple[Any, ...]]:
    """Columns of a table, of rows that have these values."""
    table = chosen[0].table
    clause = select(*chosen).where(*(table.c[name] == value for name, value in where.items()))
    return running.server.database.read(lambda tx: tx.all(Statement(clause)))


def items_of(running: Running, caller: Tenant) -> set[str]:
    return {row[0] for row in rows(running, feedback.c.id, workspace_id=caller.workspace_id)}


def audit_items(running: Running, caller: Tenant, done: Acknowledged) -> set[str]:
    """Each change that was acknowledged is there, and each that is there has its event; returns what is resolved."""
    items = dict(rows(running, feedback.c.id, feedback.c.status, workspace_id=caller.workspace_id))
    resolved = {item for item, status in items.items() if status == "resolved"}
    assert done.made <= items.keys()
    assert done.resolved <= resolved
    happened = rows(running, events.c.kind, events.c.subject_id, events.c.data, workspace_id=caller.workspace_id)
    made = Counter(subject for kind, subject, _ in happened if kind == "feedback.created")
    assert made == Counter(items.keys()), "an item has one event, and an event its item"
    updates = [(subject, json.loads(data)["changes"]) for kind, subject, data in happened if kind == "feedback.updated"]
    assert Counter(item for item, changes in updates if changes.get("status") == "resolved") == Counter(resolved)
    return resolved


def audit_runs(running: Running, caller: Tenant, expected: dict[str, set[str]]) -> None:
    """Each automation ran once on each item that it is for, and what it did is there once."""
    r, place = automation_runs.c, {"workspace_id": caller.workspace_id}
    ran = rows(running, r.automation_id, r.feedback_id, r.outcome, **place)
    assert Counter(ran) == Counter((name, item, "matched") for name, items in expected.items() for item in items)
    greeted, closed = expected.values()
    notes = Counter(rows(running, messages.c.thread_id, messages.c.text, **place))
    assert notes == Counter([*((item, "Greet") for item in greeted), *((item, "Close") for item in closed)])
    tags = {item: json.loads(text) for item, text in rows(running, feedback.c.id, feedback.c.tags, **place)}
    for item, found in tags.items():
        assert sorted(found) == (["closed", "greeted"] if item in closed else ["greeted"])
    asked = rows(running, events.c.data, **place, kind="automation.notification_requested")
    assert Counter(json.loads(data)["feedbackId"] for (data,) in asked) == Counter(greeted)
    told = rows(running, events.c.kind, **place)
    assert Counter(told)[("note.created",)] == len(greeted) + len(closed)


def audit_deliveries(running: Running, told: Endpoint, server: Receiver) -> int:
    """The receiver heard of each event, and of nothing else; returns of how many."""
    e, d = events.c, webhook_deliveries.c
    happened = rows(running, e.id, e.kind, e.subject_id, workspace_id=told.owner.workspace_id)
    kinds = {each: (kind, subject) for each, kind, subject in happened if kind in HEARD}
    delivered = rows(running, d.event_id, d.status, endpoint_id=told.id)
    assert Counter(delivered) == Counter((each, "delivered") for each in kinds), "each event has one delivery"
    bodies: dict[str, bytes] = {}
    for each in server.requests:
        assert bodies.setdefault(each.id, each.body) == each.body, "what comes again is the same"
        assert (each.json["event"], each.subject) == kinds[each.id], "nothing is told that did not happen"
        assert each.signatures == [each.signature(told.secret)]
    assert bodies.keys() == kinds.keys(), "everything that happened is told"
    return len(bodies)


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
