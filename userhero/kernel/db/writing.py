"""The two statements that every table needs: put a row in, change some columns of one."""

from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, insert, update

from userhero.kernel.db.statement import Statement
from userhero.kernel.db.transaction import Transaction


def insertion(table: Table, *names: str, returning: ColumnElement[Any] | None = None) -> Statement:
    """``INSERT`` of the named columns; their values are given by the same names. ``returning`` is an expression of
    the new row's own columns.
    """
    clause = insert(table).values({name: bindparam(name) for name in names})
    return Statement(clause if returning is None else clause.returning(returning))


class Changes:
    """``UPDATE`` of one row by its id, for whichever columns a change touches; one statement for each set of them."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._statements: dict[frozenset[str], Statement] = {}

    def apply(self, tx: Transaction, row_id: str, values: dict[str, Any]) -> None:
        """Set the columns named in ``values``, and ``updated_at`` to the unit's time."""
        names = frozenset(values)
        statement = self._statements.get(names)
        if statement is None:
            statement = self._statements[names] = self._statement(names)
        tx.run(statement, **values, updated_at=tx.now, _row=row_id)

    def _statement(self, names: frozenset[str]) -> Statement:
        new: dict[str, Any] = {name: bindparam(name) for name in sorted(names | {"updated_at"})}
        return Statement(update(self._table).where(self._table.c.id == bindparam("_row")).values(new))
