"""Reads of messages."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, bindparam, case, func, literal_column, select

from userhero.conversations.tables import messages
from userhero.conversations.types import Channel, MessageList
from userhero.kernel import richtext
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.db.functions import is_among, joined, json_of
from userhero.kernel.db.listing import Listing, Slice, Sort
from userhero.kernel.http.inputs import WHOLE

_m = messages
_FORMATTED = '"contentHtml":"'

DOCUMENT = func.concat(
    _m.c.document,
    case((_m.c.channel == "note", func.concat(literal_column("',\"contentHtml\":'"), json_of(_m.c.html))), else_=""),
    literal_column("'}'"),
)
_LISTING = Listing(
    "messages",
    DOCUMENT,
    _m.c.position,
    filters={
        "thread": _m.c.thread_id == bindparam("thread"),
        "channel": _m.c.channel == bindparam("channel"),
    },
    sorts={"createdAt": Sort(_m.c.created_at)},
)
_TEXTS = Statement(select(_m.c.text).where(_m.c.thread_id == bindparam("thread")))
_SAID = Statement(
    select(_m.c.thread_id, _m.c.channel, _m.c.created_at, _m.c.text).where(
        is_among(_m.c.thread_id, bindparam("threads"))
    )
)
_encode = msgspec.json.Encoder().encode


def list_texts(tx: Transaction, thread_id: str) -> list[str]:
    """What was said in a thread, in both channels, as plain text: for the index of a search."""
    return tx.texts(_TEXTS, thread=thread_id)


def list_keys(tx: Transaction, thread_ids: Iterable[str]) -> set[tuple[str, str, str, str]]:
    """By what each message in these threads is known: see ``PastMessage.key``."""
    return {(row[0], row[1], row[2], row[3]) for row in tx.all(_SAID, threads=_encode(list(thread_ids)).decode())}


def list_messages(tx: Transaction, thread_id: str, channel: Channel, query: MessageList) -> Slice:
    """A part of a thread, oldest first unless asked otherwise. The caller has made sure that the actor may read it."""
    values = {"thread": thread_id, "channel": channel}
    found = _LISTING.page(tx, query.wanted(), values, order=query.order)
    return found._replace(items=[shown(item) for item in found.items])


def in_thread(thread: ColumnElement[Any], channel: Channel) -> ColumnElement[str]:
    """The messages of the thread that a column of another table names, oldest first, as a JSON array of up to 1,000.

    Pass what comes back through ``shown``.
    """
    first = (
        select(DOCUMENT.label("document"), _m.c.created_at, _m.c.position)
        .where(_m.c.thread_id == thread, _m.c.channel == channel)
        .order_by(_m.c.created_at, _m.c.position)
        .limit(literal_column(str(WHOLE)))
        .correlate(thread.table)
        .subquery()
    )
    texts = select(joined(first.c.document, first.c.created_at, first.c.position)).correlate(thread.table)
    return func.concat(literal_column("'['"), texts.scalar_subquery(), literal_column("']'"))


def shown(text: str) -> str:
    """JSON of one message or of many, with what is formatted sanitised once more."""
    if _FORMATTED not in text:
        return text
    value = msgspec.json.decode(text)
    for message in value if isinstance(value, list) else [value]:
        if message.get("contentHtml") is not None:
            message["contentHtml"] = richtext.sanitised(message["contentHtml"])
    return _encode(value).decode()
