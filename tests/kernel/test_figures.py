"""SQLite's planner has figures of tables that have grown, and none of those that were as good as empty."""

from itertools import count
from pathlib import Path
from typing import Any

import pysqlite3
import pytest

from userhero.kernel.db.figures import Growth
from userhero.kernel.db.sqlite import connect

_COUNT = count(8)


@pytest.fixture
def connection(tmp_path: Path) -> Any:
    connection = connect(tmp_path / "some.db")
    connection.execute("CREATE TABLE things (id integer PRIMARY KEY, kind text, size integer)")
    connection.execute("CREATE INDEX by_size ON things (size)")
    return connection


def _fill(connection: Any, rows: int) -> None:
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO things (kind, size) VALUES ('a', ?)", [(size,) for size in range(rows)])
    connection.execute("COMMIT")


def _plan(connection: Any) -> str:
    # Only what is run notices that the schema has changed, and a plan that was looked at is not made anew.
    connection.execute("SELECT size FROM things WHERE size = 0").fetchall()
    look = f"EXPLAIN QUERY PLAN SELECT * FROM things WHERE size BETWEEN 7 AND {next(_COUNT)}"
    return str(connection.execute(look).fetchone()[3])


def test_everybody_plans_by_what_a_table_has_grown_to(connection: Any, tmp_path: Path) -> None:
    _fill(connection, 2)
    connection.execute("ANALYZE")
    growth, reader = Growth(connection), connect(tmp_path / "some.db")
    assert _plan(reader).startswith("SCAN")
    _fill(connection, 5_000)
    growth.committed()
    assert "by_size" in _plan(connection)
    assert "by_size" in _plan(reader)


def test_nothing_is_kept_of_small_tables(connection: Any) -> None:
    _fill(connection, 3)
    Growth(connection).refresh()
    assert connection.execute("SELECT * FROM sqlite_stat1").fetchall() == []


def test_figures_are_taken_when_the_data_has_doubled(connection: Any) -> None:
    growth = Growth(connection)
    looked: list[str] = []
    connection.set_trace_callback(looked.append)
    for _ in range(10):
        _fill(connection, 1_000)
        growth.committed()
    assert sum("PRAGMA optimize" in each for each in looked) == 3  # after 2,000, 4,000 and 8,000 rows


def test_work_goes_on_where_they_can_not_be_taken(connection: Any, tmp_path: Path) -> None:
    other = connect(tmp_path / "some.db")
    connection.execute("PRAGMA busy_timeout = 0")
    other.execute("BEGIN IMMEDIATE")
    Growth(connection).refresh()
    other.execute("COMMIT")
    _fill(connection, 1)
    assert connection.execute("SELECT count(*) FROM things").fetchone() == (1,)
    with pytest.raises(pysqlite3.OperationalError):
        connection.execute("SELECT * FROM sqlite_stat1")
