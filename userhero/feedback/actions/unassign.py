"""What somebody who left the workspace still had to do goes back to everybody: open items have no assignee then.

What is closed keeps the name of who saw to it. A part at a time, each item as any other change, so that history and
webhooks tell of it.
"""

import msgspec
from sqlalchemy import bindparam, literal_column, select

from userhero.feedback.actions.change import change_feedback
from userhero.feedback.tables import OPEN, feedback
from userhero.feedback.types import FeedbackChange
from userhero.kernel.actor import Actor
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.errors import NotFound
from userhero.kernel.jobs import enqueue
from userhero.workspaces import enter, find_member

JOB = "feedback.unassign"
CHUNK = 50

_f = feedback
_NEXT = Statement(
    select(_f.c.id)
    .where(_f.c.workspace_id == bindparam("workspace"), _f.c.assignee_id == bindparam("person"), literal_column(OPEN))
    .order_by(_f.c.created_at, _f.c.id)
    .limit(literal_column(str(CHUNK)))
)


class Gone(msgspec.Struct, kw_only=True):
    """Who is in the workspace no more, and who took them out."""

    workspace: str
    person: str
    by_id: str
    by_name: str


def unassign_some(tx: Transaction, gone: Gone) -> None:
    """Take them off some of their open items, and ask for the next part. Nothing where they have come back, or the
    workspace is gone.
    """
    # It acts for whoever took them out, who may have left as well: so as nothing but this workspace's own work.
    actor = Actor(gone.by_id, gone.by_name, "", gone.workspace, frozenset(), "system")
    try:
        access = enter(tx, actor, gone.workspace)
    except NotFound:
        return
    if find_member(tx, access, gone.person) is not None:
        return
    items = tx.texts(_NEXT, workspace=gone.workspace, person=gone.person)
    for number, item in enumerate(items):
        if number and tx.turn_is_over:
            break
        change_feedback(tx, actor, item, FeedbackChange(workspace_id=gone.workspace, assignee_id=None))
    if items:
        enqueue(tx, JOB, msgspec.to_builtins(gone))
