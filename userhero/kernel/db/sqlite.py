"""SQLite: one file, readers where they are called, one writer thread that commits in groups.

Every write goes through the writer thread. It takes what waits, wraps each unit in a savepoint, makes all of them
durable with one commit (``synchronous=FULL``: the log is on disk before anyone is answered), and answers them
together. A unit that fails is undone alone. See docs/adr/0003-group-commit.md.
"""

import asyncio
import threading
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, TypeVar, cast

import pysqlite3

from userhero.kernel import log
from userhero.kernel.crypto import Keys
from userhero.kernel.db.checkpoints import Checkpoints
from userhero.kernel.db.database import Unit
from userhero.kernel.db.figures import Growth
from userhero.kernel.db.flushing import is_doubtful, start_log_anew
from userhero.kernel.db.line import Line, Waiting
from userhero.kernel.db.readers import Readers
from userhero.kernel.db.statement import Engine
from userhero.kernel.db.transaction import Connection, Transaction
from userhero.kernel.errors import ServiceUnavailable
from userhero.kernel.mail import Mailer
from userhero.kernel.outbound import Outbound
from userhero.kernel.storage import Storage

T = TypeVar("T")

# Below these, WAL mode can corrupt the file (the WAL-reset bug): https://www.sqlite.org/wal.html
_FIXED = {(3, 44): 6, (3, 50): 7, (3, 51): 3}
_BUSY_SECONDS = 10.0

_logger = log.get("sqlite")


def is_safe(version: str) -> bool:
    """True where this release of SQLite is free of the WAL-reset bug."""
    major, minor, patch = (int(part) for part in version.split(".")[:3])
    if (major, minor) in _FIXED:
        return patch >= _FIXED[(major, minor)]
    return (major, minor) >= (3, 52) and (major, minor, patch) != (3, 52, 0)


