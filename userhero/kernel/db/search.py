"""Finding rows by words, on both engines behind one door.

SQLite keeps the words in a table of FTS5, PostgreSQL in a ``tsvector`` with a GIN index; a migration makes either. What
a word is, and that case and accents don't matter, is ``kernel.words``' to say, so both find the same. Each word is
stored with the end of its tenant's id in front: what other tenants wrote is not even looked at.

FTS5 knows a row by a number, its *place*, which grows with the time the row was made. The newest matches can so be had
without looking at the others, which is what keeps a search for a common word fast.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, bindparam, literal_column, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import FunctionElement

from userhero.kernel import clock
from userhero.kernel.db.listing import Order
from userhero.kernel.db.statement import Statement
from userhero.kernel.db.transaction import Transaction

# Matches that are looked at one by one. More are met while walking the list in its order.
FEW = 2_000
# A row has no more words than this in the index: PostgreSQL's limit is a megabyte of them.
MAX_WORDS = 20_000
_FIRST = 200
_TERMS = 1_000
_AFTER_ALL = "\U0010ffff"
_TAG = 8
_PLACES = 20


_CHANGES = Statement(text("SELECT total_changes()"))


class Query(NamedTuple):
    """What to look for: words of a tenant that a row must have, all of them; the last may be the start of one."""

    tenant: str
    words: tuple[str, ...]


class Matches(NamedTuple):
    """Rows found by their words. ``keys`` are those of all, as ``WordIndex.among`` takes them, where ``complete``;
    otherwise ``firsts`` are some that come first in order of time: a few, and then more.
    """

    complete: bool
    keys: Any = None
    firsts: tuple[Any, ...] = ()


class WordIndex:
    """The words of one table's rows, in the table ``name`` (on SQLite with its vocabulary in ``…_terms``).

    ``key`` is the id of the rows, ``place`` the column with the place that ``new_place`` gave a row.
    """

    def __init__(self, name: str, key: ColumnElement[str], place: ColumnElement[int]) -> None:
        column = place.name
        table = place.table.name
        self._put = {
            "sqlite": Statement(text(f"INSERT OR REPLACE INTO {name} (rowid, words) VALUES (:place, :words)")),  # noqa: S608
            "postgresql": Statement(
                text(
                    f"INSERT INTO {name} ({table}_id, words) VALUES (:key, array_to_tsvector(CAST(:words AS text[]))) "  # noqa: S608
                    f"ON CONFLICT ({table}_id) DO UPDATE SET words = excluded.words"
                )
            ),
        }
        self._add = Statement(text(f"INSERT INTO {name} (rowid, words) VALUES (:place, :words)"))  # noqa: S608
        # Negative: all parts become one, not only those that are many.
        self._merge = Statement(text(f"INSERT INTO {name} ({name}, rank) VALUES ('merge', -64)"))  # noqa: S608
        self._last = Statement(text(f"SELECT max({column}) FROM {table} WHERE {column} BETWEEN :first AND :last"))  # noqa: S608
        self._terms = Statement(
            text(f"SELECT term FROM {name}_terms WHERE term >= :first AND term < :last LIMIT {_TERMS + 1}")  # noqa: S608
        )
        self._newest = Statement(text(_FIND_ON_SQLITE.format(name=name, way="DESC")))
        self._oldest = Statement(text(_FIND_ON_SQLITE.format(name=name, way="ASC")))
        self._any = Statement(
            text(f"SELECT {table}_id FROM {name} WHERE words @@ CAST(:query AS tsquery) LIMIT {FEW + 1}")  # noqa: S608
        )
        self.among: ColumnElement[Any] = _among(key, place, bindparam("_keys"))
        self.matching: ColumnElement[Any] = _matching(key, place, bindparam("_query"), literal_column(name))

    def new_place(self, tx: Transaction, created_at: str) -> int | None:
        """A place for a row that is made now, after all others of the same millisecond. None on PostgreSQL."""
        if tx.engine != "sqlite":
            return None
        first = _place(created_at)
        last = tx.value(self._last, first=first, last=first + (1 << _PLACES) - 1)
        return first if last is None else int(last) + 1

    def new_places(self, tx: Transaction, moments: Sequence[str]) -> list[int | None]:
        """The same for many rows, made at moments that must come in their order."""
        if tx.engine != "sqlite":
            return [None] * len(moments)
        found: list[int | None] = []
        place, moment = 0, ""
        for each in moments:
            if each == moment:
                place += 1
            else:
                moment, place = each, int(self.new_place(tx, each) or 0)
            found.append(place)
        return found

    def add_all(self, tx: Transaction, rows: Iterable[tuple[str, int | None, str, Iterable[str]]]) -> None:
        """Make many rows found that are at places where none has been: key, place, tenant and words of each."""
        tagged = ((key, place, _tagged(tenant, words)) for key, place, tenant, words in rows)
        if tx.engine == "sqlite":
            tx.run_each(self._add, [{"place": place, "words": " ".join(words)} for _, place, words in tagged])
        else:
            tx.run_each(self._put["postgresql"], [{"key": key, "words": words} for key, _, words in tagged])

    def put(self, tx: Transaction, key: str, place: int | None, tenant: str, words: Iterable[str]) -> None:
        """Make a row found by these words, and by no others that were put before."""
        tagged = _tagged(tenant, words)
        if tx.engine == "sqlite":
            tx.run(self._put["sqlite"], place=place, words=" ".join(tagged))
        else:
            tx.run(self._put["postgresql"], key=key, words=tagged)

    def compact(self, tx: Transaction) -> bool:
        """Let SQLite's index forget for good what was removed from it, some pages at a time: until then the words lie
        in its older parts, marked as removed. True where there may be more to do.
        """
        if tx.engine != "sqlite":
            return False
        before = tx.value(_CHANGES)
        tx.run(self._merge)
        # https://www.sqlite.org/fts5.html#the_merge_command: fewer than two changes mean that there is nothing left.
        return int(tx.value(_CHANGES)) - int(before) >= 2

    def query(self, tx: Transaction, query: Query) -> str:
        """What to look for, as the engine spells it: the value of ``matching``."""
        tag = query.tenant[-_TAG:]
        if tx.engine == "sqlite":
            *whole, start = (tag + word for word in query.words)
            return " AND ".join([*(f'"{word}"' for word in whole), self._beginning(tx, start)])
        return " & ".join(f"'{tag}{word}'" for word in query.words) + ":*"

    def _beginning(self, tx: Transaction, start: str) -> str:
        """Words that begin so. FTS5 puts all their matches together before it gives the first, so as long as there are
        not too many words it is asked for each of them by name, which streams.
        """
        terms = tx.texts(self._terms, first=start, last=start + _AFTER_ALL)
        if len(terms) > _TERMS or not terms:
            return f'"{start}" *'
        return "(" + " OR ".join(f'"{term}"' for term in terms) + ")"

    def find(self, tx: Transaction, query: Query, order: Order, beyond: str | None = None) -> Matches:
        """All matches where they are few, but for those that come before ``beyond`` in the order. Otherwise, on
        SQLite, the newest ones, or the oldest.
        """
        words = self.query(tx, query)
        if tx.engine != "sqlite":
            keys = tx.texts(self._any, query=words)
            return Matches(True, keys) if len(keys) <= FEW else Matches(False)
        low, high = -(1 << 62), 1 << 62
        if beyond is not None and order == "desc":
            high = _place(beyond) + (1 << _PLACES) - 1
        elif beyond is not None:
            low = _place(beyond)
        places = tx.all(self._newest if order == "desc" else self._oldest, query=words, low=low, high=high)
        found = [row[0] for row in places]
        if len(found) > FEW:
            return Matches(False, firsts=tuple(_listed(_whole(found[:most])) for most in (_FIRST, FEW)))
        return Matches(True, _listed(found))

    def with_key(self, tx: Transaction, matches: Matches, key: Any) -> Any:
        """The keys of matches and one more: a place on SQLite, an id on PostgreSQL."""
        if tx.engine == "sqlite":
            return f"[{key}]" if matches.keys == "[]" else f"{matches.keys[:-1]},{key}]"
        return [*matches.keys, key]


_FIND_ON_SQLITE = f"""
    SELECT rowid FROM {{name}} WHERE {{name}} MATCH :query AND rowid BETWEEN :low AND :high
    ORDER BY rowid {{way}} LIMIT {FEW + 1}
