"""An item as those need to know it who tell people of it: who looks after it, and who sent it."""

import msgspec
from sqlalchemy import bindparam, func, select

from userhero.customers import customers
from userhero.feedback.tables import feedback
from userhero.kernel.db import Statement, Transaction
from userhero.projects import projects

_f = feedback
_FIND = Statement(
    select(
        _f.c.id, _f.c.workspace_id, _f.c.project_id, projects.c.name, projects.c.statuses, _f.c.ticket_number,
        _f.c.message, _f.c.assignee_id, _f.c.watcher_ids, _f.c.customer_id,
        func.coalesce(_f.c.user_email, customers.c.primary_email), _f.c.customer_comments_enabled,
    )
    .join_from(_f, projects, _f.c.project_id == projects.c.id)
    .outerjoin(customers, _f.c.customer_id == customers.c.id)
    .where(_f.c.id == bindparam("feedback"))
)  # fmt: skip
_list = msgspec.json.Decoder(list[str]).decode


class FeedbackAudience(msgspec.Struct, array_like=True, frozen=True):
    """An item and the people around it. ``statuses`` is the project's JSON, ``watcher_ids`` a JSON list.

    ``customer_email`` is the address that it was sent from, else the main one of its customer.
    """

    id: str
    workspace_id: str
    project_id: str
    project_name: str
    statuses: str
    ticket_number: int
    message: str
    assignee_id: str | None
    watcher_ids: str
    customer_id: str | None
    customer_email: str | None
    customer_comments_enabled: bool

    def watchers(self) -> list[str]:
        """The user ids of those who watch it."""
        return _list(self.watcher_ids)


def find_audience(tx: Transaction, feedback_id: str) -> FeedbackAudience | None:
    """An item with the people around it; None where it is gone. For work that follows from what happened to it."""
    return tx.find(FeedbackAudience, _FIND, feedback=feedback_id)
