"""Work that nobody waits for: how long it takes, and how long others wait for it meanwhile.

A process of its own, so that it can be kept to the server's core. ``python -m benchmarks.behind FILE`` reads what to do
from a JSON file (``Task``) and prints ``Done`` as JSON. The work is done by the product's own jobs and listeners, in
the process in which somebody records items at the same time.
"""

import asyncio
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal

import msgspec
from sqlalchemy import text

import userhero.automations.jobs
import userhero.customers.jobs
import userhero.feedback.jobs
from benchmarks.dataset import Dataset, Facts
from benchmarks.figures import Sample, percentile
from benchmarks.machine import ROOT, environment, pinned
from userhero.automations.actions.save import create_automation
from userhero.automations.types import NewAutomation
from userhero.customers.actions.leave import merge_customers
from userhero.customers.types import CustomerMerge
from userhero.feedback import NewFeedback, submit_feedback
from userhero.kernel import clock
from userhero.kernel.actor import Actor
from userhero.kernel.config import Settings
from userhero.kernel.db import Database, Statement, Transaction, Unit
from userhero.kernel.db.sqlite import connect
from userhero.kernel.instance import open_database
from userhero.kernel.jobs import Jobs, JobTable, Runner
from userhero.server.composition import job_table
from userhero.workspaces import act_as

OWNER = "owner0@example.com"
_BATCH = 200
_PAUSE = 0.005
_HOUR = 3600.0
_IDS = Statement(text("SELECT customer_id FROM customer_identifiers WHERE value = :address"))
_OVERDUE = Statement(
    text(
        "UPDATE feedback SET status = 'new', status_category = 'open', sla_breached = false, due_date = :due "
        "WHERE id IN (SELECT id FROM feedback WHERE workspace_id = :workspace LIMIT 200000)"
    )
)


class Task(msgspec.Struct):
    """What to do on which data directory: ``items`` is of whom or of what, ``acting`` how many automations match."""

    kind: Literal["merge", "overdue", "scan", "fan out"]
    data: Path
    facts: Facts
    secret: str
    items: int
    acting: int = 0


class Done(msgspec.Struct):
    """How many things were done in how many seconds, and what others waited for a write meanwhile, in milliseconds."""

    count: int
    seconds: float
    waits: Sample
    longest_wait: float


