"""PostgreSQL: units run in worker threads on pooled connections."""

import asyncio
import select
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ClassVar, TypeVar, cast

import psycopg
from psycopg import errors as pg
from psycopg_pool import ConnectionPool, PoolTimeout

from userhero.kernel import log
from userhero.kernel.crypto import Keys
from userhero.kernel.db.database import Unit
from userhero.kernel.db.statement import Engine
from userhero.kernel.db.transaction import Connection, Transaction
from userhero.kernel.errors import ServiceUnavailable
from userhero.kernel.mail import Mailer
from userhero.kernel.outbound import Outbound
from userhero.kernel.storage import Storage

T = TypeVar("T")

APPLICATION = "userhero"
_ATTEMPTS = 5
_POOL_SECONDS = 5.0
# A statement that waits longer for a lock, or runs longer, gives up rather than hold everyone else.
_SETTINGS = "-c lock_timeout=10s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s -c timezone=UTC"
# What another transaction did in between; a unit that runs again sees it, such as a project that is gone by now.
_AGAIN = (pg.SerializationFailure, pg.DeadlockDetected, pg.ForeignKeyViolation)
_UNREACHABLE = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout)

_logger = log.get("postgresql")


class PostgresDatabase:
    """The engine for more than one machine. ``size`` is how many connections one process keeps at the most."""

    engine: ClassVar[Engine] = "postgresql"

    def __init__(
        self,
        url: str,
        keys: Keys,
        storage: Storage,
        mailer: Mailer,
        outbound: Outbound,
        *,
        audit_days: int,
        size: int = 10,
    ) -> None:
        self.url = url
        self.keys = keys
        self.storage = storage
        self.mailer = mailer
        self.outbound = outbound
        self.audit_days = audit_days
        self._pool = ConnectionPool(
            url,
            min_size=1,
            max_size=size,
            timeout=_POOL_SECONDS,
            kwargs={
                "autocommit": True,
                "options": _SETTINGS,
                "prepare_threshold": 2,
                "fallback_application_name": APPLICATION,
            },
            open=False,
        )
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="postgresql")

    async def serve(self, admit: Unit[None], unit: Unit[T], *, write: bool, slow: bool = False) -> T:
        """See ``Database.serve``. One thread and one connection for both, so that a request pays for one hand-over."""
        del slow  # every unit is in a thread already
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._serve, admit, unit, write)

    def _serve(self, admit: Unit[None], unit: Unit[T], write: bool) -> T:
        def both(connection: "psycopg.Connection[Any]") -> T:
            admit(self._on(connection))
            return self._in_transaction(connection, unit) if write else unit(self._on(connection))

        return self._with_connection(both)

    def read(self, unit: Unit[T]) -> T:
        """See ``Database.read``."""
        return self._with_connection(lambda connection: unit(self._on(connection)))

    def write(self, unit: Unit[T]) -> T:
        """See ``Database.write``."""
        return self._with_connection(lambda connection: self._in_transaction(connection, unit))

    def defer(self, unit: Unit[None]) -> None:
        """See ``Database.defer``."""
        self._threads.submit(self.write, unit).add_done_callback(_report_deferred)

    def close(self) -> None:
        """See ``Database.close``."""
        self._threads.shutdown(wait=True)
        self._pool.close()

    def _on(self, connection: "psycopg.Connection[Any]") -> Transaction:
        return Transaction(cast(Connection, connection), self.engine, self.keys, self.outbound.guard)

    def _with_connection(self, work: "Callable[[psycopg.Connection[Any]], T]") -> T:
        if self._pool.closed:
            self._pool.open()
        try:
            connection = self._take()
            try:
                return work(connection)
            finally:
                self._pool.putconn(connection)
        except (pg.QueryCanceled, pg.LockNotAvailable) as error:
            _logger.warning("gave up waiting", error=str(error))
            raise ServiceUnavailable("The database took too long.") from error
        except _UNREACHABLE as error:
            _logger.error("database unreachable", error=str(error))
            raise ServiceUnavailable("The database can't be reached now.") from error

    def _take(self) -> "psycopg.Connection[Any]":
        """A connection that is not known to be dead; whoever takes it gives it back.

        The pool's own check asks the server each time, and waits ever longer after each dead connection that it finds.
        """
        while True:
            connection = self._pool.getconn()
            if not _hung_up(connection):
                return connection
            connection.close()
            self._pool.putconn(connection)

    def _in_transaction(self, connection: "psycopg.Connection[Any]", unit: Unit[T]) -> T:
        for attempt in range(_ATTEMPTS):
            try:
                with connection.transaction():
                    return unit(self._on(connection))
            except _AGAIN as error:
                if attempt == _ATTEMPTS - 1:
                    raise ServiceUnavailable("The database is too busy with this object.") from error
        raise AssertionError("unreachable: the last attempt returns or raises")


def _hung_up(connection: "psycopg.Connection[Any]") -> bool:
    """Whether the server ended an idle connection: there is something to read then, its last words.

    A setting that changed on the server is told the same way; a connection lost over that is no harm.
    """
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _report_deferred(future: "Future[None]") -> None:
    error = future.exception()
    if error is not None:
        _logger.warning("deferred unit failed", error=str(error))
