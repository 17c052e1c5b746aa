"""``python -m benchmarks sizes``: what tables and indexes take on PostgreSQL, for each million items."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import psycopg

from benchmarks.cluster import Cluster
from benchmarks.dataset import prepared

_MILLION, _MIB = 1_000_000, 1024 * 1024
_LEAST = 0.5
_TABLES = """
    SELECT relname, n_live_tup, pg_table_size(relid), pg_indexes_size(relid)
    FROM pg_stat_user_tables ORDER BY pg_total_relation_size(relid) DESC, relname
"""
_INDEXES = """
    SELECT indexrelname, relname, pg_relation_size(indexrelid)
    FROM pg_stat_user_indexes ORDER BY pg_relation_size(indexrelid) DESC, indexrelname
"""


class Size(NamedTuple):
    """What a table takes: ``table`` (with what is stored outside of its rows) and ``indexes`` in bytes."""

    name: str
    rows: int
    table: int
    indexes: int


def show(items: int) -> None:
    """Load a data set of this size, if there is none yet, and print what it takes, times a million by its items."""
    cluster = Cluster()
    try:
        with psycopg.connect(cluster.working_copy(prepared(items)), autocommit=True) as connection:
            connection.execute("ANALYZE")
            for line in _lines(connection, items):
                print(line)
    finally:
        cluster.stop()


def _lines(connection: "psycopg.Connection[Any]", items: int) -> Iterator[str]:
    """A table of tables, with those left out that take next to nothing, and one of indexes."""
    factor = _MILLION / items
    sizes = [Size(*row) for row in connection.execute(_TABLES).fetchall()]
    yield f"Measured at {items:,} items; times {factor:g} for a million. MiB."
    yield ""
    yield "| Table | Rows | Table | Indexes |"
    yield "|---|---|---|---|"
    for size in (*(each for each in sizes if _mib(each.table + each.indexes) * factor >= _LEAST), _sum(sizes)):
        table, indexes = _mib(size.table) * factor, _mib(size.indexes) * factor
        yield f"| {size.name} | {size.rows * factor:,.0f} | {table:,.0f} | {indexes:,.0f} |"
    yield ""
    yield "| Index | Of | Size |"
    yield "|---|---|---|"
    for name, table, size in connection.execute(_INDEXES).fetchall():
        if _mib(size) * factor >= _LEAST:
            yield f"| {name} | {table} | {_mib(size) * factor:,.0f} |"


def _sum(sizes: list[Size]) -> Size:
    rows, tables, indexes = (sum(column) for column in zip(*(size[1:] for size in sizes), strict=True))
    return Size("all", rows, tables, indexes)


def _mib(size: int) -> float:
    return size / _MIB
