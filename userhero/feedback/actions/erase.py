"""Erasing what somebody sent who is to be forgotten: their items, or all in them that says who it was."""

from sqlalchemy import bindparam, null, update

from userhero.conversations import list_attached, list_said, unsay
from userhero.feedback.actions.remove import remove_item
from userhero.feedback.extracts import THEIR_ITEMS
from userhero.feedback.tables import feedback
from userhero.feedback.words import index, index_feedback
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.http.idempotency import forget_answers
from userhero.media import drop_files

_f = feedback
_THEIRS = Statement(THEIR_ITEMS)
_one = _f.c.id == bindparam("feedback")
_DISOWN = Statement(
    update(_f)
    .where(_one)
    .values(
        **dict.fromkeys(
            ("user_email", "user_name", "user_phone", "customer_id", "custom_metadata", "screenshot_url",
             "attachment_url", "audio_url", "video_url"),
            null(),
        ),
        context="{}",
    )
)  # fmt: skip


def list_their_items(tx: Transaction, workspace_id: str, customer_id: str, emails: str) -> list[str]:
    """The ids of all that a customer sent who is gone by now; ``emails`` is a JSON list."""
    return tx.texts(_THEIRS, workspace=workspace_id, customer=customer_id, emails=emails)


def erase_item(tx: Transaction, feedback_id: str) -> None:
    """Remove an item and what hangs on it, and what was answered to requests about it."""
    remove_item(tx, feedback_id)
    forget_answers(tx, feedback_id)


def disown_item(tx: Transaction, feedback_id: str) -> None:
    """Take from an item who sent it: names, addresses, metadata, context, and files but for those in its conversation.
    The words stay. What its sender said there is for ``unsay_some``, before.
    """
    drop_files(tx, feedback_id, kept=list_attached(tx, feedback_id))
    tx.run(_DISOWN, feedback=feedback_id)
    forget_answers(tx, feedback_id)


def unsay_some(tx: Transaction, workspace_id: str, emails: str, until: str, *, keep_text: bool) -> bool:
    """Remove some comments that came from addresses, wherever they are, or only who wrote them; False where none is
    left.
    """
    found = list_said(tx, workspace_id, emails, until)
    for said in found:
        unsay(tx, said, keep_text=keep_text)
        forget_answers(tx, said.thread_id)
        if not keep_text:
            index_feedback(tx, said.thread_id)
    return bool(found)


def compact_index(tx: Transaction) -> bool:
    """Let the index of words forget, a step at a time, what was removed from it; True where there may be more."""
    return index.compact(tx)