class SqliteDatabase:
    """The embedded engine. Raises RuntimeError on a SQLite release that can corrupt its file."""

    engine: ClassVar[Engine] = "sqlite"

    def __init__(
        self, path: Path, keys: Keys, storage: Storage, mailer: Mailer, outbound: Outbound, *, audit_days: int
    ) -> None:
        if not is_safe(pysqlite3.sqlite_version):
            raise RuntimeError(f"SQLite {pysqlite3.sqlite_version} can corrupt a database in WAL mode; upgrade it")
        self.path = path
        self.keys = keys
        self.storage = storage
        self.mailer = mailer
        self.outbound = outbound
        self.audit_days = audit_days
        self._readers = Readers(partial(connect, path))
        self._line = Line()
        self._start = threading.Lock()
        self._writer: threading.Thread | None = None
        self._checkpoints: Checkpoints | None = None
        self._closed = False
        # Whether the end of the log may be missing on the disk; the writer's alone.
        self._is_doubtful = False

    async def serve(self, admit: Unit[None], unit: Unit[T], *, write: bool, slow: bool = False) -> T:
        """See ``Database.serve``. Reads begin right here, and go on beside where they take long.

        A write is admitted by the writer: its page cache is warm, while every commit empties that of the readers.
        """
        if not write and slow:
            self.read(admit)
            return await self._readers.run(partial(self._look, unit), slow=True)

        def admitted(tx: Transaction) -> T:
            admit(tx)
            return unit(tx)

        if not write:
            return await self._readers.run(partial(self._look, admitted), slow=False)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._enqueue(Waiting(admitted, future, loop))
        return await future

    def version(self) -> tuple[int, int]:
        """Changes whenever anybody commits anything, in this process or another. Two are the same only where one thread
        asked for both.
        """
        connection = self._readers.connection
        return id(connection), connection.execute("PRAGMA data_version").fetchone()[0]

    def read(self, unit: Unit[T]) -> T:
        """See ``Database.read``: a snapshot that no write disturbs."""
        return self._readers.read(partial(self._look, unit))

    def _look(self, unit: Unit[T]) -> T:
        return unit(self._transaction(self._readers.connection))

    def write(self, unit: Unit[T]) -> T:
        """See ``Database.write``."""
        future: Future[T] = Future()
        self._enqueue(Waiting(unit, future, None, is_behind=True))
        found = future.result()
        if self._checkpoints is not None:
            self._checkpoints.catch_up()
        return found

    def defer(self, unit: Unit[None]) -> None:
        """See ``Database.defer``."""
        future: Future[None] = Future()
        future.add_done_callback(_report_deferred)
        self._enqueue(Waiting(unit, future, None))

    def close(self) -> None:
        """See ``Database.close``."""
        self._closed = True
        if self._writer is not None:
            self._line.end()
            self._writer.join()
            self._writer = None
        self._readers.close()

    def _enqueue(self, waiting: Waiting) -> None:
        if self._writer is None:
            with self._start:
                if self._closed:
                    raise ServiceUnavailable("The server is stopping.")
                if self._writer is None:
                    self._writer = self._start_writing()
        if self._closed:
            raise ServiceUnavailable("The server is stopping.")
        self._line.put(waiting)

    def _start_writing(self) -> threading.Thread:
        """Open what the writer needs before there is one: who asked for it is told where that fails, the next tries."""
        try:
            connection = connect(self.path)
            connection.execute("PRAGMA wal_autocheckpoint = 0")
            self._checkpoints = Checkpoints(connect(self.path))
        except pysqlite3.Error as error:
            _logger.error("the database can't be opened for writing", error=str(error))
            raise ServiceUnavailable("The database can't be written to now.") from error
        work = partial(self._write_groups, connection, self._checkpoints)
        thread = threading.Thread(target=work, name="sqlite-writer", daemon=True)
        thread.start()
        return thread

    def _write_groups(self, connection: Any, checkpoints: Checkpoints) -> None:
        growth = Growth(connection)
        while group := self._line.next_group():
            self._commit(connection, group)
            _settle(group)
            growth.committed()
            checkpoints.committed(connection)
        checkpoints.stop()
        growth.refresh()
        connection.close()

    def _commit(self, connection: Any, group: list[Waiting]) -> None:
        """Make the whole group durable with one commit; a unit that fails is answered alone."""
        try:
            if self._is_doubtful and not start_log_anew(connection):
                raise ServiceUnavailable("The database can't be written to now.")
            self._is_doubtful = False
            if not self._run_bare(connection, group):
                self._run_guarded(connection, group)
        except Exception as error:  # noqa: BLE001  (see below)
            # Whatever it is, the thread must live: everyone who waits would wait for ever.
            _logger.error("commit failed", error=str(error), units=len(group))
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            for waiting in group:
                if waiting.error is None:
                    waiting.error = ServiceUnavailable("The database can't be written to now.")
            if is_doubtful(error):
                # At once, before anybody is told: whoever is killed from here on leaves a log without the refused part.
                self._is_doubtful = not start_log_anew(connection)

    def _run_bare(self, connection: Any, group: list[Waiting]) -> bool:
        """The common case, without savepoints, which cost as much as a unit's statements. A unit may fail here as long
        as it has changed nothing yet. False where one failed later: everything is undone, to be run again with guards.
        """
        connection.execute("BEGIN IMMEDIATE")
        for waiting in group:
            before = connection.total_changes
            try:
                waiting.result = waiting.unit(self._transaction(connection))
            except Exception as error:
                if not connection.in_transaction:
                    # SQLite gave up the whole transaction (disk full, I/O error): nobody's unit survived.
                    raise
                if connection.total_changes != before:
                    connection.execute("ROLLBACK")
                    for each in group:
                        each.error = None
                    return False
                waiting.error = error
        connection.execute("COMMIT")
        return True

    def _run_guarded(self, connection: Any, group: list[Waiting]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        for waiting in group:
            connection.execute("SAVEPOINT unit")
            try:
                waiting.result = waiting.unit(self._transaction(connection))
            except Exception as error:
                if not connection.in_transaction:
                    raise
                connection.execute("ROLLBACK TO unit")
                waiting.error = error
            connection.execute("RELEASE unit")
        connection.execute("COMMIT")

    def _transaction(self, connection: Any) -> Transaction:
        return Transaction(cast(Connection, connection), self.engine, self.keys, self.outbound.guard, self._is_awaited)

    def _is_awaited(self) -> bool:
        return self._line.is_awaited


def connect(path: Path) -> Any:
    """A connection with this program's settings: WAL, full sync, foreign keys, statements cached, no implicit BEGIN."""
    connection = pysqlite3.connect(
        str(path), timeout=_BUSY_SECONDS, isolation_level=None, cached_statements=512, check_same_thread=False
    )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA cache_size = -16000")
    connection.execute("PRAGMA journal_size_limit = 67108864")
    return connection


def _settle(group: list[Waiting]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[Waiting]] = {}
    for waiting in group:
        if waiting.loop is None:
            waiting.settle()
        else:
            by_loop.setdefault(waiting.loop, []).append(waiting)
    for loop, waiters in by_loop.items():
        # A loop that has closed since has nobody left to tell.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(partial(_settle_all, waiters))


def _settle_all(waiters: list[Waiting]) -> None:
    for waiting in waiters:
        waiting.settle()


def _report_deferred(future: "Future[None]") -> None:
    error = future.exception()
    if error is not None:
        _logger.warning("deferred unit failed", error=str(error))
