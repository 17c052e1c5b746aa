"""Where a person who was erased may have left traces: rows that others wrote, and that only their text tells of."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, func, literal_column, null, select

from userhero.kernel import ids
from userhero.kernel.db.statement import Statement
from userhero.kernel.db.transaction import Transaction

PAGE = 500


class Trace(NamedTuple):
    """A row: its key, since when what it tells of is so, and all that it says."""

    key: Any
    since: str
    text: str


class Traces:
    """The rows of one table that may tell of somebody: ``texts`` say what they say.

    ``of_workspace`` are conditions on the parameter ``workspace``; they are ``unindexed``, so that SQLite goes through
    the table in the order of ``key``, once, rather than sort a workspace's rows for each page. ``forget`` takes the
    text from a row, or the row away; its parameter is ``trace``. ``event_id`` names the event that a row tells of: it
    may have happened long before the row was written.
    """

    def __init__(
        self,
        key: ColumnElement[Any],
        created_at: ColumnElement[str],
        texts: Sequence[ColumnElement[Any]],
        *,
        of_workspace: Sequence[ColumnElement[bool]],
        forget: Statement,
        event_id: ColumnElement[Any] | None = None,
    ) -> None:
        blank: ColumnElement[str] = literal_column("' '")
        said = func.concat(*(func.concat(func.coalesce(text, blank), blank) for text in texts))
        happened: ColumnElement[Any] = null() if event_id is None else event_id
        chosen = select(key, created_at, said, happened).select_from(key.table)
        ordered = chosen.where(*of_workspace).order_by(key).limit(literal_column(str(PAGE)))
        self._first = Statement(ordered)
        self._next = Statement(ordered.where(key > bindparam("after", type_=key.type)))
        self._forget = forget

    def page(self, tx: Transaction, workspace_id: str, after: Any | None) -> list[Trace]:
        """The next 500 rows after a key; fewer are the last."""
        if after is None:
            return [_trace(*row) for row in tx.all(self._first, workspace=workspace_id)]
        return [_trace(*row) for row in tx.all(self._next, workspace=workspace_id, after=after)]

    def forget(self, tx: Transaction, keys: Sequence[Any]) -> None:
        """Let rows tell nothing any more."""
        for key in keys:
            tx.run(self._forget, trace=key)


def _trace(key: Any, created_at: str, text: str, event_id: str | None) -> Trace:
    return Trace(key, created_at if event_id is None else min(created_at, ids.made_at(event_id)), text)
