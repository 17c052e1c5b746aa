"""Reads of customers."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import bindparam, select

from userhero.customers.contacts import find_email, find_phone
from userhero.customers.tables import customer_identifiers, customer_search, customers
from userhero.customers.types import CustomerList, CustomerProfile, CustomerRow
from userhero.kernel.actor import Actor
from userhero.kernel.db import Document, Statement, Transaction
from userhero.kernel.db.functions import json_array_has, text_contains
from userhero.kernel.db.listing import Listing, Slice, Sort
from userhero.kernel.errors import Conflict, Invalid, NotFound
from userhero.kernel.words import fold
from userhero.workspaces import Access, enter_named, reach

_c, _i, _s = customers, customer_identifiers, customer_search


def _document() -> Document:
    return (
        Document()
        .plain("id", _c.c.id)
        .plain("workspaceId", _c.c.workspace_id)
        .value("name", _c.c.name)
        .value("primaryEmail", _c.c.primary_email)
        .value("primaryPhone", _c.c.primary_phone)
        .json("emails", _c.c.emails)
        .json("phones", _c.c.phones)
        .json("socialHandles", _c.c.social_handles)
        .value("company", _c.c.company)
        .json("tags", _c.c.tags)
        .number("feedbackCount", _c.c.feedback_count)
        .json("channels", _c.c.channels)
        .value("lastSeenAt", _c.c.last_seen_at)
        .value("firstSeenAt", _c.c.first_seen_at)
        .plain("createdAt", _c.c.created_at)
        .plain("updatedAt", _c.c.updated_at)
    )


SHORT = _document().end()
PROFILE = (
    _document()
    .value("notes", _c.c.notes)
    .json("customFields", _c.c.custom_fields)
    .value("timezone", _c.c.timezone)
    .value("language", _c.c.language)
    .json("mergedCustomerIds", _c.c.merged_customer_ids)
    .end()
)

_present = _c.c.gone_at.is_(None)
_found = select(_s.c.customer_id).where(
    _s.c.workspace_id == bindparam("workspace"), text_contains(_s.c.text, bindparam("search"))
)
_LISTING = Listing(
    "customers",
    SHORT,
    _c.c.id,
    filters={
        "workspace": _c.c.workspace_id == bindparam("workspace"),
        "present": _present,
        "search": _c.c.id.in_(_found),
        "channel": json_array_has(_c.c.channels, bindparam("channel")),
        "tag": json_array_has(_c.c.tags, bindparam("tag")),
    },
    sorts={
        "lastSeenAt": Sort(_c.c.last_seen_at, nullable=True),
        "firstSeenAt": Sort(_c.c.first_seen_at, nullable=True),
        "feedbackCount": Sort(_c.c.feedback_count),
        "name": Sort(_c.c.sort_name, nullable=True),
    },
)
_OWNER = Statement(
    select(_i.c.customer_id).where(
        _i.c.workspace_id == bindparam("workspace"), _i.c.kind == bindparam("kind"), _i.c.value == bindparam("value")
    )
)
_SHORT = Statement(select(SHORT).where(_c.c.id == bindparam("customer"), _present))
_GET = Statement(select(_c.c.workspace_id, PROFILE).where(_c.c.id == bindparam("customer"), _present))
_RENDER = Statement(select(PROFILE).where(_c.c.id == bindparam("customer")))
_WORKSPACE = Statement(select(_c.c.workspace_id).where(_c.c.id == bindparam("customer"), _present))
_EMAILS = Statement(
    select(_c.c.emails).where(_c.c.id == bindparam("customer"), _c.c.workspace_id == bindparam("workspace"), _present)
)
_decode = msgspec.json.Decoder(CustomerProfile).decode
_row = [_c.c[name] for name in CustomerRow.__struct_fields__]
_ROW = Statement(select(*_row).where(_c.c.id == bindparam("customer"), _present).with_for_update())


def list_customers(tx: Transaction, actor: Actor, query: CustomerList) -> Slice:
    """A page of a workspace's customers."""
    access = enter_named(tx, actor, query.workspace_id)
    given = {"channel": query.channel, "tag": query.tag, "search": fold(query.search or "") or None}
    values: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    values |= {"workspace": access.workspace_id, "present": True}
    return _LISTING.page(tx, query.wanted(), values, sort=query.sort, order=query.order)


