"""Mails, messages and notices that tell of somebody who is to be forgotten.

That an address wants no more mail stays: the mark leads back to nobody, and without it there would be mail again.
"""

from sqlalchemy import bindparam, delete

from userhero.kernel.db import Statement
from userhero.kernel.db.functions import unindexed
from userhero.kernel.db.traces import Traces
from userhero.notifications.tables import notifications, outbox

_o, _n = outbox, notifications

# Notices first: digests, which are mails, are made of them.
TRACES = (
    Traces(
        _n.c.id,
        _n.c.created_at,
        [_n.c.feedback_id, _n.c.title, _n.c.excerpt],
        of_workspace=[unindexed(_n.c.workspace_id) == bindparam("workspace")],
        event_id=_n.c.event_id,
        forget=Statement(delete(_n).where(_n.c.id == bindparam("trace"))),
    ),
    Traces(
        _o.c.position,
        _o.c.created_at,
        [_o.c.recipient, _o.c.recipient_name, _o.c.feedback_id, _o.c.content, _o.c.error, _o.c.reply],
        of_workspace=[unindexed(_o.c.workspace_id) == bindparam("workspace")],
        event_id=_o.c.event_id,
        forget=Statement(delete(_o).where(_o.c.position == bindparam("trace"))),
    ),
)
