"""What the product asks of the database, written down as it is sent, and how the engine would answer it."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import psycopg
import pysqlite3
import pytest
from sqlalchemy import Table

from tests.support.databases import Instance
from userhero.kernel.db import Transaction, metadata

# PostgreSQL multiplies this with the pages that a table has: each is planned for as if it had a million rows or more.
_ROWS = 1_000_000
_MUCH = "UPDATE pg_class SET reltuples = %s, relpages = 1 WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
_JOINS = ("hashjoin", "mergejoin")
_WITHOUT = ((), ("seqscan",), ("seqscan", *_JOINS), ("seqscan", "sort", *_JOINS), ("seqscan", "sort", "bitmapscan"))
_VALUES = {str: "", int: 0, bool: False, float: 0.0, bytes: b""}
_PLANNED = ("SELECT", "WITH", "UPDATE", "DELETE")
_SCANNED = re.compile(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX \w+)?$")
_INDEX = re.compile(r"INDEX (\w+)")
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
        before(self, _Watched(connection, asked), *rest, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Transaction, "__init__", begin)
        yield asked


class Finding(NamedTuple):
    """What grows with the data: ``scan`` or ``sort``, and of which table; empty where a sort has several."""

    kind: str
    table: str


class Plan(NamedTuple):
    """How a statement is answered: what is wrong with that, and the names of the indexes that are used."""

    findings: list[Finding]
    indexes: set[str]


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
            for table in metadata.sorted_tables:
                self._occupy(table)
            self._connection.execute("ANALYZE")
            self._connection.execute(_MUCH, [_ROWS])

    def _occupy(self, table: Table) -> None:
        """Have a page in the table, which stays when the row in it is taken back: without one there is no much."""
        needed = [each for each in table.columns if not each.nullable and each.server_default is None]
        values = {each.name: _VALUES[each.type.python_type] for each in needed if each.autoincrement is not True}
        names, marks = ", ".join(values), ", ".join(["%s"] * len(values))
        with self._connection.transaction(force_rollback=True):
            self._connection.execute("SET LOCAL session_replication_role = replica")
            self._connection.execute(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", [*values.values()])

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()

    def look(self, asked: Asked) -> Plan:
        """The plan of a statement that looks for rows."""
        if self._is_sqlite:
            rows = self._connection.execute(f"EXPLAIN QUERY PLAN {asked.text}", asked.values).fetchall()
            return _of_sqlite([(parent, detail) for _, parent, _, detail in rows], asked.text)
        found: list[Plan] = []
        for without in _WITHOUT:
            found.append(self._in_one_way(asked, without))
            if not found[-1].findings:
                break
        return min(found, key=lambda plan: len(plan.findings))

    def _in_one_way(self, asked: Asked, without: tuple[str, ...]) -> Plan:
        """PostgreSQL knows little of these values, and nothing of tables without rows: where an index serves at all, it
        is found once the other ways are closed.
        """
        with self._connection.transaction(force_rollback=True):
            for way in without:
                self._connection.execute(f"SET LOCAL enable_{way} = off")
            said = self._connection.execute(f"EXPLAIN (FORMAT JSON) {asked.text}", asked.values or None).fetchone()
        return _of_postgresql(said[0][0]["Plan"])


def is_planned(asked: Asked) -> bool:
    """Whether a statement looks for rows."""
    return asked.text.lstrip().upper().startswith(_PLANNED)


def _of_sqlite(steps: list[tuple[int, str]], asked: str) -> Plan:
    """``steps`` are the parent and the text of each."""
    findings = []
    for parent, text in steps:
        scanned = _SCANNED.match(text)
        # In the order of an index, without a condition, the first rows are read and no more.
        if scanned and scanned[1] in metadata.tables and (" WHERE " in asked or "LIMIT" not in asked):
            findings.append(Finding("scan", scanned[1]))
        beside = [step for number, step in steps if number == parent]
        if text == _SORTED and not _is_page(beside):
            findings.append(Finding("sort", beside[0].split()[1]))
    return Plan(findings, {name for _, text in steps for name in _INDEX.findall(text)})


def _is_page(beside: list[str]) -> bool:
    """Whether what is sorted was picked by keys that a list of its own, with a limit, has found."""
    return beside[0].endswith(("(id=?)", "(rowid=?)")) and any(step.startswith("LIST SUBQUERY") for step in beside)


def _of_postgresql(plan: dict[str, Any]) -> Plan:
    nodes = [*_nodes(plan)]
    return Plan(
        [finding for node, parent in nodes if (finding := _finding(node, parent))],
        {node["Index Name"] for node, _ in nodes if "Index Name" in node},
    )


def _finding(node: dict[str, Any], parent: str) -> Finding | None:
    kind, table = node["Node Type"], node.get("Relation Name", "")
    whole = kind in ("Index Scan", "Index Only Scan") and "Index Cond" not in node
    first = whole and parent == "Limit" and "Filter" not in node
    if table in metadata.tables and (kind == "Seq Scan" or (whole and not first)):
        return Finding("scan", table)
    below = [each for each, _ in _nodes(node)]
    if kind == "Sort" and all(each["Node Type"] != "Limit" for each in below):
        return Finding("sort", next((each["Relation Name"] for each in below if "Relation Name" in each), ""))
    return None


def _nodes(node: dict[str, Any], parent: str = "") -> Iterator[tuple[dict[str, Any], str]]:
    """A node and all below it, each with the kind of the one above."""
    yield node, parent
    for part in node.get("Plans", ()):
        yield from _nodes(part, node["Node Type"])
