"""From the address that came with feedback to the customer whose it is."""

from typing import Any

import msgspec
from sqlalchemy import and_, bindparam, delete, func, or_, select, update

from userhero.customers.addresses import try_claim
from userhero.customers.index import index_customer
from userhero.customers.tables import customer_identifiers, customers
from userhero.customers.types import CustomerCreated, CustomerUpdated
from userhero.kernel import ids
from userhero.kernel.db import Statement, Transaction, insertion
from userhero.kernel.errors import ServiceUnavailable
from userhero.kernel.events import emit

_c, _i = customers, customer_identifiers

_MATCHES = Statement(
    select(_c.c.id, _i.c.kind, _c.c.name, _c.c.emails, _c.c.phones, _c.c.channels)
    .join_from(_i, _c)
    .where(
        _i.c.workspace_id == bindparam("workspace"),
        or_(
            and_(_i.c.kind == "email", _i.c.value == bindparam("email")),
            and_(_i.c.kind == "phone", _i.c.value == bindparam("phone")),
        ),
        # Where a merge is under way on PostgreSQL the lock is waited for, and this is looked at again.
        _c.c.gone_at.is_(None),
    )
    .with_for_update(of=_c, key_share=True)
)
_INSERT = insertion(
    customers,
    "id", "workspace_id", "name", "primary_email", "primary_phone", "emails", "phones", "channels",
    "first_seen_at", "last_seen_at", "created_at", "updated_at", "feedback_count",
)  # fmt: skip
_SEEN = Statement(
    update(_c)
    .where(_c.c.id == bindparam("customer"))
    .values(
        feedback_count=_c.c.feedback_count + 1,
        last_seen_at=bindparam("now"),
        first_seen_at=func.coalesce(_c.c.first_seen_at, bindparam("now")),
    )
)
_LEARNED = Statement(
    update(_c)
    .where(_c.c.id == bindparam("customer"))
    .values(
        feedback_count=_c.c.feedback_count + 1,
        last_seen_at=bindparam("now"),
        first_seen_at=func.coalesce(_c.c.first_seen_at, bindparam("now")),
        updated_at=bindparam("now"),
        name=func.coalesce(_c.c.name, bindparam("new_name")),
        primary_email=func.coalesce(_c.c.primary_email, bindparam("new_email")),
        primary_phone=func.coalesce(_c.c.primary_phone, bindparam("new_phone")),
        emails=bindparam("new_emails"),
        phones=bindparam("new_phones"),
        channels=bindparam("new_channels"),
    )
)
_DROP = Statement(delete(_c).where(_c.c.id == bindparam("customer")))
_FORGET = Statement(
    update(_c)
    .where(_c.c.id == bindparam("customer"))
    .values(feedback_count=_c.c.feedback_count - 1)
    .returning(_c.c.merged_into)
)

# Two do unless others delete the customer at the same moment.
_ATTEMPTS = 10

_list = msgspec.json.Decoder(list[str]).decode


class Contact(msgspec.Struct, frozen=True):
    """What feedback says of its sender, in stored spelling (``contacts``). ``channel`` is how it came."""

    email: str | None
    phone: str | None
    name: str | None
    channel: str


class _Match(msgspec.Struct, array_like=True):
    id: str
    kind: str
    name: str | None
    emails: str
    phones: str
    channels: str


def identify(tx: Transaction, workspace_id: str, contact: Contact) -> str | None:
    """The customer who sent one more item, found or made; None where it carries neither e-mail nor phone.

    Where e-mail and phone lead to two people, the e-mail decides. Counts, last sight and what is newly known of the
    customer are kept in the same transaction. Raises ServiceUnavailable where others make and delete the customer all
    the time.
    """
    if contact.email is None and contact.phone is None:
        return None
    for _ in range(_ATTEMPTS):
        match = _find(tx, workspace_id, contact)
        if match is not None:
            _see(tx, workspace_id, match, contact)
            return match.id
        made = _create(tx, workspace_id, contact)
        if made is not None:
            return made
        # Another transaction took an address in between. Now its customer can be seen, unless they are gone again.
    raise ServiceUnavailable("The addresses of the customer change hands too fast.")


