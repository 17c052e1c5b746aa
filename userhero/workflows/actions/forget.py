"""Taking from cards what they hold of an item that is erased. The card stays: it is the team's work."""

import msgspec
from sqlalchemy import bindparam, delete, null, select, update

from userhero.kernel.db import Statement, Transaction
from userhero.workflows.tables import workflow_activity, workflow_items

TITLE = "Erased feedback"

_i, _a = workflow_items, workflow_activity
_cards = _i.c.feedback_id == bindparam("feedback")
_FORGET_ACTIVITY = Statement(delete(_a).where(_a.c.item_id.in_(select(_i.c.id).where(_cards))))
_FORGET = Statement(update(_i).where(_cards).values(title=TITLE, description=null(), snapshot=null()))
_SNAPSHOTS = Statement(select(_i.c.id, _i.c.snapshot).where(_cards, _i.c.snapshot.is_not(None)))
_RETAKE = Statement(update(_i).where(_i.c.id == bindparam("card")).values(snapshot=bindparam("shown")))


def disown_cards(tx: Transaction, feedback_id: str) -> None:
    """Take from the cards of an item what tells of its sender: the page they were on, and what it looked like."""
    for card_id, snapshot in tx.all(_SNAPSHOTS, feedback=feedback_id):
        shown = {**msgspec.json.decode(snapshot), "pageUrl": None, "screenshotUrl": None}
        tx.run(_RETAKE, card=card_id, shown=msgspec.json.encode(shown).decode())


def forget_feedback_on_cards(tx: Transaction, feedback_id: str) -> None:
    """Take title, description, snapshot and history from the cards of an item."""
    tx.run(_FORGET_ACTIVITY, feedback=feedback_id)
    tx.run(_FORGET, feedback=feedback_id)
