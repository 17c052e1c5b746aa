"""What a request asks of the database: the product's statements with their values, to be run again without it."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, NamedTuple, TypeVar, cast

from benchmarks.load import Request
from userhero import workspaces
from userhero.kernel.config import Settings
from userhero.kernel.db import Database, Transaction, Unit
from userhero.kernel.db.statement import Engine
from userhero.kernel.db.transaction import Connection
from userhero.kernel.http.edge import Edge
from userhero.kernel.http.limits import DatabaseLimiter, Limiter, MemoryLimiter
from userhero.kernel.http.origin import Origins
from userhero.kernel.http.strangers import Strangers
from userhero.server import composition

T = TypeVar("T")

_LIMIT = 1_000_000
_PREFIX = "/api/v1"
_COUNTER = re.compile(r"\bticket_counters\b")
_RETURNING = re.compile(r"\s+RETURNING\s.*$", re.DOTALL)


class Step(NamedTuple):
    """One statement."""

    text: str
    values: dict[str, Any]

    @property
    def numbers(self) -> bool:
        """Whether it answers with the ticket number, which a later one is given."""
        return _COUNTER.search(self.text) is not None

    @property
    def changes(self) -> bool:
        """Whether it writes."""
        return self.text.lstrip()[:6].upper() in ("INSERT", "UPDATE", "DELETE")


class Recorded(NamedTuple):
    """One request: what it did before its transaction (who asks, how often), and in it."""

    before: list[Step]
    inside: list[Step]


class OnOneConnection:
    """A database that runs every unit on one connection in this thread, and writes down what they run.

    Whoever uses it opens and ends the transactions. Units that are put off are dropped.
    """

    engine: ClassVar[Engine]

    def __init__(self, database: Database, connection: Any) -> None:
        self.keys = database.keys
        self.storage = database.storage
        self.mailer = database.mailer
        self.outbound = database.outbound
        self.audit_days = database.audit_days
        self._connection = connection
        self.steps: list[Step] = []
        self.recorded: list[Recorded] = []

    def execute(self, text: str, values: dict[str, Any] | tuple[()] = (), /) -> Any:
        """Run one statement, and keep it."""
        self.steps.append(Step(text, dict(values)))
        return self._connection.execute(text, values)

    async def serve(self, admit: Unit[None], unit: Unit[T], *, write: bool, slow: bool = False) -> T:
        """See ``Database.serve``."""
        del write, slow
        before: list[Step] = []
        self.steps = before
        admit(self._transaction())
        inside: list[Step] = []
        self.steps = inside
        result = unit(self._transaction())
        self.recorded.append(Recorded(before, inside))
        return result

    def read(self, unit: Unit[T]) -> T:
        """See ``Database.read``."""
        return unit(self._transaction())

    def write(self, unit: Unit[T]) -> T:
        """See ``Database.write``."""
        return unit(self._transaction())

    def defer(self, unit: Unit[None]) -> None:
        """See ``Database.defer``."""

    def close(self) -> None:
        """See ``Database.close``."""

    def _transaction(self) -> Transaction:
        return Transaction(cast(Connection, self), self.engine, self.keys, self.outbound.guard)


class OnSqlite(OnOneConnection):
    """One connection to SQLite."""

    engine: ClassVar[Engine] = "sqlite"


class OnPostgresql(OnOneConnection):
    """One connection to PostgreSQL."""

    engine: ClassVar[Engine] = "postgresql"


class Player:
    """The API without a server: requests go straight to the edge, in this thread."""

    def __init__(self, database: Database, connection: Any) -> None:
        alone = database.engine == "sqlite"
        self.database = OnSqlite(database, connection) if alone else OnPostgresql(database, connection)
        limiter: Limiter = MemoryLimiter(_LIMIT) if alone else DatabaseLimiter(_LIMIT)
        origins = Origins(Settings())
        self._edge = Edge(
            composition.route_table(),
            self.database,
            limiter,
            workspaces.authenticate,
            workspaces.recheck,
            origins,
            Strangers(origins, _LIMIT),
        )

    async def play(self, request: Request) -> None:
        """Answer one request. Raises RuntimeError where it is no success."""
        path, _, query = request.target.partition("?")
        scope: dict[str, Any] = {
            "type": "http",
            "method": request.method,
            "path": path,
            "root_path": _PREFIX,
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in request.headers.items()],
        }
        answers: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": request.body.encode(), "more_body": False}

        async def send(message: Any) -> None:
            answers.append(message)

        await self._edge(scope, receive, send)
        if answers[0]["status"] >= 300:
            raise RuntimeError(f"{request.method} {request.target}: {answers}")

    def record(self, requests: Sequence[Request]) -> list[Recorded]:
        """What these requests run."""
        self.database.recorded = []
        asyncio.run(self.play_all(requests))
        return self.database.recorded

    async def play_all(self, requests: Sequence[Request]) -> None:
        """Answer these, one after the other."""
        for request in requests:
            await self.play(request)


def needed(steps: Sequence[Step]) -> list[Step]:
    """What recording an item can't do without: the look-up of the customer, and the rows that are written.

    The JSON that the product has the rows return is left out.
    """
    kept = [step for step in steps if step.changes or "customer_identifiers" in step.text]
    return [step if step.numbers else step._replace(text=_RETURNING.sub("", step.text)) for step in kept]


def replay(connection: Any, steps: Sequence[Step]) -> None:
    """Run the statements again, with the ticket number that is next now."""
    number = None
    for step in steps:
        if number is not None and "ticket_number" in step.values:
            step.values["ticket_number"] = number
        cursor = connection.execute(step.text, step.values)
        if step.numbers:
            number = cursor.fetchone()[0]
        elif not step.changes:
            cursor.fetchall()


@contextmanager
def undone(connection: Any, begin: str) -> Iterator[None]:
    """What happens inside, after the statement ``begin``, leaves no trace."""
    connection.execute(begin)
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
