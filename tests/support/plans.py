"""What the product asks of the database, written down as it is sent, and how the engine would answer it."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import psycopg
import pysqlite3
import pytest

from tests.support.databases import Instance
from userhero.kernel.db import Transaction, metadata

# PostgreSQL multiplies this with the pages that a table has: each is planned for as if it had a million rows or more.
_ROWS = 1_000_000
_MUCH = "UPDATE pg_class SET reltuples = %s, relpages = 1 WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
_WITHOUT = ((), ("seqscan",), ("seqscan", "sort"), ("seqscan", "sort", "bitmapscan"))
_PLANNED = ("SELECT", "WITH", "UPDATE", "DELETE")
_SCANNED = re.compile(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX \w+)?$")
_SORTED = "USE TEMP B-TREE FOR ORDER BY"


class Asked(NamedTuple):
    """A statement with values that it was sent with."""

    text: str
    values: Any


class _Watched:
    """A connection that passes everything on, and writes it down before."""

    def __init__(self, connection: Any, asked: dict[str, Asked]) -> None:
        self._connection = connection
        self._asked = asked

    def execute(self, text: str, values: Any = (), /) -> Any:
        self._asked.setdefault(text, Asked(text, values))
        return self._connection.execute(text, values)

    def cursor(self) -> Any:
        return _WatchedCursor(self._connection.cursor(), self._asked)


class _WatchedCursor:
    def __init__(self, cursor: Any, asked: dict[str, Asked]) -> None:
        self._cursor = cursor
        self._asked = asked

    def executemany(self, text: str, rows: Sequence[dict[str, Any]], /) -> Any:
        if rows:
            self._asked.setdefault(text, Asked(text, rows[0]))
        return self._cursor.executemany(text, rows)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)


@contextmanager
def recorded() -> Iterator[dict[str, Asked]]:
    """Inside, every statement of every transaction is written down under its text, with the first values it had."""
    asked: dict[str, Asked] = {}
    before = Transaction.__init__

    def begin(self: Transaction, connection: Any, *rest: Any, **named: Any) -> None:
        before(self, _Watched(connection, asked), *rest, **named)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Transaction, "__init__", begin)
        yield asked


class Finding(NamedTuple):
    """What grows with the data: ``scan`` or ``sort``, and of which table; empty where a sort has several."""

    kind: str
    table: str


class Planner:
    """Tells how the engine of an instance goes about a statement, once there is much data in every table.

    SQLite plans for a million rows where it has not counted; PostgreSQL is told that it has counted as many.
    """

    def __init__(self, instance: Instance) -> None:
        self._is_sqlite = instance.url is None
        self._connection: Any
        if instance.url is None:
            self._connection = pysqlite3.connect(instance.address, isolation_level=None)
        else:
            self._connection = psycopg.connect(instance.url, autocommit=True, options="-c jit=off")
            self._connection.execute(_MUCH, [_ROWS])

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()

    def findings(self, asked: Asked) -> list[Finding]:
        """What is wrong with the plan: tables that are read from end to end, and sorts of more than a page."""
        if self._is_sqlite:
            rows = self._connection.execute(f"EXPLAIN QUERY PLAN {asked.text}", asked.values).fetchall()
            return list(_of_sqlite([(parent, detail) for _, parent, _, detail in rows]))
        return min((self._in_one_way(asked, without) for without in _WITHOUT), key=len)

    def _in_one_way(self, asked: Asked, without: tuple[str, ...]) -> list[Finding]:
        """PostgreSQL knows little of these values, and nothing of tables without rows: where an index serves at all, it
        is found once the other ways are closed.
        """
        with self._connection.transaction(force_rollback=True):
            for way in without:
                self._connection.execute(f"SET LOCAL enable_{way} = off")
            said = self._connection.execute(f"EXPLAIN (FORMAT JSON) {asked.text}", asked.values or None).fetchone()
        return list(_of_postgresql(said[0][0]["Plan"]))


def is_planned(asked: Asked) -> bool:
    """Whether a statement looks for rows."""
    return asked.text.lstrip().upper().startswith(_PLANNED)


def _of_sqlite(steps: list[tuple[int, str]]) -> Iterator[Finding]:
    """``steps`` are the parent and the text of each."""
    for parent, text in steps:
        scanned = _SCANNED.match(text)
        if scanned and scanned[1] in metadata.tables:
            yield Finding("scan", scanned[1])
        if text == _SORTED:
            beside = [step for number, step in steps if number == parent]
            if not _is_page(beside):
                yield Finding("sort", beside[0].split()[1])


def _is_page(beside: list[str]) -> bool:
    """Whether what is sorted was picked by keys that a list of its own, with a limit, has found."""
    return beside[0].endswith(("(id=?)", "(rowid=?)")) and any(step.startswith("LIST SUBQUERY") for step in beside)


def _of_postgresql(node: dict[str, Any]) -> Iterator[Finding]:
    kind, table = node["Node Type"], node.get("Relation Name", "")
    if kind == "Seq Scan" or (kind in ("Index Scan", "Index Only Scan") and "Index Cond" not in node):
        yield Finding("scan", table)
    if kind == "Sort" and not any(each["Node Type"] == "Limit" for each in _below(node)):
        yield Finding("sort", next((each["Relation Name"] for each in _below(node) if "Relation Name" in each), ""))
    for part in node.get("Plans", ()):
        yield from _of_postgresql(part)


def _below(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for part in node.get("Plans", ()):
        yield part
        yield from _below(part)
