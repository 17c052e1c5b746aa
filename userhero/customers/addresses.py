"""The addresses that lead to a customer: each to one customer of the workspace, which the database sees to."""

from collections.abc import Iterable

from sqlalchemy import bindparam, delete, update
from sqlalchemy.dialects.postgresql import insert as upsert

from userhero.customers.queries import find_owner
from userhero.customers.tables import customer_identifiers
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.errors import Conflict

_i = customer_identifiers
_CLAIM = Statement(
    upsert(_i)
    .values({name: bindparam(name) for name in ("workspace_id", "kind", "value", "customer_id")})
    .on_conflict_do_nothing()
)
_RELEASE = Statement(
    delete(_i).where(
        _i.c.workspace_id == bindparam("workspace"),
        _i.c.kind == bindparam("kind"),
        _i.c.value == bindparam("value"),
        _i.c.customer_id == bindparam("customer"),
    )
)
_RELEASE_ALL = Statement(delete(_i).where(_i.c.customer_id == bindparam("customer")))
_MOVE = Statement(update(_i).where(_i.c.customer_id == bindparam("source")).values(customer_id=bindparam("target")))

Address = tuple[str, str]
_WORDS = {"email": "e-mail address", "phone": "phone number"}


def addresses(emails: Iterable[str], phones: Iterable[str]) -> set[Address]:
    """The addresses as they are stored: kind and value."""
    return {("email", value) for value in emails} | {("phone", value) for value in phones}


def check_free(tx: Transaction, workspace_id: str, wanted: Iterable[Address], customer_id: str | None) -> None:
    """Raises Conflict where one of the addresses leads to anybody but ``customer_id``."""
    for kind, value in sorted(wanted):
        if find_owner(tx, workspace_id, kind, value) not in (None, customer_id):
            _refuse(kind, value)


def claim(tx: Transaction, workspace_id: str, customer_id: str, wanted: Iterable[Address]) -> None:
    """Point free addresses at a customer. Raises Conflict where somebody took one since ``check_free``."""
    for kind, value in sorted(wanted):
        if not try_claim(tx, workspace_id, customer_id, kind, value):
            _refuse(kind, value)


def try_claim(tx: Transaction, workspace_id: str, customer_id: str, kind: str, value: str) -> bool:
    """True where the address was free; one that leads to somebody else stays theirs."""
    return tx.run(_CLAIM, workspace_id=workspace_id, kind=kind, value=value, customer_id=customer_id) == 1


def try_claim_all(tx: Transaction, claims: Iterable[tuple[str, str, str, str]]) -> bool:
    """The same for many addresses: workspace, kind, value and customer of each. False where one was not free; some may
    have been claimed then.
    """
    wanted = sorted(claims)
    names = ("workspace_id", "kind", "value", "customer_id")
    return tx.run_each(_CLAIM, [dict(zip(names, claim, strict=True)) for claim in wanted]) == len(wanted)


def release(tx: Transaction, workspace_id: str, customer_id: str, unwanted: Iterable[Address]) -> None:
    """Let addresses of a customer go."""
    for kind, value in sorted(unwanted):
        tx.run(_RELEASE, workspace=workspace_id, kind=kind, value=value, customer=customer_id)


def release_all(tx: Transaction, customer_id: str) -> None:
    """Let every address of a customer go."""
    tx.run(_RELEASE_ALL, customer=customer_id)


def hand_over(tx: Transaction, source_id: str, target_id: str) -> None:
    """Point every address of one customer at another."""
    tx.run(_MOVE, source=source_id, target=target_id)


def _refuse(kind: str, value: str) -> None:
    raise Conflict(f"Another customer of the workspace has the {_WORDS[kind]} {value}.")
