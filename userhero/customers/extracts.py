"""What exports hold of customers."""

from typing import Any

from sqlalchemy import Select, bindparam, or_, select

from userhero.customers.queries import PROFILE
from userhero.customers.tables import customer_search, customers
from userhero.kernel.db.extract import Extract

_c, _s = customers, customer_search

# The customer, and those who were merged into them while their feedback still follows.
THEIRS: Select[Any] = select(_c.c.id).where(
    or_(_c.c.id == bindparam("customer"), _c.c.merged_into == bindparam("customer"))
)

# Every customer who is not gone is in the index of the search, which is in the workspace's order.
EXTRACTS = (
    Extract(
        "customers",
        PROFILE,
        [_s.c.customer_id],
        rows=_s.join(_c, _s.c.customer_id == _c.c.id),
        of_workspace=[_s.c.workspace_id == bindparam("workspace"), _c.c.created_at <= bindparam("until")],
        of_customer=[_s.c.customer_id == bindparam("customer")],
    ),
)