"""  # noqa: S608


def _tagged(tenant: str, words: Iterable[str]) -> list[str]:
    tag = tenant[-_TAG:]
    return [tag + word for word in dict.fromkeys(words)][:MAX_WORDS]


def _place(moment: str) -> int:
    """The first place of a millisecond."""
    return round(clock.unix(moment) * 1000) << _PLACES


def _whole(places: list[int]) -> list[int]:
    """Without those of the last millisecond: there may be more of them."""
    cut = places[-1] >> _PLACES
    return [place for place in places if place >> _PLACES != cut]


def _listed(places: Iterable[int]) -> str:
    return f"[{','.join(map(str, places))}]"


class _among(FunctionElement[int]):  # noqa: N801
    """True for the rows of ``Matches.keys``. SQLite goes from them to the rows whatever else it could do."""

    # As a Boolean it would be compared with 1 on SQLite, and its index forgotten.
    type = Integer()
    inherit_cache = True


@compiles(_among, "sqlite")
def _among_sqlite(element: _among, compiler: SQLCompiler, **kw: Any) -> str:
    _, place, keys = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{place} IN (SELECT value FROM json_each({keys}))"  # noqa: S608


@compiles(_among, "postgresql")
def _among_postgresql(element: _among, compiler: SQLCompiler, **kw: Any) -> str:
    key, _, keys = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{key} = ANY({keys})"


class _matching(FunctionElement[int]):  # noqa: N801
    """True for every row that matches, however many: asked of one row after the other in the order of the list."""

    type = Integer()
    inherit_cache = True


@compiles(_matching, "sqlite")
def _matching_sqlite(element: _matching, compiler: SQLCompiler, **kw: Any) -> str:
    _, place, query, name = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"+{place} IN (SELECT rowid FROM {name} WHERE {name} MATCH {query})"  # noqa: S608


@compiles(_matching, "postgresql")
def _matching_postgresql(element: _matching, compiler: SQLCompiler, **kw: Any) -> str:
    # A subquery that yields a value is never turned into a join, which would begin with all matches.
    key, _, query, name = (compiler.process(clause, **kw) for clause in element.clauses)
    owner = key.rpartition(".")[0]
    return f"(SELECT words @@ CAST({query} AS tsquery) FROM {name} WHERE {name}.{owner}_id = {key})"  # noqa: S608
