"""Readers of SQLite's file: a connection for each thread that reads, and room for reads that take long.

Most reads take less time than it would take to hand them over, and run where they are asked for: on the loop. Which of
them don't can't be known before, as it depends on what the filters of a list find. So such a read is stopped after ten
milliseconds, and run once more on a thread of its own: nobody else waits for it.
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

T = TypeVar("T")

_BRIEFLY_SECONDS = 0.010
# How often SQLite lets the time be looked at, in instructions of its machine: a page of a list takes some thousand.
_INSTRUCTIONS = 1_000
# Each has a page cache of its own.
_THREADS = 4


class _Reader:
    """A connection, until when what runs on it may take, in monotonic seconds, and whether it was stopped for that."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.until = inf
        self.is_stopped = False
        connection.set_progress_handler(self._is_over, _INSTRUCTIONS)

    def _is_over(self) -> bool:
        self.is_stopped = monotonic() > self.until
        return self.is_stopped


class Readers:
    """The readers of one file; ``connect`` opens a connection to it."""

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._local = threading.local()
        self._all: list[_Reader] = []
        self._threads = ThreadPoolExecutor(_THREADS, "sqlite-reader")

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

    async def run(self, read: Callable[[], T], *, slow: bool) -> T:
        """What ``read`` returns, which asks on this thread's ``connection``; it may run twice from its start. ``slow``
        says that it takes long at any rate.
        """
        if not slow:
            reader = self._reader
            reader.until, reader.is_stopped = monotonic() + _BRIEFLY_SECONDS, False
            try:
                return read()
            except pysqlite3.OperationalError:
                if not reader.is_stopped:
                    raise
            finally:
                reader.until = inf
        return await asyncio.get_running_loop().run_in_executor(self._threads, copy_context().run, read)

    def close(self) -> None:
        """Close every connection."""
        self._threads.shutdown()
        for reader in self._all:
            reader.connection.close()
        self._all.clear()
        self._local = threading.local()
