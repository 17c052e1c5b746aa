"""Feedback follows where its customers go."""

from functools import cache

from sqlalchemy import bindparam, literal_column, select, update

from userhero.customers import links_customers
from userhero.feedback.tables import feedback
from userhero.kernel.db import Statement, Transaction

_f = feedback


@links_customers
def relink_feedback(tx: Transaction, source_id: str, target_id: str | None, most: int) -> int:
    """Let up to ``most`` items of one customer be another's, or nobody's; returns how many did.

    Their ``updatedAt`` stays: nobody has touched them.
    """
    return tx.run(_moving(most), source=source_id, target=target_id)


@cache
def _moving(most: int) -> Statement:
    theirs = select(_f.c.id).where(_f.c.customer_id == bindparam("source")).limit(literal_column(str(most)))
    return Statement(update(_f).where(_f.c.id.in_(theirs)).values(customer_id=bindparam("target")))
