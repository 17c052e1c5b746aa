"""What happened, as rows written in the transaction in which it happened.

Everything that follows from a change (notifications, webhooks, automations, live updates) reads these rows, so
nothing follows from a change that was rolled back, and nothing is forgotten by a crash.
"""

from typing import ClassVar

import msgspec
from sqlalchemy import Index, Table

from userhero.kernel import ids
from userhero.kernel.db import Transaction, columns, insertion, metadata

events = Table(
    "events",
    metadata,
    columns.sequence("position"),
    columns.words("id"),
    columns.words("workspace_id"),
    columns.words("kind"),
    columns.words("subject_id"),
    columns.optional("actor_id"),
    columns.words("data"),
    columns.time("created_at"),
    Index("uq_events_id", "id", unique=True),
    Index("ix_events_workspace_id_position", "workspace_id", "position"),
    Index("ix_events_created_at", "created_at"),
)

_INSERT = insertion(events, "id", "workspace_id", "kind", "subject_id", "actor_id", "data", "created_at")
_encode = msgspec.json.Encoder().encode


class Event(msgspec.Struct, rename="camel", kw_only=True):
    """The base of every event: ``kind`` is its name (``feedback.created``), its fields are what listeners get."""

    kind: ClassVar[str]

    id: str


def emit(tx: Transaction, workspace_id: str, event: Event, *, actor_id: str | None = None) -> str:
    """Write the event into the unit of work; returns the event's id. Only actions call this."""
    event_id = ids.new("evt")
    tx.run(
        _INSERT,
        id=event_id,
        workspace_id=workspace_id,
        kind=event.kind,
        subject_id=event.id,
        actor_id=actor_id,
        data=_encode(event).decode(),
        created_at=tx.now,
    )
    return event_id
