"""What an item is found by: the words of its message, its comments and its notes."""

from sqlalchemy import bindparam, select

from userhero.conversations import list_texts
from userhero.feedback.tables import feedback
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.db.search import WordIndex
from userhero.kernel.words import words

_f = feedback

index = WordIndex("feedback_search", _f.c.id, _f.c.position)

_ITEM = Statement(select(_f.c.workspace_id, _f.c.position, _f.c.message).where(_f.c.id == bindparam("feedback")))


def index_new(tx: Transaction, feedback_id: str, place: int | None, workspace_id: str, message: str) -> None:
    """Make an item found that was just recorded, at the place that ``index.new_place`` gave it."""
    index.put(tx, feedback_id, place, workspace_id, words(message))


def index_feedback(tx: Transaction, feedback_id: str) -> None:
    """Make an item found by what it says now: to be called once its message was changed or something was said."""
    item = tx.one(_ITEM, feedback=feedback_id)
    assert item is not None, "the item was just written"
    workspace_id, place, message = item
    said = [message, *list_texts(tx, feedback_id)]
    index.put(tx, feedback_id, place, workspace_id, (word for each in said for word in words(each)))
