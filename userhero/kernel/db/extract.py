"""Everything that a workspace has of one kind, or one customer of it, row by row: for exports.

Unlike a ``Listing`` an extract is for whoever has already made sure who asks, has one order, and costs the same at any
depth.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, func, literal_column, select, tuple_

from userhero.kernel.db.functions import unindexed
from userhero.kernel.db.statement import Statement
from userhero.kernel.db.transaction import Transaction

# Whole or of one customer, from the start or further on.
_SHAPES = 4
Key = tuple[Any, ...]


class Range(NamedTuple):
    """What to extract: what a workspace had at a time (``until``), or of that what concerns one customer (``emails``: a
    JSON list of their addresses). ``since`` is the hour from which runs of automations count.
    """

    workspace: str
    until: str
    since: str
    customer: str | None = None
    emails: str = "[]"


class Row(NamedTuple):
    """An object as JSON, and where it stands."""

    document: str
    key: Key


class Extract:
    """The objects called ``name``, rendered by ``document``, in the order of ``keys``, which an index of the
    workspace's rows gives.

    ``rows`` is what to read from where that is more than the keys' table. ``of_workspace`` and ``of_customer`` are
    conditions on the fields of a ``Range``; without the latter, nothing is extracted for one customer. ``finished``
    completes a document.
    """

    def __init__(
        self,
        name: str,
        document: ColumnElement[str],
        keys: Sequence[ColumnElement[Any]],
        *,
        of_workspace: Sequence[ColumnElement[bool]],
        of_customer: Sequence[ColumnElement[bool]] | None = None,
        rows: Any = None,
        finished: Callable[[str], str] | None = None,
    ) -> None:
        self.name = name
        self.is_personal = of_customer is not None
        self._document = document
        self._rows = keys[0].table if rows is None else rows
        self._finished = finished
        self._keys = list(keys)
        self._conditions = list(of_workspace)
        self._of_customer = list(of_customer or ())
        self._page = lru_cache(_SHAPES)(self._make_page)
        self._counts = {personal: self._make_count(personal=personal) for personal in (False, True)}

    def page(self, tx: Transaction, wanted: Range, after: Key | None, most: int) -> list[Row]:
        """The next objects after a place, ``most`` of them; fewer are the last."""
        statement = self._page(wanted.customer is not None, after is not None, most)
        places = {f"after_{number}": value for number, value in enumerate(after or ())}
        rows = tx.all(statement, **wanted._asdict(), **places)
        return [Row(row[0] if self._finished is None else self._finished(row[0]), tuple(row[1:])) for row in rows]

    def count(self, tx: Transaction, wanted: Range) -> int:
        """How many objects there are."""
        return int(tx.value(self._counts[wanted.customer is not None], **wanted._asdict()))

    def _where(self, *, personal: bool) -> list[ColumnElement[bool]]:
        return [*self._conditions, *self._of_customer] if personal else self._conditions

    def _make_page(self, personal: bool, following: bool, most: int) -> Statement:
        # A customer's are a few rows of many, which lie anywhere: the order must not lead SQLite through all of them.
        keys: list[ColumnElement[Any]] = [unindexed(key) for key in self._keys] if personal else self._keys
        chosen = select(self._document, *keys).select_from(self._rows).where(*self._where(personal=personal))
        if following:
            places = [bindparam(f"after_{number}", type_=key.type) for number, key in enumerate(keys)]
            chosen = chosen.where(tuple_(*keys) > tuple_(*places) if len(keys) > 1 else keys[0] > places[0])
        return Statement(chosen.order_by(*keys).limit(literal_column(str(most))))

    def _make_count(self, *, personal: bool) -> Statement:
        return Statement(select(func.count()).select_from(self._rows).where(*self._where(personal=personal)))
