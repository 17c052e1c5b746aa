"""Reads of erasures."""

from msgspec import UnsetType
from sqlalchemy import bindparam, literal_column, select

from userhero.kernel.actor import Actor
from userhero.kernel.db import Document, Statement, Transaction
from userhero.records.erasure_types import ErasureRow
from userhero.records.tables import erasures
from userhero.workspaces import reach

_e = erasures

_document = (
    Document()
    .plain("id", _e.c.id)
    .plain("workspaceId", _e.c.workspace_id)
    .plain("customerId", _e.c.customer_id)
    .plain("content", _e.c.content)
    .plain("status", _e.c.status)
    .json("progress", Document().number("done", _e.c.done).number("total", _e.c.total).end())
    .plain("createdAt", _e.c.created_at)
    .value("finishedAt", _e.c.finished_at)
    .end()
)
_GET = Statement(select(_e.c.workspace_id, _document).where(_e.c.id == bindparam("erasure")))
_OF = Statement(select(_e.c.workspace_id, _document).where(_e.c.customer_id == bindparam("customer")))
_RENDER = Statement(select(_document).where(_e.c.id == bindparam("erasure")))
_row = [_e.c[name] for name in ErasureRow.__struct_fields__]
_ROW = Statement(select(*_row).where(_e.c.id == bindparam("erasure"), _e.c.status != literal_column("'done'")))


def get_erasure(tx: Transaction, actor: Actor, erasure_id: str, workspace_id: str | UnsetType) -> str:
    """An erasure as JSON. Raises NotFound."""
    found = tx.one(_GET, erasure=erasure_id)
    reach(tx, actor, found[0] if found else None, workspace_id, "Erasure")
    assert found is not None, "reach raises for an unknown erasure"
    return str(found[1])


def find_of_customer(tx: Transaction, actor: Actor, customer_id: str, workspace_id: str | UnsetType) -> str | None:
    """The erasure of a customer as JSON, or None. Raises NotFound for somebody else's."""
    found = tx.one(_OF, customer=customer_id)
    if found is None:
        return None
    reach(tx, actor, found[0], workspace_id, "Customer")
    return str(found[1])


def find_going(tx: Transaction, erasure_id: str) -> ErasureRow | None:
    """An erasure that is not done, or None."""
    return tx.find(ErasureRow, _ROW, erasure=erasure_id)


def render(tx: Transaction, erasure_id: str) -> str:
    """An erasure that the unit has just written, as JSON."""
    return str(tx.value(_RENDER, erasure=erasure_id))
