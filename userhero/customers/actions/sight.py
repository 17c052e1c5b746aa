"""Customers who show up again without sending an item."""

from sqlalchemy import bindparam, select, update

from userhero.customers.tables import customer_identifiers, customers
from userhero.kernel.db import Statement, Transaction

_c, _i = customers, customer_identifiers

_known = select(_i.c.customer_id).where(
    _i.c.workspace_id == bindparam("workspace"), _i.c.kind == "email", _i.c.value == bindparam("email")
)
_SEEN = Statement(update(_c).where(_c.c.id == _known.scalar_subquery()).values(last_seen_at=bindparam("now")))


def note_sight(tx: Transaction, workspace_id: str, email: str) -> None:
    """Record that the customer with this address, in stored spelling, was heard of just now. A stranger is nobody yet:
    customers are made by items.
    """
    tx.run(_SEEN, workspace=workspace_id, email=email, now=tx.now)
