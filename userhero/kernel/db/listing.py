"""Lists: filters, sorts, pages by number and pages by cursor, for every resource in the same way.

A cursor says where a page ended (the sort value and the id of its last row), so the next page costs what the first
did however deep it lies. It is bound to the list, its filters and its sort, and marked, so that nobody can make one up.
"""

from base64 import b64decode, urlsafe_b64encode
from functools import cached_property, lru_cache
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import Meta
from sqlalchemy import ColumnElement, CompoundSelect, Select, bindparam, func, literal_column, select, tuple_, union_all

from userhero.kernel.db.functions import among_nulls
from userhero.kernel.db.statement import Statement
from userhero.kernel.db.transaction import Transaction
from userhero.kernel.errors import Invalid

Order = Literal["asc", "desc"]

_encode = msgspec.json.Encoder(order="deterministic").encode
_MARK = 12
# How many shapes of a list (filters, sort, size) are kept compiled.
_SHAPES = 1024


class Position(msgspec.Struct, array_like=True):
    """Where a page starts: its number, and the sort value and id of the row before it."""

    page: int
    value: str | int | float | None
    id: str | int


_decode_position = msgspec.json.Decoder(Position).decode


class Sort(NamedTuple):
    """A column to sort by. Nulls come last in both directions; ``nullable`` says that there may be some. ``least`` is
    the least value of an expression, by which SQLite finds where its values begin in an index.
    """

    column: ColumnElement[Any]
    nullable: bool = False
    least: int | None = None


class Pagination(msgspec.Struct, rename="camel", omit_defaults=False):
    """Where a page stands in its list."""

    page: Annotated[int, Meta(description="Which page this is, from 1.", examples=[1])]
    page_size: Annotated[int, Meta(description="Results per page.", examples=[20])]
    has_more: Annotated[bool, Meta(description="Whether there is another page.", examples=[False])]
    next_cursor: Annotated[str, Meta(description="Where the next page starts; `null` on the last.")] | None
    total: (
        Annotated[int, Meta(description="How many results there are in all; only with `includeTotal=true`.")]
        | msgspec.UnsetType
    ) = msgspec.UNSET


class Slice(NamedTuple):
    """The JSON texts of a page, and where it stands."""

    items: list[str]
    pagination: Pagination


class Wanted(NamedTuple):
    """Which part of a list a caller wants. ``page`` counts from 1; ``cursor`` takes its place."""

    page: int = 1
    size: int = 20
    cursor: str | None = None
    total: bool = False


class _Shape(NamedTuple):
    """What a list statement depends on; its values come when it runs."""

    filters: frozenset[str]
    sort: str
    order: Order
    start: Literal["top", "offset", "after value", "after null"]
    size: int


