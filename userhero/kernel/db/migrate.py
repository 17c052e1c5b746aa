"""Bringing a database to this release's schema, on both engines.

Alembic runs the steps, each in a transaction of its own, so that a failure keeps what was done before it. A lock sees
to it that only one process does so at a time. A step must leave the previous release working while it runs (expand
first, contract a release later): see CONTRIBUTING.md.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pysqlite3
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, text

from userhero.kernel import log
from userhero.kernel.config import ConfigurationError, is_postgresql
from userhero.kernel.db import schema
from userhero.kernel.db.figures import refresh
from userhero.kernel.db.sqlite import connect

# Any number will do, as long as nobody else on the server uses it.
_LOCK = 7_308_216_305
_LOCK_SECONDS = 300
_PAUSE = 0.1
# A step waits no longer for traffic to let go of a table: everyone else would queue behind it.
_STEP_SECONDS = 10

_logger = log.get("migrate")


def engine_for(address: str) -> Engine:
    """A SQLAlchemy engine for migrations and checks. ``address`` is a PostgreSQL URL or the path of a SQLite file."""
    if is_postgresql(address):
        return create_engine("postgresql+psycopg://" + address.partition("://")[2], poolclass=NullPool)
    engine = create_engine("sqlite://", module=pysqlite3, creator=lambda: _open(Path(address)), poolclass=NullPool)
    event.listen(engine, "begin", _begin)
    return engine


def configuration(connection: Connection, scripts: Path = schema.SCRIPTS) -> Config:
    """Alembic's configuration: where the steps are, and what to run them on."""
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(address: str, revision: str = "head") -> bool:
    """Run every step that is missing; returns False where there was none.

    Raises ConfigurationError where another process holds the lock for five minutes, and SchemaTooNew.
    """
    engine = engine_for(address)
    try:
        with engine.connect() as connection, _alone(connection, address):
            if revision == "head" and schema.is_current(address):
                return False
            command.upgrade(configuration(connection), revision)
            _look_at_new_indexes(connection)
            _logger.info("schema upgraded", at=revision if revision != "head" else schema.head())
            return True
    finally:
        engine.dispose()


def _look_at_new_indexes(connection: Connection) -> None:
    """Without figures of a new index the engines' planners prefer it to others whose figures they have, or never do."""
    with connection.begin():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE")
            return
        refresh(connection.exec_driver_sql)


def _open(path: Path) -> Any:
    connection = connect(path)
    # SQLite changes most tables by making them anew; dropping the old one must not cascade into those that point at it.
    connection.execute("PRAGMA foreign_keys = OFF")
    return connection


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def _alone(connection: Connection, address: str) -> Iterator[None]:
    """Inside, no other process migrates this database."""
    if is_postgresql(address):
        _wait_for(lambda: _is_advisory_locked(connection))
        with connection.begin():
            connection.execute(text(f"SET lock_timeout = '{_STEP_SECONDS}s'"))
        yield  # The lock ends with the connection.
        return
    folder = os.open(Path(address).parent, os.O_RDONLY)
    try:
        _wait_for(lambda: _is_locked(folder))
        yield
    finally:
        os.close(folder)


def _is_advisory_locked(connection: Connection) -> bool:
    # Asked again and again rather than waited for: a step that builds an index CONCURRENTLY waits for every
    # transaction, and one that waits for the lock would be among them.
    with connection.begin():
        return bool(connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK}))


def _is_locked(folder: int) -> bool:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait_for(is_locked: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _LOCK_SECONDS
    while not is_locked():
        if time.monotonic() > deadline:
            raise ConfigurationError("another process has been changing the schema for five minutes; try again later")
        time.sleep(_PAUSE)
