"""Faults on purpose, put into the database itself so that the product runs as it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pysqlite3
from sqlalchemy import text

from userhero.kernel.db import migrate

_MAKE = {
    "sqlite": [
        "CREATE TRIGGER fault BEFORE INSERT ON {table} WHEN NEW.workspace_id = '{workspace}' "
        "BEGIN SELECT RAISE(ABORT, 'fault on purpose'); END"
    ],
    "postgresql": [
        "CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql "
        "AS $$ BEGIN RAISE EXCEPTION 'fault on purpose'; END $$",
        "CREATE TRIGGER fault BEFORE INSERT ON {table} FOR EACH ROW WHEN (NEW.workspace_id = '{workspace}') "
        "EXECUTE FUNCTION fault()",
    ],
}
_DROP = {
    "sqlite": ["DROP TRIGGER fault"],
    "postgresql": ["DROP TRIGGER fault ON {table}", "DROP FUNCTION fault()"],
}


def run(address: str, *statements: str) -> None:
    """Run statements on a database, past the product."""
    engine = migrate.engine_for(address)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@contextmanager
def failing_inserts(address: str, table: str, workspace_id: str) -> Iterator[None]:
    """Inside, the database refuses every new row of the workspace in ``table``."""
    engine = "postgresql" if address.startswith("postgresql") else "sqlite"
    names = {"table": table, "workspace": workspace_id}
    run(address, *(statement.format(**names) for statement in _MAKE[engine]))
    try:
        yield
    finally:
        run(address, *(statement.format(**names) for statement in _DROP[engine]))


@contextmanager
def writes_held(address: str) -> Iterator[None]:
    """Inside, whoever writes feedback waits: somebody else has what they need."""
    engine = migrate.engine_for(address)
    with engine.connect() as connection, connection.begin():
        # On SQLite the transaction alone keeps other writers out.
        if engine.dialect.name == "postgresql":
            connection.execute(text("LOCK TABLE events IN ACCESS EXCLUSIVE MODE"))
        yield
    engine.dispose()


def damages(path: Path) -> list[str]:
    """What SQLite finds wrong with a file: pages, indexes, rows that point nowhere."""
    connection = pysqlite3.connect(str(path))
    try:
        rows = connection.execute("PRAGMA integrity_check").fetchall()
        rows += connection.execute("PRAGMA foreign_key_check").fetchall()
        return [row for row in rows if row != ("ok",)]
    finally:
        connection.close()
