"""Reads on SQLite: where they run, and for whom they wait."""

import asyncio
import threading
from pathlib import Path

import pysqlite3
import pytest
from sqlalchemy import text

from userhero.kernel.db import Database, Statement, Transaction
from userhero.kernel.db.readers import Readers
from userhero.kernel.db.sqlite import connect
from userhero.kernel.errors import ServiceUnavailable

# Some hundred times as long as a read may take where it was asked for.
_COUNT = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 6000000) SELECT count(*) FROM c"
_LONG, _SHORT = Statement(text(_COUNT)), Statement(text("SELECT 1"))


@pytest.fixture
def embedded(database: Database) -> Database:
    """PostgreSQL's reads wait for its server, and hold up nobody."""
    if database.engine != "sqlite":
        pytest.skip("reads run in the process on SQLite only")
    return database


def test_a_read_that_takes_long_goes_on_beside(embedded: Database) -> None:
    where: list[str] = []

    def unit(tx: Transaction) -> object:
        where.append(threading.current_thread().name)
        return tx.value(_LONG)

    async def both() -> tuple[object, bool]:
        long = asyncio.create_task(embedded.serve(lambda tx: None, unit, write=False))
        await asyncio.sleep(0)
        assert await embedded.serve(lambda tx: None, lambda tx: tx.value(_SHORT), write=False) == 1
        is_waiting = not long.done()
        return await long, is_waiting

    assert asyncio.run(both()) == (6_000_000, True)
    here, beside = where
    assert here == threading.current_thread().name
    assert beside.startswith("sqlite-reader")


def test_a_read_that_fails_by_itself_fails_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("userhero.kernel.db.readers._BRIEFLY_SECONDS", 60.0)
    readers, tries = Readers(lambda: connect(tmp_path / "some.db")), []

    def read() -> None:
        tries.append(1)
        readers.connection.execute("SELECT 1 FROM nowhere")

    with pytest.raises(pysqlite3.OperationalError, match="no such table"):
        asyncio.run(readers.run(read, slow=False))
    readers.close()
    assert len(tries) == 1


def test_a_connection_outlives_what_was_stopped_on_it(embedded: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("userhero.kernel.db.readers._BRIEFLY_SECONDS", 0.0)

    async def many() -> set[object]:
        # SQLite looks at the time once in a thousand steps of a statement, begin and end of a transaction included.
        return {await embedded.serve(lambda tx: None, lambda tx: tx.value(_SHORT), write=False) for _ in range(1_000)}

    assert asyncio.run(many()) == {1}


def test_closing_waits_for_reads_that_have_begun_only(tmp_path: Path) -> None:
    readers, begun, go_on = Readers(lambda: connect(tmp_path / "some.db")), threading.Semaphore(0), threading.Event()

    # A new file becomes one with a log, which takes a lock: before there are several who would.
    assert readers.connection

    def ask() -> int:
        begun.release()
        go_on.wait()
        return 1

    async def close() -> list[object]:
        asked = [asyncio.create_task(readers.run(ask, slow=True)) for _ in range(6)]
        await asyncio.sleep(0)
        for _ in range(4):
            begun.acquire()
        threading.Timer(0.1, go_on.set).start()
        readers.close()
        return [type(each) for each in await asyncio.gather(*asked, return_exceptions=True)]

    assert asyncio.run(close()) == [int] * 4 + [asyncio.CancelledError] * 2


def test_nothing_can_be_written(tmp_path: Path) -> None:
    readers = Readers(lambda: connect(tmp_path / "some.db"))
    with pytest.raises(pysqlite3.OperationalError, match="readonly"):
        readers.connection.execute("CREATE TABLE t (x)")
    readers.close()


def test_a_read_after_the_end_is_refused(tmp_path: Path) -> None:
    readers = Readers(lambda: connect(tmp_path / "some.db"))
    readers.close()
    for slow in (True, False):
        with pytest.raises(ServiceUnavailable):
            asyncio.run(readers.run(lambda: None, slow=slow))


def test_a_read_that_was_stopped_goes_on_however_its_snapshot_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("userhero.kernel.db.readers._BRIEFLY_SECONDS", 0.0)
    monkeypatch.setattr("userhero.kernel.db.readers._INSTRUCTIONS", 1)  # every statement is looked at, COMMIT too
    connect(tmp_path / "some.db").close()
    readers = Readers(lambda: connect(tmp_path / "some.db"))

    def read() -> object:
        return readers.connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()

    assert [asyncio.run(readers.run(read, slow=False)) for _ in range(3)] == [(0,)] * 3
    readers.close()


def test_a_read_that_takes_too_long_gives_its_thread_back(embedded: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("userhero.kernel.db.readers._LONGEST_SECONDS", 0.02)

    async def ask(statement: Statement, *, slow: bool) -> object:
        return await embedded.serve(lambda tx: None, lambda tx: tx.value(statement), write=False, slow=slow)

    for slow in (True, False):
        with pytest.raises(ServiceUnavailable, match="took too long"):
            asyncio.run(ask(_LONG, slow=slow))
    assert [asyncio.run(ask(_SHORT, slow=True)) for _ in range(8)] == [1] * 8
