"""How a customer goes who is to be forgotten: at once, but for the rows that show whose their feedback was."""

from typing import Any

import msgspec
from msgspec import UnsetType
from sqlalchemy import bindparam, delete, or_

from userhero.customers.actions.leave import wipe
from userhero.customers.addresses import release_all
from userhero.customers.queries import get_row
from userhero.customers.tables import customers
from userhero.customers.types import CustomerDeleted
from userhero.kernel.actor import Actor
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.events import emit
from userhero.kernel.http.idempotency import forget_answers

_c = customers
_BURY = Statement(delete(_c).where(or_(_c.c.id == bindparam("customer"), _c.c.merged_into == bindparam("customer"))))
_list = msgspec.json.Decoder(list[Any]).decode


class Leaving(msgspec.Struct, frozen=True):
    """A customer as nobody knows them any more but whoever erases what is left of them."""

    id: str
    workspace_id: str
    emails: list[str]
    phones: list[str]
    merged_ids: list[str]


def begin_farewell(tx: Transaction, actor: Actor, customer_id: str, workspace_id: str | UnsetType) -> Leaving:
    """Make a customer gone, with addresses, profile and what they are found by. Items still point at them, and those
    of customers who were merged into them; ``end_farewell`` is for when none does. Raises NotFound.
    """
    row = get_row(tx, actor, customer_id, workspace_id)
    release_all(tx, row.id)
    wipe(tx, row)
    merged_ids = _list(row.merged_customer_ids)
    for merged_id in merged_ids:
        forget_answers(tx, merged_id)
    emit(tx, row.workspace_id, CustomerDeleted(id=row.id), actor_id=actor.user_id)
    return Leaving(row.id, row.workspace_id, _list(row.emails), _list(row.phones), merged_ids)


def end_farewell(tx: Transaction, customer_id: str) -> None:
    """Remove what says that there was a customer, and who was merged into them."""
    tx.run(_BURY, customer=customer_id)
