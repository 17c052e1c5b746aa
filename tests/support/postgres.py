"""A PostgreSQL server of the test run's own: started when first needed, gone when the run ends."""

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg.sql import SQL, Identifier

from tests.support.processes import Process

USER = "userhero"
OLDEST = 15
# Nothing here outlives the run, so nothing needs to reach the disk.
FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "300",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "log_min_messages": "warning",
}


@cache
def programs() -> Path:
    """The folder of the newest server on this machine. Raises RuntimeError where there is none that is new enough."""
    found: dict[int, Path] = {}
    on_path = shutil.which("postgres")
    for server in (*Path("/usr/lib/postgresql").glob("*/bin/postgres"), *([Path(on_path)] if on_path else [])):
        said = subprocess.run([server, "--version"], check=True, capture_output=True, text=True).stdout
        version = re.search(r"(\d+)", said)
        if version:
            found.setdefault(int(version[1]), server.resolve().parent)
    if not found or max(found) < OLDEST:
        raise RuntimeError(f"PostgreSQL {OLDEST} or newer is not installed (make test-packages installs it)")
    return found[max(found)]


def server_user() -> int | None:
    """Whom the server runs as: PostgreSQL refuses root, so somebody else then; None for whoever runs the tests."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry.pw_uid for entry in pwd.getpwall()}
    return names.get("postgres", names["nobody"])


class Cluster:
    """A running server, reached through a socket in a folder that only this run knows.

    ``durable`` keeps the promises about crashes that the suite otherwise trades for speed.
    """

    def __init__(self, *, durable: bool = False) -> None:
        # Not below pytest's folders: those are closed to the user that the server runs as.
        self.folder = Path(tempfile.mkdtemp(prefix="userhero-pg-"))
        self._data = self.folder / "data"
        self._user = server_user()
        if self._user is not None:
            os.chown(self.folder, self._user, -1)
        options = SETTINGS if durable else SETTINGS | FAST
        self._command: list[str | Path] = [programs() / "postgres", "-D", self._data, "-k", self.folder]
        for name, value in options.items():
            self._command += ["-c", f"{name}={value}"]
        try:
            self._initialise()
            self.start()
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def _initialise(self) -> None:
        initdb: list[str | Path] = [programs() / "initdb", "-D", self._data, "-U", USER, "--auth=trust", "--locale=C"]
        done = subprocess.run(
            [*initdb, "--encoding=UTF8", "--no-sync"],
            check=False,
            capture_output=True,
            text=True,
            user=self._user,
            cwd=self.folder,
            extra_groups=None if self._user is None else [],
        )
        if done.returncode:
            raise RuntimeError(f"initdb failed:\n{done.stdout}{done.stderr}")

    def start(self) -> None:
        """Start the server on its data; returns when it answers."""
        log = self.folder / "log"
        log.touch()
        self.process = Process(self._command, log, user=self._user, cwd=self.folder)
        self.process.wait_until(self._answers)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def url(self, database: str) -> str:
        """The address of one of its databases."""
        return address(self.folder, database)

    def remove(self) -> None:
        """Stop the server and delete everything it had."""
        self.process.stop(signal.SIGINT)
        shutil.rmtree(self.folder)


def address(folder: Path, database: str) -> str:
    """The URL of a database on the server that listens in ``folder``."""
    return f"postgresql://{USER}@/{database}?host={quote(str(folder), safe='')}"


def command(url: str, text: str, *names: str) -> None:
    """Run one statement that can't run in a transaction; ``names`` fill its ``{}``, quoted."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SQL(text).format(*(Identifier(name) for name in names)))