def look_up(tx: Transaction, actor: Actor, query: CustomerList) -> str:
    """The one customer with the address that the query names, as JSON, as lists show them.

    Raises NotFound where nobody has it, Conflict where e-mail and phone lead to two people, Invalid where the query
    asks for a list as well.
    """
    access = enter_named(tx, actor, query.workspace_id)
    for name in ("search", "channel", "tag", "page", "cursor"):
        if getattr(query, name) not in (None, UNSET):
            raise Invalid(name, "can't be combined with email or phone, which look one customer up")
    owners = {_owner_of_email(tx, access, query.email), _owner_of_phone(tx, access, query.phone)}
    if None in owners:
        raise NotFound("Customer not found")
    found = owners - {""}
    if len(found) > 1:
        raise Conflict("The e-mail address and the phone number belong to two different customers.")
    document = tx.value(_SHORT, customer=found.pop())
    if document is None:
        raise NotFound("Customer not found")
    return str(document)


def get_customer(tx: Transaction, actor: Actor, customer_id: str, workspace_id: str | UnsetType) -> str:
    """A customer's whole profile, as JSON. Raises NotFound, also for one who was merged or deleted."""
    found = tx.one(_GET, customer=customer_id)
    reach(tx, actor, found[0] if found else None, workspace_id, "Customer")
    assert found is not None, "reach raises for an unknown customer"
    return str(found[1])


def find_profile(tx: Transaction, access: Access, customer_id: str) -> CustomerProfile | None:
    """The profile of a customer of the workspace; None for any other, and for one who is gone."""
    found = tx.one(_GET, customer=customer_id)
    return _decode(found[1]) if found is not None and found[0] == access.workspace_id else None


def enter_of(tx: Transaction, actor: Actor, customer_id: str, workspace_id: str | UnsetType) -> Access:
    """The workspace of a customer, entered. Raises NotFound."""
    return reach(tx, actor, tx.value(_WORKSPACE, customer=customer_id), workspace_id, "Customer")


def find_row(tx: Transaction, access: Access, customer_id: str) -> CustomerRow | None:
    """A customer of the workspace as they are stored, locked until the unit ends; None for any other."""
    row = tx.find(CustomerRow, _ROW, customer=customer_id)
    return row if row is not None and row.workspace_id == access.workspace_id else None


def get_row(tx: Transaction, actor: Actor, customer_id: str, workspace_id: str | UnsetType) -> CustomerRow:
    """A customer as they are stored, locked until the unit ends. Raises NotFound."""
    row = find_row(tx, enter_of(tx, actor, customer_id, workspace_id), customer_id)
    if row is None:
        raise NotFound("Customer not found")
    return row


def find_owner(tx: Transaction, workspace_id: str, kind: str, value: str) -> str | None:
    """Whose an address is. ``kind`` is ``email`` or ``phone``, ``value`` its stored spelling."""
    owner: str | None = tx.value(_OWNER, workspace=workspace_id, kind=kind, value=value)
    return owner


def find_emails(tx: Transaction, workspace_id: str, customer_id: str) -> str | None:
    """The addresses of a customer of the workspace, as a JSON list; None where there is no such customer."""
    emails: str | None = tx.value(_EMAILS, customer=customer_id, workspace=workspace_id)
    return emails


def render(tx: Transaction, customer_id: str) -> str:
    """A customer that the unit has just written, as JSON, as ``get_customer`` shows them."""
    return str(tx.value(_RENDER, customer=customer_id))


def _owner_of_email(tx: Transaction, access: Access, text: str | None) -> str | None:
    """An empty text where nothing was asked, None where nobody has it."""
    if text is None:
        return ""
    value = find_email(text)
    return None if value is None else find_owner(tx, access.workspace_id, "email", value)


def _owner_of_phone(tx: Transaction, access: Access, text: str | None) -> str | None:
    if text is None:
        return ""
    # A plus that was not encoded arrives as a blank.
    value = find_phone("+" + text[1:] if text.startswith(" ") else text)
    return None if value is None else find_owner(tx, access.workspace_id, "phone", value)
