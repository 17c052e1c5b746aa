"""Readers of SQLite's file: a connection for each thread that reads, and room for reads that take long.

Most reads take less time than it would take to hand them over, and run where they are asked for: on the loop. Which of
them don't can't be known before, as it depends on what the filters of a list find. So such a read is stopped after ten
milliseconds, and run once more on a thread of its own: nobody else waits for it. There it is stopped after 30 seconds.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from math import inf
from time import monotonic
from typing import Any, TypeVar

import pysqlite3

from userhero.kernel import log
from userhero.kernel.errors import ServiceUnavailable

T = TypeVar("T")

_BRIEFLY_SECONDS = 0.010
# Whoever asked has most likely gone by then, and few threads are there for all who ask for much.
_LONGEST_SECONDS = 30.0
# How often SQLite lets the time be looked at, in instructions of its machine: a page of a list takes some thousand.
_INSTRUCTIONS = 1_000
# Each has a page cache of its own.
_THREADS = 4

_logger = log.get("sqlite")


class _Reader:
    """A connection, until when what runs on it may take, in monotonic seconds, and whether it was stopped for that."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.until = inf
        self.is_stopped = False
        connection.set_progress_handler(self._is_over, _INSTRUCTIONS)

    def _is_over(self) -> bool:
        # Whoever was stopped stays so: the end of the snapshot is looked at as well, and has all the time it takes.
        if monotonic() <= self.until:
            return False
        self.is_stopped = True
        return True


class Readers:
    """The readers of one file; ``connect`` opens a connection to it."""

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._local = threading.local()
        self._all: list[_Reader] = []
        self._threads = ThreadPoolExecutor(_THREADS, "sqlite-reader")
        self._is_closed = False

    @property
    def connection(self) -> Any:
        """This thread's connection; nothing can be written on it."""
        return self._reader.connection

    @property
    def _reader(self) -> _Reader:
        reader: _Reader | None = getattr(self._local, "reader", None)
        if reader is None:
            connection = self._connect()
            connection.execute("PRAGMA query_only = ON")
            reader = self._local.reader = _Reader(connection)
            self._all.append(reader)
        return reader

    def read(self, ask: Callable[[], T], seconds: float = inf) -> T:
        """What ``ask`` returns, which sees one snapshot on this thread's ``connection``. What it asks there is stopped
        once ``seconds`` have passed.
        """
        reader = self._reader
        # Neither the snapshot's begin nor its end is ever stopped: SQLite may leave the transaction open then, and no
        # other could begin on this connection.
        reader.connection.execute("BEGIN")
        try:
            reader.until, reader.is_stopped = monotonic() + seconds, False
            return ask()
        finally:
            reader.until = inf
            reader.connection.execute("COMMIT")

    async def run(self, ask: Callable[[], T], *, slow: bool) -> T:
        """The same, beside where it takes long: then ``ask`` runs twice from its start. ``slow`` says that it will.

        Raises ServiceUnavailable once all is closed, and for what takes longer than 30 seconds.
        """
        if self._is_closed:
            raise ServiceUnavailable("The server is stopping.")
        if not slow:
            try:
                return self.read(ask, _BRIEFLY_SECONDS)
            except pysqlite3.OperationalError:
                if not self._reader.is_stopped:
                    raise
        return await asyncio.get_running_loop().run_in_executor(self._threads, copy_context().run, self._ask, ask)

    def _ask(self, ask: Callable[[], T]) -> T:
        try:
            return self.read(ask, _LONGEST_SECONDS)
        except pysqlite3.OperationalError as error:
            if not self._reader.is_stopped:
                raise
            _logger.warning("gave up a read", seconds=_LONGEST_SECONDS)
            raise ServiceUnavailable("The database took too long.") from error

    def close(self) -> None:
        """Close every connection, once the reads that have begun are done; those that wait never begin."""
        self._is_closed = True
        self._threads.shutdown(cancel_futures=True)
        for reader in self._all:
            reader.connection.close()
        self._all.clear()
        self._local = threading.local()
