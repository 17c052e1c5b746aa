"""Reads of the outbox: for the API, and for whoever runs the server."""

from typing import Any

import msgspec
from msgspec import UnsetType
from sqlalchemy import bindparam, case, literal_column, null, select

from userhero.kernel.actor import Actor
from userhero.kernel.db import Document, Statement, Transaction
from userhero.kernel.db.functions import json_member
from userhero.kernel.db.listing import Listing, Slice, Sort
from userhero.kernel.errors import NotFound
from userhero.kernel.instance import public_address
from userhero.notifications.content import read
from userhero.notifications.rendering import render
from userhero.notifications.tables import outbox
from userhero.notifications.types import OutboxList
from userhero.workspaces import enter_named, reach

MOST = 1000

_o = outbox
_subject = json_member(_o.c.content, literal_column("'subject'"))
# The address of a place for messages is a secret; its name is not.
_shown = case((_o.c.channel == "email", _o.c.recipient), else_=_o.c.recipient_name)
_next = case((_o.c.status == "held", _o.c.hold_until), (_o.c.status == "waiting", _o.c.next_attempt_at), else_=null())


def document() -> Document:
    """A mail or message without its words."""
    return (
        Document()
        .plain("id", _o.c.id)
        .plain("workspaceId", _o.c.workspace_id)
        .plain("channel", _o.c.channel)
        .value("recipient", _shown)
        .plain("kind", _o.c.kind)
        .value("eventId", _o.c.event_id)
        .value("feedbackId", _o.c.feedback_id)
        .value("subject", _subject)
        .plain("status", _o.c.status)
        .number("attempts", _o.c.attempts)
        .value("error", _o.c.error)
        .value("nextAttemptAt", _next)
        .plain("createdAt", _o.c.created_at)
        .value("sentAt", _o.c.sent_at)
    )


_LISTING = Listing(
    "outbox",
    document().end(),
    _o.c.position,
    filters={
        "workspace": _o.c.workspace_id == bindparam("workspace"),
        "status": _o.c.status == bindparam("status"),
        "channel": _o.c.channel == bindparam("channel"),
    },
    sorts={"createdAt": Sort(_o.c.created_at)},
)
_GET = Statement(select(_o.c.workspace_id, document().begin(), _o.c.content).where(_o.c.id == bindparam("one")))
_RENDER = Statement(select(document().end()).where(_o.c.id == bindparam("one")))
_columns = [
    _o.c.id, _o.c.created_at, _o.c.status, _o.c.channel, _shown, _o.c.kind, _o.c.attempts, _next, _o.c.error, _subject
]  # fmt: skip
_all = select(*_columns).order_by(_o.c.created_at.desc(), _o.c.position.desc()).limit(literal_column(str(MOST)))
_NEWEST = Statement(_all)
_NEWEST_IN = Statement(_all.where(_o.c.status == bindparam("status")))
_encode = msgspec.json.Encoder().encode


class OutboxSummary(msgspec.Struct, rename="camel", array_like=False, frozen=True):
    """A mail or message as an operator sees it."""

    id: str
    created_at: str
    status: str
    channel: str
    recipient: str
    kind: str
    attempts: int
    next_attempt_at: str | None
    error: str | None
    subject: str


def list_outbox(tx: Transaction, actor: Actor, query: OutboxList) -> Slice:
    """A page of a workspace's outbox."""
    access = enter_named(tx, actor, query.workspace_id)
    values: dict[str, Any] = {"workspace": access.workspace_id}
    given = {"status": query.status, "channel": query.channel}
    values |= {name: value for name, value in given.items() if value is not None}
    return _LISTING.page(tx, query.wanted(), values, order=query.order)


def get_outbox_item(tx: Transaction, actor: Actor, outbox_id: str, workspace_id: str | UnsetType) -> str:
    """A row of the outbox with what it says, as JSON. Raises NotFound."""
    found = tx.one(_GET, one=outbox_id)
    reach(tx, actor, found[0] if found else None, workspace_id, "Mail or message")
    assert found is not None, "reach raises for an unknown row"
    return _with_text(tx, found[1], found[2])


def show_outbox_item(tx: Transaction, outbox_id: str) -> str:
    """The same for whoever runs the server. Raises NotFound."""
    found = tx.one(_GET, one=outbox_id)
    if found is None:
        raise NotFound(f"There is no mail or message {outbox_id}.")
    return _with_text(tx, found[1], found[2])


def render_outbox_item(tx: Transaction, outbox_id: str) -> str:
    """A row that the unit has just written, as JSON, as lists show it."""
    return str(tx.value(_RENDER, one=outbox_id))


def list_newest(tx: Transaction, status: str | None = None) -> list[OutboxSummary]:
    """The newest 1,000 rows of all workspaces, for whoever runs the server."""
    rows = tx.all(_NEWEST) if status is None else tx.all(_NEWEST_IN, status=status)
    return [OutboxSummary(*row) for row in rows]


def _with_text(tx: Transaction, begin: str, content: str) -> str:
    text = render(read(content), public_address(tx), None).text
    return f'{begin},"text":{_encode(text).decode()}}}'
