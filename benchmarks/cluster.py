"""A PostgreSQL server of the benchmarks' own, with its defaults (fsync on) but for memory, and the data set in it.

Its data stays below ``benchmarks/.cache`` between runs; where the user that the server runs as can't reach that folder,
in the system's folder for temporary files.
"""

import os
import shutil
import signal
import stat
import tempfile
from pathlib import Path
from typing import Any

import psycopg
import pysqlite3
from sqlalchemy import Boolean, Table

from benchmarks.dataset import CACHE, Dataset, digest
from tests.support.postgres import USER, address, command, programs, server_user
from tests.support.processes import Process
from userhero.kernel.db import migrate
from userhero.server import composition

_SETTINGS = {"listen_addresses": "", "shared_buffers": "512MB", "max_connections": "150"}
_ROWS = 5_000


class Cluster:
    """The running server. ``version`` is that of its programs."""

    def __init__(self) -> None:
        self._user = server_user()
        self._folder = _folder(self._user)
        self._sockets = Path(tempfile.mkdtemp(prefix="userhero-bench-pg-"))
        if self._user is not None:
            os.chown(self._sockets, self._user, -1)
        self._initialise()
        options = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        server: list[str | Path] = [programs() / "postgres", "-D", self._folder / "data", "-k", self._sockets, *options]
        log = self._sockets / "log"
        log.touch()
        self._process = Process(server, log, user=self._user, cwd=self._folder)
        self._process.wait_until(self._answers)
        with psycopg.connect(self.url("postgres")) as connection:
            self.version = str(connection.info.parameter_status("server_version"))

    def _initialise(self) -> None:
        data = self._folder / "data"
        if (data / "ready").exists():
            return
        shutil.rmtree(data, ignore_errors=True)
        initdb: list[str | Path] = [programs() / "initdb", "-D", data, "-U", USER]
        initdb += ["--auth=trust", "--locale=C", "--encoding=UTF8"]
        # In the foreground, but as the user that the server will be.
        done = Process(initdb, self._sockets / "initdb.log", user=self._user, cwd=self._folder)
        done.wait_until(lambda: (data / "PG_VERSION").exists() and done.is_over(60))
        (data / "ready").touch()

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def url(self, database: str) -> str:
        """The address of one of its databases."""
        return address(self._sockets, database)

    def keep_to(self, core: int | None) -> None:
        """Whoever connects from now on is served on this core; None for all of them."""
        os.sched_setaffinity(self._process.pid, os.sched_getaffinity(0) if core is None else {core})

    def working_copy(self, dataset: Dataset) -> str:
        """The data set in a database that may be changed; returns its address. The last run's is dropped."""
        name = f"bench_{dataset.facts.items}_{digest()}"
        postgres = self.url("postgres")
        with psycopg.connect(postgres, autocommit=True) as connection:
            rows = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'bench%'").fetchall()
        present = {row[0] for row in rows}
        outdated = {each for each in present if not each.endswith(digest())}
        for each in outdated | (present & {"bench_copy", "bench_unfinished"}):
            command(postgres, "DROP DATABASE {} WITH (FORCE)", each)
        if name not in present:
            command(postgres, "CREATE DATABASE {} TEMPLATE template0", "bench_unfinished")
            fill(self.url("bench_unfinished"), dataset)
            command(postgres, "ALTER DATABASE {} RENAME TO {}", "bench_unfinished", name)
        command(postgres, "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", "bench_copy", name)
        return self.url("bench_copy")

    def stop(self) -> None:
        """Stop the server; the data set stays."""
        self._process.stop(signal.SIGINT)
        shutil.rmtree(self._sockets)


def _folder(user: int | None) -> Path:
    """Where the server's files are, open to the user that it runs as."""
    major = programs().parent.name
    kept = CACHE / f"postgresql-{major}"
    if user is not None and not all(parent.stat().st_mode & stat.S_IXOTH for parent in CACHE.parents):
        kept = Path(tempfile.gettempdir()) / f"userhero-benchmarks-postgresql-{major}"
    kept.mkdir(parents=True, exist_ok=True)
    if user is not None:
        os.chown(kept, user, -1)
    return kept


def fill(url: str, dataset: Dataset) -> None:
    """Bring an empty database to the product's schema and copy every row of the data set into it."""
    migrate.upgrade(url)
    tables = composition.all_tables().sorted_tables
    source = pysqlite3.connect(str(dataset.folder / "userhero.db"))
    with psycopg.connect(url) as connection:
        connection.execute(f"TRUNCATE {', '.join(table.name for table in tables)} CASCADE")
        for table in tables:
            _copy(source, connection, table)
    source.close()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def _copy(source: Any, connection: "psycopg.Connection[Any]", table: Table) -> None:
    columns = [column for column in table.columns if column.computed is None]
    names = ", ".join(column.name for column in columns)
    flags = [number for number, column in enumerate(columns) if isinstance(column.type, Boolean)]
    rows = source.execute(f"SELECT {names} FROM {table.name}")
    with connection.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copying:
        while some := rows.fetchmany(_ROWS):
            for row in some:
                values = list(row)
                for flag in flags:
                    values[flag] = None if row[flag] is None else bool(row[flag])
                copying.write_row(values)
    for column in table.columns:
        if column.primary_key and column.autoincrement is True:
            _continue_sequence(connection, table.name, column.name)


def _continue_sequence(connection: "psycopg.Connection[Any]", table: str, column: str) -> None:
    connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), max({column})) FROM {table}")
