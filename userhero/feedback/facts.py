"""An item as rules see it that look at items from outside this slice."""

from typing import Any

import msgspec
from msgspec import UnsetType
from sqlalchemy import bindparam, select

from userhero.feedback.tables import feedback
from userhero.kernel.actor import Actor
from userhero.kernel.db import Statement, Transaction
from userhero.workspaces import reach

_decode = msgspec.json.Decoder(dict[str, Any]).decode
_list = msgspec.json.Decoder(list[str]).decode


class FeedbackFacts(msgspec.Struct, array_like=True, frozen=True):
    """What is known of an item. ``tags`` and ``custom_metadata`` are JSON text."""

    id: str
    workspace_id: str
    project_id: str
    ticket_number: int
    widget_id: str
    message: str
    category: str | None
    rating: int | float | None
    status: str
    status_category: str
    tags: str
    priority: str | None
    assignee_id: str | None
    user_email: str | None
    user_name: str | None
    votes: int
    is_public: bool
    source: str
    created_at: str
    updated_at: str
    last_customer_reply_at: str | None
    custom_metadata: str | None

    def tag_list(self) -> list[str]:
        """The tags, in order."""
        return _list(self.tags)

    def metadata(self) -> dict[str, Any]:
        """The metadata; empty where there is none."""
        return _decode(self.custom_metadata) if self.custom_metadata else {}


_facts = [feedback.c[name] for name in FeedbackFacts.__struct_fields__]
_GET = Statement(select(*_facts).where(feedback.c.id == bindparam("feedback")).with_for_update())


def hold_facts(tx: Transaction, actor: Actor, feedback_id: str, workspace_id: str | UnsetType) -> FeedbackFacts:
    """An item, which nobody else changes until the unit ends. Raises NotFound."""
    found = tx.find(FeedbackFacts, _GET, feedback=feedback_id)
    reach(tx, actor, found.workspace_id if found else None, workspace_id, "Feedback item")
    assert found is not None, "reach raises for an unknown item"
    return found