def measure(task: Task, core: int | None) -> Done:
    """Do a task in a process on this core."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        file.write(msgspec.json.encode(task, enc_hook=str))
        file.flush()
        command = pinned([sys.executable, "-m", "benchmarks.behind", file.name], core)
        done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT, env=environment())
    if done.returncode:
        raise RuntimeError(f"the work failed:\n{done.stderr}")
    return msgspec.json.decode(done.stdout.splitlines()[-1], type=Done)


class _Others:
    """Somebody who records an item, waits for that, pauses for a moment, and records the next, as requests do it."""

    def __init__(self, database: Database, create: Unit[None]) -> None:
        self._database = database
        self._create = create
        self._stopping = threading.Event()
        self.waits: list[float] = []

    @contextmanager
    def at_work(self) -> Iterator[None]:
        thread = threading.Thread(target=self._work)
        thread.start()
        try:
            yield
        finally:
            self._stopping.set()
            thread.join()

    def _work(self) -> None:
        asyncio.run(self._record())

    async def _record(self) -> None:
        while not self._stopping.is_set():
            await asyncio.sleep(_PAUSE)
            began = time.perf_counter()
            await self._database.serve(_nothing, self._create, write=True)
            self.waits.append((time.perf_counter() - began) * 1000)


def _nothing(tx: Transaction) -> None:
    del tx


class _Workplace:
    """The opened data, with whoever acts in it."""

    def __init__(self, task: Task, database: Database) -> None:
        self.task = task
        self.database = database
        self.actor: Actor = database.read(lambda tx: act_as(tx, OWNER))
        self._writer = Dataset(task.data, task.facts).writer(seed=11)

    def record(self, count: int, **fields: Any) -> None:
        """Record items, many to a transaction."""
        for first in range(0, count, _BATCH):
            bodies = [self._writer.body() | fields for _ in range(min(_BATCH, count - first))]
            self.database.write(partial(_submit, actor=self.actor, bodies=bodies))

    def automation(self, name: str, **fields: Any) -> None:
        """Make an automation of the large project."""
        facts = self.task.facts
        body = {"workspaceId": facts.workspace_id, "projectId": facts.project_id, "name": name, **fields}
        new = msgspec.convert(body, NewAutomation)
        self.database.write(lambda tx: create_automation(tx, self.actor, new))

    def timed(self, count: int, work: Callable[[], object]) -> Done:
        """Do it while somebody else records items."""
        others = _Others(self.database, lambda tx: _submit(tx, actor=self.actor, bodies=[self._writer.body()]))
        with others.at_work():
            began = time.perf_counter()
            work()
            seconds = time.perf_counter() - began
        waits = others.waits or [0.0]
        shown = (percentile(waits, percent) for percent in (50, 95, 99))
        return Done(count, seconds, Sample(max(waits), *shown), max(waits))


def _submit(tx: Transaction, *, actor: Actor, bodies: list[dict[str, Any]]) -> None:
    for body in bodies:
        submit_feedback(tx, actor, msgspec.convert(body, NewFeedback))


def _settle(place: _Workplace) -> None:
    """Let the disk rest from what was prepared."""
    connection = connect(place.task.data / "userhero.db")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _merge(place: _Workplace) -> Done:
    """Two customers with so many items each become one, and their items follow."""
    found = []
    for address in ("first@merge.example.com", "second@merge.example.com"):
        place.record(place.task.items, userEmail=address)
        found.append(place.database.read(partial(_customer, address=address)))
    _runner(place.database).run_due()
    merge = CustomerMerge(workspace_id=place.task.facts.workspace_id, source_customer_id=found[1])
    runner = _runner(place.database, userhero.customers.jobs.jobs)

    def work() -> None:
        place.database.write(lambda tx: merge_customers(tx, place.actor, found[0], merge))
        runner.run_due()

    return place.timed(2 * place.task.items, work)


def _customer(tx: Transaction, *, address: str) -> str:
    return str(tx.value(_IDS, address=address))


def _overdue(place: _Workplace) -> Done:
    """The open items of the large workspace are all overdue at once, and marked."""
    due = clock.shift(clock.now(), hours=-1)
    count = place.database.write(lambda tx: tx.run(_OVERDUE, due=due, workspace=place.task.facts.workspace_id))
    _settle(place)
    return place.timed(count, _runner(place.database, userhero.feedback.jobs.jobs).run_due)


def _scan(place: _Workplace) -> Done:
    """A scheduled automation looks at all of them, and acts on one in a hundred."""
    due = clock.shift(clock.now(), hours=10_000)
    count = place.database.write(lambda tx: tx.run(_OVERDUE, due=due, workspace=place.task.facts.workspace_id))
    rated = {"field": "rating", "operator": "equals", "value": 7}
    sorted_as = {"field": "category", "operator": "equals", "value": "bug"}
    place.automation(
        "Now and then",
        scope="time.scheduled",
        schedule={"every": 1, "unit": "hours"},
        conditions={"combinator": "and", "rules": [rated, sorted_as]},
        actions=[{"type": "add_tag", "params": {"tag": "looked-at"}}],
    )
    runner = _runner(place.database, userhero.automations.jobs.jobs)
    runner.run_due()
    _settle(place)
    started = time.time()
    clock.use(lambda: started + _HOUR + 60 + (time.time() - started))
    return place.timed(count, runner.run_due)


def _fan_out(place: _Workplace) -> Done:
    """Ten automations look at each new item; some of them act on it."""
    for number in range(10):
        word = "bug" if number < place.task.acting else f"kind {number}"
        rule = {"field": "category", "operator": "equals", "value": word}
        place.automation(
            f"Sorts {number}",
            scope="feedback.created",
            conditions={"combinator": "and", "rules": [rule]},
            actions=[{"type": "add_tag", "params": {"tag": f"sorted-{number}"}}],
        )
    runner = _runner(place.database)
    runner.run_due()
    place.record(place.task.items, category="bug", tags=[])
    began = time.perf_counter()
    runner.run_due()
    return Done(place.task.items, time.perf_counter() - began, Sample(0.0), 0.0)


def _runner(database: Database, *jobs: Jobs) -> Runner:
    """Does the jobs of one slice, or all there is to do."""
    return Runner(database, JobTable(list(jobs), []) if jobs else job_table())


_WORK: dict[str, Callable[[_Workplace], Done]] = {
    "merge": _merge,
    "overdue": _overdue,
    "scan": _scan,
    "fan out": _fan_out,
}


def run(task: Task) -> Done:
    """Do it in this process."""
    database = open_database(Settings(data=task.data, secret_key=task.secret))
    try:
        return _WORK[task.kind](_Workplace(task, database))
    finally:
        database.close()


def _read_path(kind: type, value: Any) -> Any:
    if kind is Path:
        return Path(value)
    raise NotImplementedError


if __name__ == "__main__":
    given = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Task, dec_hook=_read_path)
    print(msgspec.json.encode(run(given)).decode())
