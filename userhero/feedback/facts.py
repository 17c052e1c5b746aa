"""An item as rules see it that look at items from outside this slice."""

from typing import Any

import msgspec
from msgspec import UnsetType
from sqlalchemy import bindparam, literal_column, select, tuple_

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

    def is_unsettled(self) -> bool:
        """True while it is open or pending."""
        return self.status_category in ("open", "pending")

    def metadata(self) -> dict[str, Any]:
        """The metadata; empty where there is none."""
        return _decode(self.custom_metadata) if self.custom_metadata else {}


PAGE = 500

_facts = [feedback.c[name] for name in FeedbackFacts.__struct_fields__]
_GET = Statement(select(*_facts).where(feedback.c.id == bindparam("feedback")).with_for_update())
_RECENT = Statement(
    select(*_facts)
    .where(feedback.c.project_id == bindparam("project"))
    .order_by(feedback.c.created_at.desc(), feedback.c.id.desc())
    .limit(literal_column("100"))
)
_FIND = Statement(select(*_facts).where(feedback.c.id == bindparam("feedback")))
_project = (feedback.c.project_id == bindparam("project"), feedback.c.created_at <= bindparam("until"))
_place = tuple_(feedback.c.created_at, feedback.c.id)
_UNSETTLED = Statement(
    select(*_facts)
    .where(
        *_project,
        _place > tuple_(bindparam("after_time"), bindparam("after_id")),
        feedback.c.status_category.in_([literal_column("'open'"), literal_column("'pending'")]),
    )
    .order_by(feedback.c.created_at, feedback.c.id)
    .limit(literal_column(str(PAGE)))
)


def find_facts(tx: Transaction, feedback_id: str) -> FeedbackFacts | None:
    """An item as it is now, whoever changes it next; None where it is gone. For rules that the workspace has made."""
    return tx.find(FeedbackFacts, _FIND, feedback=feedback_id)


def list_unsettled(
    tx: Transaction, project_id: str, *, until: str, after: tuple[str, str] = ("", "")
) -> list[FeedbackFacts]:
    """The next 500 open and pending items of a project, oldest first: those made until a time, after the place
    (``created_at``, ``id``) where the page before ended. For rules that the workspace itself made.
    """
    return tx.list(FeedbackFacts, _UNSETTLED, project=project_id, until=until, after_time=after[0], after_id=after[1])


def list_recent(tx: Transaction, project_id: str, most: int) -> list[FeedbackFacts]:
    """The newest items of a project, at most 100."""
    return tx.list(FeedbackFacts, _RECENT, project=project_id)[:most]


def hold_facts(tx: Transaction, actor: Actor, feedback_id: str, workspace_id: str | UnsetType) -> FeedbackFacts:
    """An item, which nobody else changes until the unit ends. Raises NotFound."""
    found = tx.find(FeedbackFacts, _GET, feedback=feedback_id)
    reach(tx, actor, found.workspace_id if found else None, workspace_id, "Feedback item")
    assert found is not None, "reach raises for an unknown item"
    return found
