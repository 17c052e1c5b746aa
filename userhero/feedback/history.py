"""What was changed about an item, as far as its events are kept: 30 days."""

from typing import Any

import msgspec
from sqlalchemy import Index, bindparam, literal_column, select

from userhero.feedback.types import FeedbackUpdated
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.events import events

SHOWN = 50

_e = events
_was_changed = _e.c.kind == literal_column(f"'{FeedbackUpdated.kind}'")
# Few events tell of a change: most tell of something new.
Index("ix_events_changes", _e.c.subject_id, _e.c.position, sqlite_where=_was_changed, postgresql_where=_was_changed)
_LIST = Statement(
    select(_e.c.actor_id, _e.c.data, _e.c.created_at)
    .where(_e.c.subject_id == bindparam("feedback"), _was_changed)
    .order_by(_e.c.position.desc())
    .limit(literal_column(str(SHOWN)))
)


class _Told(msgspec.Struct):
    changes: dict[str, Any]
    previous: dict[str, Any]


class Change(msgspec.Struct, frozen=True):
    """A change: new and old values under the names of the API. ``actor_id`` is the user who made it, or who acts by
    itself.
    """

    actor_id: str | None
    changes: dict[str, Any]
    previous: dict[str, Any]
    made_at: str


_decode = msgspec.json.Decoder(_Told).decode


def list_changes(tx: Transaction, feedback_id: str) -> list[Change]:
    """The last 50 changes of an item that the actor has reached, newest first."""
    found = ((actor, _decode(data), made_at) for actor, data, made_at in tx.all(_LIST, feedback=feedback_id))
    return [Change(actor, told.changes, told.previous, made_at) for actor, told, made_at in found]
