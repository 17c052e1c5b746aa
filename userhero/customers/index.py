"""What a customer is found by, name, e-mails and phones in folded spelling, and where among others they stand."""

from collections.abc import Iterable

from sqlalchemy import bindparam, delete, update
from sqlalchemy.dialects.postgresql import insert as upsert

from userhero.customers.tables import customer_search, customers
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.words import fold

_s, _c = customer_search, customers
_new = upsert(_s).values({name: bindparam(name) for name in ("workspace_id", "customer_id", "text")})
_PUT = Statement(
    _new.on_conflict_do_update(index_elements=[_s.c.workspace_id, _s.c.customer_id], set_={"text": _new.excluded.text})
)
_SORT = Statement(
    update(_c)
    .where(_c.c.id == bindparam("customer"), _c.c.sort_name.is_distinct_from(bindparam("folded")))
    .values(sort_name=bindparam("folded"))
)
_REMOVE = Statement(delete(_s).where(_s.c.customer_id == bindparam("customer")))


def index_customer(
    tx: Transaction, workspace_id: str, customer_id: str, name: str | None, emails: Iterable[str], phones: Iterable[str]
) -> None:
    """Make a customer found by these from now on, and by nothing else; lists sort them by this name."""
    folded = fold(name or "")
    text = "\n".join([folded, *emails, *phones])
    tx.run(_PUT, workspace_id=workspace_id, customer_id=customer_id, text=text)
    tx.run(_SORT, customer=customer_id, folded=folded or None)


def index_customers(
    tx: Transaction, found: Iterable[tuple[str, str, str | None, Iterable[str], Iterable[str]]]
) -> None:
    """The same for many: workspace, customer, name, e-mails and phones of each."""
    texts, names = [], []
    for workspace_id, customer_id, name, emails, phones in found:
        folded = fold(name or "")
        text = "\n".join([folded, *emails, *phones])
        texts.append({"workspace_id": workspace_id, "customer_id": customer_id, "text": text})
        names.append({"customer": customer_id, "folded": folded or None})
    tx.run_each(_PUT, texts)
    tx.run_each(_SORT, names)


def forget_index(tx: Transaction, customer_id: str) -> None:
    """Make a customer found by nothing."""
    tx.run(_REMOVE, customer=customer_id)
