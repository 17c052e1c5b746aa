"""Making customers by hand, and changing what is known of them."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from userhero.customers import values
from userhero.customers.addresses import addresses, check_free, claim, release
from userhero.customers.index import index_customer
from userhero.customers.queries import get_row, render
from userhero.customers.tables import customers
from userhero.customers.types import CustomerChange, CustomerCreated, CustomerRow, CustomerUpdated, NewCustomer
from userhero.kernel import ids
from userhero.kernel.actor import Actor
from userhero.kernel.db import Changes, Transaction, insertion
from userhero.kernel.events import emit
from userhero.workspaces import enter_named

_INSERT = insertion(
    customers,
    "id", "workspace_id", "name", "primary_email", "primary_phone", "emails", "phones", "company", "tags", "notes",
    "created_at", "updated_at",
)  # fmt: skip
_changes = Changes(customers)
_list = msgspec.json.Decoder(list[str]).decode

# What an event shows of a change, under the names of the API.
_SHOWN = {
    "name": "name",
    "primary_email": "primaryEmail",
    "primary_phone": "primaryPhone",
    "emails": "emails",
    "phones": "phones",
    "company": "company",
    "tags": "tags",
    "notes": "notes",
    "custom_fields": "customFields",
    "social_handles": "socialHandles",
    "timezone": "timezone",
    "language": "language",
}
_JSON = frozenset({"emails", "phones", "tags", "custom_fields", "social_handles"})


def create_customer(tx: Transaction, actor: Actor, new: NewCustomer) -> str:
    """A new customer, as JSON.

    Raises Conflict where another customer of the workspace has one of the addresses, Invalid where a value breaks a
    rule.
    """
    access = enter_named(tx, actor, new.workspace_id)
    email = None if new.primary_email is None else values.email("primaryEmail", new.primary_email)
    phone = None if new.primary_phone is None else values.phone("primaryPhone", new.primary_phone)
    emails = values.with_primary("emails", email, values.addresses("emails", new.emails or [], values.email))
    phones = values.with_primary("phones", phone, values.addresses("phones", new.phones or [], values.phone))
    row: dict[str, Any] = {
        "id": ids.new("cust"),
        "workspace_id": access.workspace_id,
        "name": values.line("name", new.name),
        "primary_email": email or next(iter(emails), None),
        "primary_phone": phone or next(iter(phones), None),
        "emails": _json(emails),
        "phones": _json(phones),
        "company": values.line("company", new.company),
        "tags": _json(values.tags(new.tags)),
        "notes": new.notes or None,
        "created_at": tx.now,
        "updated_at": tx.now,
    }
    wanted = addresses(emails, phones)
    check_free(tx, access.workspace_id, wanted, None)
    tx.run(_INSERT, **row)
    claim(tx, access.workspace_id, row["id"], wanted)
    index_customer(tx, access.workspace_id, row["id"], row["name"], emails, phones)
    shown = {name: row[name] for name in ("id", "name", "primary_email", "primary_phone", "created_at")}
    emit(tx, access.workspace_id, CustomerCreated(**shown), actor_id=actor.user_id)
    return render(tx, row["id"])


def change_customer(tx: Transaction, actor: Actor, customer_id: str, change: CustomerChange) -> str:
    """The customer after the change, as JSON. A change to what is there already changes nothing and announces nothing.

    Raises NotFound, Conflict where another customer has one of the addresses, Invalid where a value breaks a rule.
    """
    row = get_row(tx, actor, customer_id, change.workspace_id)
    wanted = {**_lines(change), **_emails(row, change), **_phones(row, change), **_rest(change)}
    changed = {name: value for name, value in wanted.items() if value != getattr(row, name)}
    if not changed:
        return render(tx, row.id)
    after = msgspec.structs.replace(row, **changed)
    if changed.keys() & {"name", "emails", "phones"}:
        _point_addresses(tx, row, after)
    _changes.apply(tx, row.id, changed)
    event = CustomerUpdated(
        id=row.id,
        changes={_SHOWN[name]: _plain(name, value) for name, value in changed.items()},
        previous={_SHOWN[name]: _plain(name, getattr(row, name)) for name in changed},
        updated_at=tx.now,
    )
    emit(tx, row.workspace_id, event, actor_id=actor.user_id)
    return render(tx, row.id)


def _lines(change: CustomerChange) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if change.name is not UNSET:
        found["name"] = values.line("name", change.name)
    if change.company is not UNSET:
        found["company"] = values.line("company", change.company)
    if change.notes is not UNSET:
        found["notes"] = change.notes or None
    return found


def _emails(row: CustomerRow, change: CustomerChange) -> dict[str, Any]:
    primary = change.primary_email
    if isinstance(primary, str):
        primary = values.email("primaryEmail", primary)
    known: list[str] | UnsetType = UNSET
    if isinstance(change.emails, list):
        known = values.addresses("emails", change.emails, values.email)
    if primary is UNSET and known is UNSET:
        return {}
    chosen, every = _chosen("emails", row.primary_email, _list(row.emails), primary, known)
    return {"primary_email": chosen, "emails": _json(every)}


def _phones(row: CustomerRow, change: CustomerChange) -> dict[str, Any]:
    primary = change.primary_phone
    if isinstance(primary, str):
        primary = values.phone("primaryPhone", primary)
    known: list[str] | UnsetType = UNSET
    if isinstance(change.phones, list):
        known = values.addresses("phones", change.phones, values.phone)
    if primary is UNSET and known is UNSET:
        return {}
    chosen, every = _chosen("phones", row.primary_phone, _list(row.phones), primary, known)
    return {"primary_phone": chosen, "phones": _json(every)}


def _chosen(
    field: str, before: str | None, had: list[str], primary: str | None | UnsetType, known: list[str] | UnsetType
) -> tuple[str | None, list[str]]:
    """The primary address and all of them. A list that leaves the primary one out makes its own first one primary."""
    every = had if isinstance(known, UnsetType) else known
    if isinstance(primary, UnsetType):
        primary = before if before in every else next(iter(every), None)
    return primary, values.with_primary(field, primary, every)


def _rest(change: CustomerChange) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if isinstance(change.tags, list):
        found["tags"] = _json(values.tags(change.tags))
    if not isinstance(change.custom_fields, UnsetType):
        found["custom_fields"] = values.custom_fields(change.custom_fields)
    if isinstance(change.social_handles, list):
        found["social_handles"] = _json(values.social_handles(change.social_handles))
    if not isinstance(change.timezone, UnsetType):
        found["timezone"] = values.timezone(change.timezone)
    if not isinstance(change.language, UnsetType):
        found["language"] = values.language(change.language)
    return found


def _point_addresses(tx: Transaction, before: CustomerRow, after: CustomerRow) -> None:
    emails, phones = _list(after.emails), _list(after.phones)
    old, new = addresses(_list(before.emails), _list(before.phones)), addresses(emails, phones)
    check_free(tx, before.workspace_id, new - old, before.id)
    release(tx, before.workspace_id, before.id, old - new)
    claim(tx, before.workspace_id, before.id, new - old)
    index_customer(tx, before.workspace_id, before.id, after.name, emails, phones)


def _plain(name: str, value: Any) -> Any:
    return msgspec.json.decode(value) if name in _JSON else value


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
