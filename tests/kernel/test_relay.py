"""Listeners hear of every event once, in order, whatever fails and whoever tells them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest
from psycopg import connect

from tests.support.clock import Clock
from tests.support.databases import Instances
from tests.support.faults import run
from userhero.kernel.config import Settings
from userhero.kernel.db import Database, Transaction, sqlite
from userhero.kernel.db.sqlite import connect as connect_to_sqlite
from userhero.kernel.db.statement import Engine
from userhero.kernel.events import KEPT_DAYS, Event, Happened, emit, purge
from userhero.kernel.instance import find_fact, open_database, set_fact
from userhero.kernel.jobs import JobTable, Listeners, Runner, list_jobs


class Rang(Event):
    """What these tests have happen."""

    kind: ClassVar[str] = "bell.rang"


@pytest.fixture
def database(instances: Instances) -> Iterator[Database]:
    instance = instances.make()
    opened = open_database(Settings(data=instance.data, database=instance.url))
    yield opened
    opened.close()


@pytest.fixture
def heard() -> list[str]:
    return []


@pytest.fixture
def listeners(heard: list[str]) -> Listeners:
    found = Listeners("tests")

    @found.on("bell.rang")
    def hear(tx: Transaction, happened: Happened) -> None:
        heard.append(happened.subject_id)

    return found


def ring(database: Database, *bells: str) -> None:
    database.write(lambda tx: [emit(tx, "ws_1", Rang(id=bell)) for bell in bells])


def tell(database: Database, *listeners: Listeners) -> int:
    return Runner(database, JobTable([], listeners)).run_due()


def test_each_is_heard_once_and_in_order(database: Database, listeners: Listeners, heard: list[str]) -> None:
    bells = [f"{number}" for number in range(250)]
    ring(database, *bells)
    tell(database, listeners)
    assert heard == bells
    ring(database, "last")
    tell(database, listeners)
    tell(database, listeners)
    assert heard == [*bells, "last"]


def test_looking_for_news_costs_the_same_however_much_happened_before(
    instances: Instances, monkeypatch: pytest.MonkeyPatch, listeners: Listeners, heard: list[str]
) -> None:
    if instances.engine != "sqlite":
        pytest.skip("work is counted in steps of SQLite's machine")
    taken = [0]

    def step() -> None:
        taken[0] += 1

    def watched(path: Path) -> Any:
        connection = connect_to_sqlite(path)
        connection.set_progress_handler(step, 10)
        return connection

    monkeypatch.setattr(sqlite, "connect", watched)
    database = open_database(Settings(data=instances.make().data))

    def steps_to_hear(bell: str) -> int:
        ring(database, bell)
        before = taken[0]
        tell(database, listeners)
        return taken[0] - before

    few = steps_to_hear("first")
    ring(database, *(f"{number}" for number in range(3_000)))
    tell(database, listeners)
    assert heard[-1] == "2999"
    assert 0 < steps_to_hear("last") < few + 20
    database.close()


def test_what_was_rolled_back_is_not_heard(database: Database, listeners: Listeners, heard: list[str]) -> None:
    def unit(tx: Transaction) -> None:
        emit(tx, "ws_1", Rang(id="never"))
        raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        database.write(unit)
    tell(database, listeners)
    assert heard == []


def test_listeners_hear_only_what_they_asked_for_and_do_not_disturb_each_other(
    database: Database, listeners: Listeners, heard: list[str]
) -> None:
    other, others = Listeners("others"), []

    @other.on("bell.broke")
    def hear(tx: Transaction, happened: Happened) -> None:
        others.append(happened.subject_id)

    ring(database, "a")
    tell(database, listeners)
    ring(database, "b")
    tell(database, listeners, other)
    assert (heard, others) == (["a", "b"], [])


def test_a_failure_leaves_no_trace_and_holds_nobody_up(database: Database, heard: list[str], clock: Clock) -> None:
    listeners, tries = Listeners("tests"), []

    @listeners.on("bell.rang")
    def hear(tx: Transaction, happened: Happened) -> None:
        tries.append(happened.subject_id)
        set_fact(tx, happened.subject_id, "heard")
        if happened.subject_id == "cracked" and tries.count("cracked") == 1:
            raise RuntimeError("on purpose")

    ring(database, "a", "cracked", "b")
    tell(database, listeners)
    assert [bell for bell in ("a", "cracked", "b") if database.read(partial(find_fact, name=bell))] == ["a", "b"]
    assert [job.kind for job in database.read(list_jobs) if job.kind == "events.retry"] == ["events.retry"]
    clock.advance(10)
    tell(database, listeners)
    assert database.read(partial(find_fact, name="cracked")) == "heard"


def test_what_led_to_an_event_is_told(database: Database) -> None:
    listeners, causes = Listeners("tests"), []

    @listeners.on("bell.rang")
    def hear(tx: Transaction, happened: Happened) -> None:
        causes.append(happened.cause)

    def unit(tx: Transaction) -> None:
        with tx.because(("auto_1", "auto_2")):
            emit(tx, "ws_1", Rang(id="caused"))
        emit(tx, "ws_1", Rang(id="asked for"))

    database.write(unit)
    tell(database, listeners)
    assert causes == [("auto_1", "auto_2"), ()]


def test_two_at_once_tell_each_event_once(database: Database, listeners: Listeners, heard: list[str]) -> None:
    bells = [f"{number}" for number in range(300)]
    ring(database, *bells)
    runners = [Runner(database, JobTable([], [listeners])) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda runner: runner.run_due(), runners))
    tell(database, listeners)
    assert sorted(heard, key=int) == bells


def test_none_is_missed_that_commits_late(
    database: Database, listeners: Listeners, heard: list[str], engine: Engine
) -> None:
    """A transaction that took its position earlier and commits later."""
    if engine == "sqlite":
        pytest.skip("there one transaction writes at a time")
    columns = "id, workspace_id, kind, subject_id, data, created_at"
    with connect(database.url) as slow:  # type: ignore[attr-defined]
        slow.execute(f"INSERT INTO events ({columns}) VALUES ('evt_slow', 'ws_1', 'bell.rang', 'slow', '{{}}', 'x')")
        ring(database, "quick")
        tell(database, listeners)
        assert heard == []
    tell(database, listeners)
    assert heard == ["slow", "quick"]


def test_what_goes_on_in_other_databases_holds_nobody_up(
    instances: Instances, database: Database, listeners: Listeners, heard: list[str], engine: Engine
) -> None:
    if engine == "sqlite":
        pytest.skip("there a database is a file of its own")
    other = instances.make()
    assert other.url is not None
    with connect(other.url) as slow:
        slow.execute("INSERT INTO instance_facts (name, value) VALUES ('slow', 'x')")
        ring(database, "a")
        tell(database, listeners)
        assert heard == ["a"]


def test_a_database_that_moved_to_another_server_keeps_the_order(
    instances: Instances, listeners: Listeners, heard: list[str], engine: Engine
) -> None:
    if engine == "sqlite":
        pytest.skip("there the order is that of the rows")
    instance = instances.make()
    settings = Settings(data=instance.data, database=instance.url)
    database = open_database(settings)
    ring(database, "a")
    tell(database, listeners)
    ring(database, "b")
    database.close()
    far = "9000000000000000"
    run(instance.address, f"UPDATE events SET turn = {far}", f"UPDATE event_cursors SET turn = {far}")
    database = open_database(settings)
    ring(database, "c")
    tell(database, listeners)
    database.close()
    assert heard == ["a", "b", "c"]


def test_events_are_kept_until_they_are_heard(
    database: Database, listeners: Listeners, heard: list[str], clock: Clock
) -> None:
    tell(database, listeners)
    ring(database, "a", "b")
    clock.advance((KEPT_DAYS + 1) * 86_400)
    database.write(purge)
    ring(database, "c")
    tell(database, listeners)
    clock.advance((KEPT_DAYS + 1) * 86_400)
    database.write(purge)
    ring(database, "d")
    tell(database, listeners)
    assert heard == ["a", "b", "c", "d"]


def test_a_name_is_taken_once() -> None:
    with pytest.raises(ValueError, match="declared twice"):
        JobTable([], [Listeners("tests"), Listeners("tests")])