def forget_feedback(tx: Transaction, customer_id: str | None) -> None:
    """Count one item less for the customer it was linked to, or for whom that customer was merged into."""
    while customer_id is not None:
        customer_id = tx.value(_FORGET, customer=customer_id)


def _find(tx: Transaction, workspace_id: str, contact: Contact) -> _Match | None:
    matches = tx.list(_Match, _MATCHES, workspace=workspace_id, email=contact.email, phone=contact.phone)
    return min(matches, key=lambda match: match.kind, default=None)


def _create(tx: Transaction, workspace_id: str, contact: Contact) -> str | None:
    """A new customer, or None where somebody else has just taken an address."""
    customer_id = ids.new("cust")
    values: dict[str, Any] = {
        "id": customer_id,
        "workspace_id": workspace_id,
        "name": contact.name,
        "primary_email": contact.email,
        "primary_phone": contact.phone,
        "emails": _json(_given(contact.email)),
        "phones": _json(_given(contact.phone)),
        "channels": _json([contact.channel]),
        "first_seen_at": tx.now,
        "last_seen_at": tx.now,
        "created_at": tx.now,
        "updated_at": tx.now,
    }
    tx.run(_INSERT, **values, feedback_count=1)
    if _claim(tx, workspace_id, customer_id, contact):
        index_customer(tx, workspace_id, customer_id, contact.name, _given(contact.email), _given(contact.phone))
        shown = {name: values[name] for name in ("id", "name", "primary_email", "primary_phone", "created_at")}
        emit(tx, workspace_id, CustomerCreated(**shown))
        return customer_id
    tx.run(_DROP, customer=customer_id)
    return None


def _claim(tx: Transaction, workspace_id: str, customer_id: str, contact: Contact) -> bool:
    """Point the contact's addresses at a customer; False where one of them was not free."""
    pairs = (("email", contact.email), ("phone", contact.phone))
    return all(try_claim(tx, workspace_id, customer_id, kind, value) for kind, value in pairs if value is not None)


def _see(tx: Transaction, workspace_id: str, match: _Match, contact: Contact) -> None:
    emails, phones, channels = _list(match.emails), _list(match.phones), _list(match.channels)
    new_email = contact.email if contact.email and contact.email not in emails else None
    new_phone = contact.phone if contact.phone and contact.phone not in phones else None
    news = new_email or new_phone or contact.channel not in channels or (contact.name and match.name is None)
    if not news:
        tx.run(_SEEN, customer=match.id, now=tx.now)
        return
    if new_email and not try_claim(tx, workspace_id, match.id, "email", new_email):
        new_email = None
    if new_phone and not try_claim(tx, workspace_id, match.id, "phone", new_phone):
        new_phone = None
    after = {
        "new_name": match.name or contact.name,
        "new_email": new_email,
        "new_phone": new_phone,
        "new_emails": [*emails, *_given(new_email)],
        "new_phones": [*phones, *_given(new_phone)],
        "new_channels": channels if contact.channel in channels else [*channels, contact.channel],
    }
    stored = {name: _json(value) if isinstance(value, list) else value for name, value in after.items()}
    tx.run(_LEARNED, customer=match.id, now=tx.now, **stored)
    _announce(tx, workspace_id, match, after)


def _announce(tx: Transaction, workspace_id: str, match: _Match, after: dict[str, Any]) -> None:
    """Make the customer found by what is new, and tell what it is."""
    before = {
        "name": match.name,
        "emails": _list(match.emails),
        "phones": _list(match.phones),
        "channels": _list(match.channels),
    }
    changes = {name: after[f"new_{name}"] for name, value in before.items() if after[f"new_{name}"] != value}
    if not changes:
        return
    if changes.keys() & {"name", "emails", "phones"}:
        index_customer(tx, workspace_id, match.id, after["new_name"], after["new_emails"], after["new_phones"])
    previous = {name: before[name] for name in changes}
    emit(tx, workspace_id, CustomerUpdated(id=match.id, changes=changes, previous=previous, updated_at=tx.now))


def _given(address: str | None) -> list[str]:
    return [] if address is None else [address]


def _json(value: list[str]) -> str:
    return msgspec.json.encode(value).decode()
