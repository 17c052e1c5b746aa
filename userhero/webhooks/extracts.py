"""What exports hold of events: the feed, as far back as it is kept."""

from sqlalchemy import bindparam, literal_column, or_

from userhero.feedback import THEIR_ITEMS
from userhero.kernel.db.extract import Extract
from userhero.kernel.db.functions import json_member
from userhero.kernel.events import events
from userhero.webhooks.feed import DOCUMENT, IS_PUBLIC

_e = events

EXTRACTS = (
    Extract(
        "events",
        DOCUMENT,
        [_e.c.turn, _e.c.position],
        of_workspace=[
            _e.c.workspace_id == bindparam("workspace"),
            IS_PUBLIC,
            _e.c.created_at <= bindparam("until"),
        ],
        of_customer=[
            or_(
                _e.c.subject_id == bindparam("customer"),
                _e.c.subject_id.in_(THEIR_ITEMS),
                json_member(_e.c.data, literal_column("'feedbackId'")).in_(THEIR_ITEMS),
            )
        ],
    ),
)
