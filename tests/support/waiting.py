"""Two transactions at once, one of them in the hands of a test."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from sqlalchemy import column, func, select, table

from userhero.kernel.db import Database, Statement, Transaction, Unit

SECONDS = 30
_WAITING = Statement(select(func.count()).select_from(table("pg_locks")).where(~column("granted")))


class Undone(Exception):
    """Ends a unit without a trace."""


@contextmanager
def held(database: Database, unit: Unit[Any], *, kept: bool) -> Iterator[None]:
    """Inside, a unit has run and its transaction is open; it is committed at the end, or undone."""
    ready, go_on = threading.Event(), threading.Event()

    def hold(tx: Transaction) -> None:
        unit(tx)
        ready.set()
        assert go_on.wait(SECONDS)
        if not kept:
            raise Undone

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(database.write, hold)
        assert ready.wait(SECONDS)
        try:
            yield
        finally:
            go_on.set()
        if kept:
            holding.result()


def wait_for_lock(database: Database, task: Future[Any]) -> None:
    """Returns once the task waits for a transaction that is held, or is done. On SQLite, where there is one writer at
    a time, it waits from its start.
    """
    while database.engine == "postgresql" and not task.done():
        if database.read(lambda tx: tx.value(_WAITING)):
            return
