"""Lists of feedback, with and without a search: the same rows, filters, sorts and cursors; other ways to find them."""

import re
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, bindparam, false, literal_column, or_, select

from userhero.feedback.document import ITEM
from userhero.feedback.filters import Columns, as_it_is, conditions
from userhero.feedback.tables import RANK, feedback
from userhero.feedback.types import FeedbackList
from userhero.feedback.words import index
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.db.functions import unindexed
from userhero.kernel.db.listing import Listing, Slice, Sort
from userhero.kernel.db.search import Matches, Query
from userhero.kernel.errors import Invalid
from userhero.kernel.words import words

MAX_WORDS = 32
_NUMBER = re.compile(r"#?([0-9]{1,18})", re.ASCII)

_f = feedback
_rank: ColumnElement[Any] = literal_column(RANK, BigInteger)


def _listing(of: Columns, *, moving: bool, **search: ColumnElement[Any]) -> Listing:
    return Listing(
        "feedback",
        ITEM,
        _f.c.id,
        filters={**conditions(of, moving=moving), **search},
        sorts={
            "createdAt": Sort(_f.c.created_at),
            "updatedAt": Sort(_f.c.updated_at),
            "votes": Sort(_f.c.votes),
            "dueDate": Sort(_f.c.due_date, nullable=True),
            "priority": Sort(_rank, nullable=True, least=1),
            "ticketNumber": Sort(_f.c.ticket_number),
        },
        scattered=of is unindexed,
    )


_ticket = _f.c.ticket_number == bindparam("_ticket")
_PLAIN = _listing(as_it_is, moving=False)
_MOVING = _listing(as_it_is, moving=True)
# A few matches: from them to the rows.
_FEW = _listing(unindexed, moving=True, _keys=index.among)
# Many: down the list, looking at each row.
_MANY = _listing(as_it_is, moving=True, _query=or_(index.matching, _ticket))
_NOTHING = _listing(as_it_is, moving=True, nothing=false())

_TICKET = {
    "sqlite": Statement(select(_f.c.position).where(_f.c.workspace_id == bindparam("workspace"), _ticket)),
    "postgresql": Statement(select(_f.c.id).where(_f.c.workspace_id == bindparam("workspace"), _ticket)),
}


class _Search(NamedTuple):
    words: Query
    ticket: int | None


def page(tx: Transaction, query: FeedbackList, values: dict[str, Any], *, moving: bool) -> Slice:
    """A page of the items that match ``values`` and the query's search. ``moving``: see ``conditions``.

    Raises Invalid for a search of more than 32 words, and as ``Listing.page`` does.
    """
    if query.search is None or not query.search.strip():
        listing = _MOVING if moving else _PLAIN
        return listing.page(tx, query.wanted(), values, sort=query.sort, order=query.order)
    values["search"] = query.search
    search = _read(values["workspace"], query.search)
    if search is None:
        return _run(tx, _NOTHING, query, {**values, "nothing": True})
    return _found(tx, query, values, search)


def count_some(tx: Transaction, values: dict[str, Any], most: int) -> int:
    """How many items match ``values``; ``most`` + 1 where there are more."""
    return _PLAIN.count_some(tx, values, most)


def count_found(tx: Transaction, search: str | None, values: dict[str, Any], most: int, *, moving: bool) -> int | None:
    """How many items match ``values`` and a search, as ``count_some`` says it; None for words that too many items have
    to be counted. Raises as ``page`` does.
    """
    if search is None or not search.strip():
        return (_MOVING if moving else _PLAIN).count_some(tx, values, most)
    wanted = _read(values["workspace"], search)
    if wanted is None:
        return 0
    matches = index.find(tx, wanted.words, "desc", None)
    if not matches.complete:
        return None
    return _FEW.count_some(tx, {**values, "_keys": _with_ticket(tx, values, matches, wanted)}, most)


def _read(workspace_id: str, text: str) -> _Search | None:
    """What a search asks for; None where there is no word in it, so that nothing can match."""
    wanted = tuple(dict.fromkeys(found := words(text)))
    if not wanted:
        return None
    if len(wanted) > MAX_WORDS:
        raise Invalid("search", f"must have {MAX_WORDS} words at the most")
    # The last one is the one that may be incomplete, also where it stands further ahead as well.
    ordered = (*(word for word in wanted if word != found[-1]), found[-1])
    number = _NUMBER.fullmatch(text.strip())
    return _Search(Query(workspace_id, ordered), None if number is None else int(number[1]))


def _found(tx: Transaction, query: FeedbackList, values: dict[str, Any], search: _Search) -> Slice:
    wanted = query.wanted()
    by_time = query.sort == "createdAt"
    start = _PLAIN.start_of(tx, wanted, values, query.sort, query.order)
    # A count takes all of them, a page only what comes after the one before.
    beyond = str(start.value) if by_time and start.value is not None and not wanted.total else None
    matches = index.find(tx, search.words, query.order if by_time else "desc", beyond)
    if matches.complete:
        return _run(tx, _FEW, query, {**values, "_keys": _with_ticket(tx, values, matches, search)})
    if by_time and search.ticket is None and not wanted.total:
        # The first matches in the list's order. Where they fill the page and one more, it can't look otherwise.
        for keys in matches.firsts:
            first = _run(tx, _FEW, query, {**values, "_keys": keys})
            if first.pagination.has_more:
                return first
    everything = index.query(tx, search.words)
    return _run(tx, _MANY, query, {**values, "_query": everything, "_ticket": search.ticket or 0})


def _run(tx: Transaction, listing: Listing, query: FeedbackList, values: dict[str, Any]) -> Slice:
    return listing.page(tx, query.wanted(), values, sort=query.sort, order=query.order)


def _with_ticket(tx: Transaction, values: dict[str, Any], matches: Matches, search: _Search) -> Any:
    """The matches and the item with the number that was searched for."""
    if search.ticket is None:
        return matches.keys
    key = tx.value(_TICKET[tx.engine], workspace=values["workspace"], _ticket=search.ticket)
    return matches.keys if key is None else index.with_key(tx, matches, key)
