"""What goes with the items of a project that is deleted."""

from sqlalchemy import bindparam, func, select, update

from userhero.customers import customers
from userhero.feedback.tables import feedback
from userhero.kernel.db import Statement, Transaction
from userhero.projects import on_project_deletion

# An item may still point at a customer who was merged; it counts for the one who took their place.
_sender = customers.alias("sender")
_whose = func.coalesce(_sender.c.merged_into, _sender.c.id)
_theirs = (
    select(_whose.label("customer_id"), func.count().label("sent"))
    .join_from(feedback, _sender, _sender.c.id == feedback.c.customer_id)
    .where(feedback.c.project_id == bindparam("project"))
    .group_by(_whose)
    .subquery("theirs")
)
_COUNT_LESS = Statement(
    update(customers)
    .where(customers.c.id == _theirs.c.customer_id)
    .values(feedback_count=customers.c.feedback_count - _theirs.c.sent)
)


@on_project_deletion
def forget_project(tx: Transaction, workspace_id: str, project_id: str) -> None:
    """Count the project's items no longer for the customers who sent them."""
    del workspace_id
    tx.run(_COUNT_LESS, project=project_id)
