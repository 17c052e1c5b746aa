"""The conversation and the notes of an item."""

from sqlalchemy import bindparam, select

from userhero.conversations import MessageList, list_messages
from userhero.feedback.tables import feedback
from userhero.kernel.actor import Actor
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.db.listing import Slice
from userhero.workspaces import reach

_f = feedback
_OWNER = Statement(select(_f.c.workspace_id).where(_f.c.id == bindparam("feedback")))


def list_comments(tx: Transaction, actor: Actor, feedback_id: str, query: MessageList) -> Slice:
    """The conversation with the customer. Raises NotFound."""
    reach(tx, actor, tx.value(_OWNER, feedback=feedback_id), query.workspace_id, "Feedback item")
    return list_messages(tx, feedback_id, "comment", query)


def list_notes(tx: Transaction, actor: Actor, feedback_id: str, query: MessageList) -> Slice:
    """The internal notes. Raises NotFound."""
    reach(tx, actor, tx.value(_OWNER, feedback=feedback_id), query.workspace_id, "Feedback item")
    return list_messages(tx, feedback_id, "note", query)
