"""Reads of notifications."""

from typing import Any

from sqlalchemy import bindparam, func, select

from userhero.kernel.actor import Actor
from userhero.kernel.db import Document, Statement, Transaction
from userhero.kernel.db.listing import Listing, Slice, Sort
from userhero.notifications.tables import notifications
from userhero.notifications.types import NotificationList
from userhero.workspaces import enter_named

_n = notifications
_DOCUMENT = (
    Document()
    .plain("id", _n.c.id)
    .plain("workspaceId", _n.c.workspace_id)
    .plain("kind", _n.c.kind)
    .value("feedbackId", _n.c.feedback_id)
    .value("ticketNumber", _n.c.ticket_number)
    .value("title", _n.c.title)
    .value("excerpt", _n.c.excerpt)
    .value("readAt", _n.c.read_at)
    .plain("createdAt", _n.c.created_at)
    .end()
)
_owner = (_n.c.workspace_id == bindparam("workspace"), _n.c.user_id == bindparam("user"))
_unread = _n.c.read_at.is_(None)
_LISTING = Listing(
    "notifications",
    _DOCUMENT,
    _n.c.id,
    filters={"workspace": _owner[0], "user": _owner[1], "unread": _unread, "read": ~_unread},
    sorts={"createdAt": Sort(_n.c.created_at)},
)
_COUNT = Statement(select(func.count()).select_from(_n).where(*_owner, _unread))


def list_notifications(tx: Transaction, actor: Actor, query: NotificationList) -> Slice:
    """A page of what the actor has heard of in a workspace."""
    access = enter_named(tx, actor, query.workspace_id)
    values: dict[str, Any] = {"workspace": access.workspace_id, "user": actor.user_id}
    if query.unread is not None:
        values["unread" if query.unread else "read"] = True
    return _LISTING.page(tx, query.wanted(), values, order=query.order)


def count_unread(tx: Transaction, actor: Actor, workspace_id: str) -> int:
    """How many of them the actor has not read."""
    access = enter_named(tx, actor, workspace_id)
    return int(tx.value(_COUNT, workspace=access.workspace_id, user=actor.user_id))