class Listing:
    """A list of one resource.

    ``document`` renders a row; ``key`` is its id column; ``filters`` are conditions with a ``bindparam`` of their own
    name each; ``sorts`` are what callers may sort by. ``scattered`` says that the rows never come in the order of an
    index: then they are sorted by their keys alone, and only those of the page are rendered.
    """

    def __init__(
        self,
        name: str,
        document: ColumnElement[str],
        key: ColumnElement[Any],
        *,
        filters: dict[str, ColumnElement[bool]],
        sorts: dict[str, Sort],
        scattered: bool = False,
    ) -> None:
        self.name = name
        self._document = document
        self._key = key
        self._filters = filters
        self._sorts = sorts
        self._scattered = scattered
        self._statement = lru_cache(_SHAPES)(self._make_statement)
        self._count = lru_cache(_SHAPES)(self._make_count)
        self._some = lru_cache(_SHAPES)(self._make_some)

    def page(
        self,
        tx: Transaction,
        wanted: Wanted,
        values: dict[str, Any],
        *,
        sort: str = "createdAt",
        order: Order = "desc",
    ) -> Slice:
        """One page of the rows that match ``values``: one for each filter in use, and whatever else these name.

        Where a name starts with an underscore the value may differ from page to page: it says how to find the rows, not
        which.

        Raises Invalid where the cursor is damaged or belongs to another list, other filters or another sort.
        """
        binding = self._binding(values, sort, order)
        start: Literal["top", "offset", "after value", "after null"]
        position = None if wanted.cursor is None else self._position(tx, wanted.cursor, binding)
        if position is None:
            start = "top" if wanted.page == 1 else "offset"
            position = Position(wanted.page, None, "")
        else:
            start = "after null" if position.value is None else "after value"
        used = frozenset(values.keys() & self._filters.keys())
        statement = self._statement(_Shape(used, sort, order, start, wanted.size))
        parameters = {
            **values,
            "_offset": (wanted.page - 1) * wanted.size,
            "_value": position.value,
            "_id": position.id,
        }
        rows = tx.all(statement, **parameters)
        more = len(rows) > wanted.size
        rows = rows[: wanted.size]
        following = self._cursor(tx, Position(position.page + 1, rows[-1][1], rows[-1][2]), binding) if more else None
        total = tx.value(self._count(used), **values) if wanted.total else msgspec.UNSET
        return Slice([row[0] for row in rows], Pagination(position.page, wanted.size, more, following, total))

    def count_some(self, tx: Transaction, values: dict[str, Any], most: int) -> int:
        """How many rows match ``values``; ``most`` + 1 where there are more than that, which nobody has counted."""
        used = frozenset(values.keys() & self._filters.keys())
        return int(tx.value(self._some(used, most), **values))

    def start_of(self, tx: Transaction, wanted: Wanted, values: dict[str, Any], sort: str, order: Order) -> Position:
        """Where the page begins that ``page`` would give for the same; raises what that raises."""
        if wanted.cursor is None:
            return Position(wanted.page, None, "")
        return self._position(tx, wanted.cursor, self._binding(values, sort, order))

    def _binding(self, values: dict[str, Any], sort: str, order: Order) -> bytes:
        kept = {name: value for name, value in values.items() if name[0] != "_"}
        return _encode([self.name, kept, sort, order])

    def _cursor(self, tx: Transaction, position: Position, binding: bytes) -> str:
        payload = _encode(position)
        return urlsafe_b64encode(tx.keys.mark("cursor", payload + binding) + payload).decode().rstrip("=")

    def _position(self, tx: Transaction, cursor: str, binding: bytes) -> Position:
        try:
            raw = b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            mark, payload = raw[:_MARK], raw[_MARK:]
            if tx.keys.is_mark("cursor", payload + binding, mark):
                return _decode_position(payload)
        except ValueError:
            pass
        raise Invalid("cursor", "is damaged, or belongs to a list with other filters or another sort")

    def _make_statement(self, shape: _Shape) -> Statement:
        return Statement(self._select(shape))

    def _make_count(self, filters: frozenset[str]) -> Statement:
        return Statement(select(func.count()).select_from(self._source).where(*self._conditions(filters)))

    def _make_some(self, filters: frozenset[str], most: int) -> Statement:
        some: Select[Any] = select(literal_column("1")).select_from(self._source).where(*self._conditions(filters))
        return Statement(select(func.count()).select_from(some.limit(_constant(most + 1)).subquery()))

    @cached_property
    def _source(self) -> Any:
        return self._key.table

    def _conditions(self, filters: frozenset[str]) -> list[ColumnElement[bool]]:
        return [self._filters[name] for name in sorted(filters)]

    def _select(self, shape: _Shape) -> Select[Any]:
        sort = self._sorts[shape.sort]
        chosen = [self._document, sort.column, self._key]
        ordered = self._ordered(sort, shape.order)
        if sort.nullable and shape.start != "offset":
            found = select(*chosen).where(self._key.in_(self._in_two_parts(sort, shape)))
            return found.order_by(*ordered).limit(_constant(shape.size + 1)).offset(_constant(0))
        conditions = self._conditions(shape.filters)
        if shape.start == "after value":
            conditions.append(self._beyond(sort, shape))
        # Rows that are skipped, or sorted without an index, are so by their keys alone; only the page is rendered.
        if shape.start == "offset" or self._scattered:
            keys = select(self._key).where(*conditions).order_by(*ordered)
            offset = bindparam("_offset") if shape.start == "offset" else _constant(0)
            inner = keys.limit(_constant(shape.size + 1)).offset(offset)
            return select(*chosen).where(self._key.in_(inner)).order_by(*ordered)
        return (
            select(*chosen).where(*conditions).order_by(*ordered).limit(_constant(shape.size + 1)).offset(_constant(0))
        )

    def _in_two_parts(self, sort: Sort, shape: _Shape) -> CompoundSelect[Any]:
        """The keys of a page among those of rows with a value and those of rows without: each part comes in the order
        of an index, which both together don't on PostgreSQL.
        """
        conditions = self._conditions(shape.filters)
        is_there = sort.column.is_not(None) if sort.least is None else sort.column >= _constant(sort.least)
        valued: list[ColumnElement[bool]] = [is_there]
        absent: list[ColumnElement[bool]] = [sort.column.is_(None)]
        if shape.start == "after value":
            valued.append(self._beyond(sort, shape))
        elif shape.start == "after null":
            absent.append(self._beyond(sort, shape))
        parts: list[tuple[list[ColumnElement[bool]], ColumnElement[Any]]] = [
            (absent, among_nulls(sort.column, self._key))
        ]
        if shape.start != "after null":
            parts.append((valued, sort.column))
        found = []
        for part, column in parts:
            keys = select(self._key).where(*conditions, *part).order_by(*self._turned(column, shape.order))
            found.append(select(keys.limit(_constant(shape.size + 1)).offset(_constant(0)).subquery().c[0]))
        return union_all(*found)

    def _ordered(self, sort: Sort, order: Order) -> list[ColumnElement[Any]]:
        turned = self._turned(sort.column, order)
        return [turned[0].nulls_last(), turned[1]] if sort.nullable else turned

    def _turned(self, column: ColumnElement[Any], order: Order) -> list[ColumnElement[Any]]:
        ways = [column, self._key]
        return [way.desc() if order == "desc" else way.asc() for way in ways]

    def _beyond(self, sort: Sort, shape: _Shape) -> ColumnElement[bool]:
        value, key = bindparam("_value", type_=sort.column.type), bindparam("_id", type_=self._key.type)
        if shape.start == "after null":
            return self._key < key if shape.order == "desc" else self._key > key
        here, there = tuple_(sort.column, self._key), tuple_(value, key)
        return here < there if shape.order == "desc" else here > there


def _constant(number: int) -> ColumnElement[int]:
    """A number in the text: SQLite prepares a statement anew at each run where its LIMIT is a parameter."""
    return literal_column(str(number))
