"""Addresses that want no more mail from a workspace. They are kept as marks, which lead back to no address."""

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from userhero.kernel.crypto import Keys
from userhero.kernel.db import Statement, Transaction
from userhero.notifications.tables import unsubscribed_addresses

_u = unsubscribed_addresses
_IS_THERE = Statement(
    select(_u.c.created_at).where(_u.c.workspace_id == bindparam("workspace"), _u.c.mark == bindparam("mark"))
)
_ADD = Statement(
    insert(_u)
    .values({name: bindparam(name) for name in ("workspace_id", "mark", "created_at")})
    .on_conflict_do_nothing(index_elements=[_u.c.workspace_id, _u.c.mark])
)


def address_mark(keys: Keys, address: str) -> str:
    """What stands for an address, in upper or lower case."""
    return keys.mark("mail-address", address.lower().encode()).hex()


def is_unsubscribed(tx: Transaction, workspace_id: str, address: str) -> bool:
    """True where an address wants no more mail from a workspace."""
    return tx.one(_IS_THERE, workspace=workspace_id, mark=address_mark(tx.keys, address)) is not None


def leave_out(tx: Transaction, workspace_id: str, mark: str) -> None:
    """Send no more mail from a workspace to the address of a mark."""
    tx.run(_ADD, workspace_id=workspace_id, mark=mark, created_at=tx.now)
