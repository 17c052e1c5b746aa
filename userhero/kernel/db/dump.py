"""A whole database as one file, taken while it is in use, and put back."""

import os
import shutil
import subprocess
from pathlib import Path

import psycopg
import pysqlite3
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from userhero.kernel.config import ConfigurationError, is_postgresql
from userhero.kernel.db.postgres import APPLICATION
from userhero.kernel.db.sqlite import connect

_DUMP = ("pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--exclude-table-data=rate_limits")
_LOAD = ("pg_restore", "--clean", "--if-exists", "--no-owner", "--no-privileges", "--exit-on-error")


def dump(address: str, file: Path) -> None:
    """Write one moment of the database to ``file``; the server goes on meanwhile. Raises ConfigurationError."""
    if is_postgresql(address):
        _run_client(address, _DUMP, f"--file={file}")
        return
    file.touch(mode=0o600)
    source, target = connect(Path(address)), pysqlite3.connect(str(file))
    try:
        source.backup(target)
    finally:
        target.close()
        source.close()


def load(address: str, file: Path) -> None:
    """Put a dump in the place of the database. Raises ConfigurationError, and has changed nothing then."""
    if is_postgresql(address):
        _run_client(address, _LOAD, "--single-transaction", str(file))
        return
    problem = find_damage(file)
    if problem is not None:
        raise ConfigurationError(f"the database in the backup is damaged: {problem}")
    path = Path(address)
    if path.exists():
        # Its write-ahead log would be taken for the new file's.
        old = connect(path)
        old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        old.close()
    for name in (f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)
    file.chmod(0o600)
    file.replace(path)


def is_in_use(address: str) -> bool:
    """True where a server or worker is connected to a PostgreSQL database. SQLite's is held by a lock instead."""
    if not is_postgresql(address):
        return False
    with psycopg.connect(address) as connection:
        found = connection.execute(
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s LIMIT 1",
            [APPLICATION],
        )
        return found.fetchone() is not None


def find_damage(path: Path) -> str | None:
    """What SQLite finds wrong with its file, or None. Reads all of it."""
    connection = connect(path)
    try:
        found = [row[0] for row in connection.execute("PRAGMA integrity_check(5)")]
        if found != ["ok"]:
            return "; ".join(found)
        orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
        return f"{len(orphans)} rows point at rows that do not exist" if orphans else None
    except pysqlite3.DatabaseError as error:
        return str(error)
    finally:
        connection.close()


def _run_client(url: str, command: tuple[str, ...], *more: str) -> None:
    program = shutil.which(command[0])
    if program is None:
        raise ConfigurationError(
            f"{command[0]} is not on the PATH: install PostgreSQL's client programs, of the server's version or later"
        )
    place = conninfo_to_dict(url)
    # In the environment, where other users of the machine can't read it.
    secret = {"PGPASSWORD": str(place.pop("password"))} if "password" in place else {}
    done = subprocess.run(  # noqa: S603  (arguments of our own; the address goes in as one of them)
        [program, *command[1:], f"--dbname={make_conninfo('', **place)}", *more],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **secret},
    )
    if done.returncode:
        raise ConfigurationError(f"{command[0]} failed: {done.stderr.strip()}")
