"""What a unit of work sees of the database."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

import msgspec
from psycopg.errors import LockNotAvailable
from sqlalchemy import text

from userhero.kernel import clock
from userhero.kernel.actor import Origin
from userhero.kernel.crypto import Keys
from userhero.kernel.db.statement import Engine, Statement
from userhero.kernel.outbound import Guard

R = TypeVar("R", bound=msgspec.Struct)


# For how long a unit of work in the background may hold up others, alone and while they wait.
_TURN_SECONDS, _SHORT_TURN_SECONDS = 0.02, 0.005


class Cursor(Protocol):
    """The part of a DB-API cursor that is used."""

    @property
    def rowcount(self) -> int:
        """How many rows the statement touched."""
        ...

    def executemany(self, query: str, params: Sequence[dict[str, Any]], /) -> object:
        """Run one statement many times."""
        ...

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row."""
        ...

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows that are left."""
        ...


class Connection(Protocol):
    """The part of a driver's connection that both engines share."""

    def execute(self, query: str, params: dict[str, Any] | tuple[()] = ..., /) -> Cursor:
        """Run one statement with parameters by name."""
        ...

    def cursor(self) -> Cursor:
        """Something else to run statements with."""
        ...


class WaitedTooLong(Exception):
    """Another transaction held what this one needs for longer than it was ready to wait."""


_ONE_SNAPSHOT = Statement(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
_LOCK_TIMEOUT = Statement(text("SELECT current_setting('lock_timeout')"))
_PATIENCE = Statement(text("SELECT set_config('lock_timeout', :wait, true)"))


class Transaction:
    """One unit of work: everything in it happens, or nothing does. The kernel opens and ends it.

    ``now`` is the moment it began: one request, one time. ``tenant`` is the workspace that the unit entered, once it
    has. ``cause`` is what led to the changes, oldest first, where they were not asked for directly. ``guard`` knows to
    which addresses requests may go, for those that are saved. ``origin`` tells where a request came from that changes
    something; None for all other work. ``subject`` is the id of what the answer tells of, where it has to be forgotten
    with that and neither path nor answer begins with it. Rows come back as tuples, or as the struct that the caller
    names.
    """

    __slots__ = (
        "_began", "_connection", "_depth", "_is_awaited", "_now", "_started", "cause", "engine", "guard", "keys",
        "origin", "statements", "subject", "tenant",
    )  # fmt: skip

    def __init__(
        self,
        connection: Connection,
        engine: Engine,
        keys: Keys,
        guard: Guard,
        is_awaited: Callable[[], bool] | None = None,
    ) -> None:
        self._connection = connection
        self._is_awaited = is_awaited
        self._started = clock.monotonic()
        self._depth = 0
        self.engine: Engine = engine
        self.keys = keys
        self.guard = guard
        self._began = clock.seconds()
        self._now: str | None = None
        self.tenant: str | None = None
        self.subject: str | None = None
        self.cause: tuple[str, ...] = ()
        self.origin: Callable[[], Origin] | None = None
        self.statements = 0

    @property
    def now(self) -> str:
        """The moment the unit began, as text. Written out when it is asked for: most reads never do."""
        if self._now is None:
            self._now = clock.iso(self._began)
        return self._now

    @property
    def turn_is_over(self) -> bool:
        """True once the unit has taken the time that work in the background may: 20 ms, or 5 where others wait for it.
        It should stop soon then, and go on in another unit.
        """
        taken = clock.monotonic() - self._started
        if taken <= _SHORT_TURN_SECONDS or self._is_awaited is None:
            return taken > _TURN_SECONDS
        return taken > _TURN_SECONDS or self._is_awaited()

    def renew(self) -> None:
        """Take the time anew, for a unit that plays what happened over days."""
        self._began, self._now = clock.seconds(), None

    def run(self, statement: Statement, **values: Any) -> int:
        """Run a change; returns how many rows it touched."""
        return self._execute(statement, values).rowcount

    def run_each(self, statement: Statement, rows: Sequence[dict[str, Any]]) -> int:
        """Run a change once for each of many sets of values, which is faster than to run it alone each time; returns
        how many rows all of them touched.
        """
        if not rows:
            return 0
        compiled = statement.compiled(self.engine)
        self.statements += 1
        cursor = self._connection.cursor()
        cursor.executemany(compiled.text, [{**compiled.constants, **row} for row in rows])
        return cursor.rowcount

    def all(self, statement: Statement, **values: Any) -> list[tuple[Any, ...]]:
        """Every row of the answer."""
        return self._execute(statement, values).fetchall()

    def one(self, statement: Statement, **values: Any) -> tuple[Any, ...] | None:
        """The first row of the answer, or None."""
        return self._execute(statement, values).fetchone()

    def value(self, statement: Statement, **values: Any) -> Any:
        """The first column of the first row, or None."""
        row = self._execute(statement, values).fetchone()
        return None if row is None else row[0]

    def texts(self, statement: Statement, **values: Any) -> list[str]:
        """The first column of every row: JSON documents, mostly."""
        return [row[0] for row in self._execute(statement, values).fetchall()]

    def find(self, shape: type[R], statement: Statement, **values: Any) -> R | None:
        """The first row as ``shape``, a struct declared ``array_like`` whose fields are the columns in order."""
        row = self._execute(statement, values).fetchone()
        return None if row is None else msgspec.convert(row, shape, strict=False)

    def list(self, shape: type[R], statement: Statement, **values: Any) -> "list[R]":
        """Every row as ``shape``; see ``find``."""
        rows = self._execute(statement, values).fetchall()
        return [msgspec.convert(row, shape, strict=False) for row in rows]

    def _execute(self, statement: Statement, values: dict[str, Any]) -> Cursor:
        compiled = statement.compiled(self.engine)
        self.statements += 1
        if compiled.constants:
            values = {**compiled.constants, **values}
        return self._connection.execute(compiled.text, values)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part of the unit that can fail alone: an exception undoes what was done inside, and passes on."""
        self._depth += 1
        name = f"step_{self._depth}"
        self._connection.execute(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            self._connection.execute(f"ROLLBACK TO SAVEPOINT {name}")
            raise
        finally:
            self._connection.execute(f"RELEASE SAVEPOINT {name}")
            self._depth -= 1

    @contextmanager
    def because(self, cause: tuple[str, ...]) -> Iterator[None]:
        """Inside, what is changed is put down to ``cause``: ids of what led to it, oldest first."""
        before, self.cause = self.cause, cause
        try:
            yield
        finally:
            self.cause = before

    def isolate(self) -> None:
        """From the unit's first statement on, see one snapshot: where another transaction changes what this one changes
        too, the unit is run again. SQLite does so by itself, since units run one after the other.
        """
        if self.engine == "postgresql":
            self.run(_ONE_SNAPSHOT)

    @contextmanager
    def patience(self, seconds: int) -> Iterator[None]:
        """Inside, wait at most so long for what other transactions hold; then WaitedTooLong, and the unit is lost.

        On SQLite units run one after the other, so nobody waits.
        """
        if self.engine == "sqlite":
            yield
            return
        before = self.value(_LOCK_TIMEOUT)
        self.run(_PATIENCE, wait=f"{seconds}s")
        try:
            yield
        except LockNotAvailable as error:
            raise WaitedTooLong from error
        self.run(_PATIENCE, wait=before)
