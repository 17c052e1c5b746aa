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


def test_nothing_can_be_written(tmp_path: Path) -> None:
    readers = Readers(lambda: connect(tmp_path / "some.db"))
    with pytest.raises(pysqlite3.OperationalError, match="readonly"):
        readers.connection.execute("CREATE TABLE t (x)")
    readers.close()
