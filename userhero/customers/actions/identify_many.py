"""From the addresses of many items to their customers, in a few statements: what ``identify`` does one by one.

For history that is brought in, not for what happens now: nothing is announced.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import bindparam, select, update

from userhero.customers.actions.identify import Contact
from userhero.customers.addresses import try_claim_all
from userhero.customers.index import index_customers
from userhero.customers.tables import customer_identifiers, customers
from userhero.kernel import ids
from userhero.kernel.db import Statement, Transaction, insertion
from userhero.kernel.db.functions import is_among
from userhero.kernel.errors import ServiceUnavailable

_c, _i = customers, customer_identifiers
_KNOWN = (
    "id", "workspace_id", "name", "primary_email", "primary_phone", "emails", "phones", "channels", "feedback_count",
    "first_seen_at", "last_seen_at", "created_at", "updated_at",
)  # fmt: skip
_OWNERS = Statement(
    select(_i.c.value, *(_c.c[name] for name in _KNOWN))
    .join_from(_i, _c)
    .where(
        _i.c.workspace_id == bindparam("workspace"),
        _i.c.kind == bindparam("kind"),
        is_among(_i.c.value, bindparam("values")),
        _c.c.gone_at.is_(None),
    )
    .order_by(_c.c.id)
    .with_for_update(of=_c, key_share=True)
)
_INSERT = insertion(customers, *_KNOWN)
_CHANGED = _KNOWN[2:8] + _KNOWN[9:11] + _KNOWN[12:]
_UPDATE = Statement(
    update(_c)
    .where(_c.c.id == bindparam("customer"))
    .values(feedback_count=_c.c.feedback_count + bindparam("more"), **{name: bindparam(name) for name in _CHANGED})
)
_ATTEMPTS = 10

_encode = msgspec.json.Encoder().encode
_list = msgspec.json.Decoder(list[str]).decode


class Sender(NamedTuple):
    """Who sent an item, to which workspace, and when."""

    workspace_id: str
    contact: Contact
    sent_at: str


class Sight(NamedTuple):
    """When somebody with an address was heard of without sending an item."""

    workspace_id: str
    email: str
    seen_at: str


class _Taken(Exception):
    """Another transaction took an address in between."""


class _Profile:
    """A customer as they are by now; ``more`` is how many items they have sent beside those that are stored."""

    def __init__(self, values: dict[str, Any], *, is_new: bool) -> None:
        self.values = values
        self.is_new = is_new
        self.is_found_anew = is_new
        self.is_touched = is_new
        self.more = 0
        self.emails, self.phones, self.channels = (_list(values[name]) for name in ("emails", "phones", "channels"))

    def hear(self, moment: str) -> None:
        """They were heard of at a moment, which may be long ago."""
        values = self.values
        values["first_seen_at"] = min(values["first_seen_at"] or moment, moment)
        values["last_seen_at"] = max(values["last_seen_at"] or moment, moment)
        self.is_touched = True

    def row(self) -> dict[str, Any]:
        """The columns that may have changed."""
        lists = {"emails": self.emails, "phones": self.phones, "channels": self.channels}
        return {**self.values, **{name: _encode(value).decode() for name, value in lists.items()}}


def identify_many(tx: Transaction, senders: Sequence[Sender], sights: Iterable[Sight] = ()) -> list[str | None]:
    """The customer of each of many items, found or made, in the order given, which should be that of time; None where
    an item carries neither e-mail nor phone. Each counts an item more. ``sights`` move the time when somebody was last
    heard of; of strangers among them nothing is kept.

    What is made dates from the item that it was made for, and what is learned too. Raises ServiceUnavailable where
    others make and delete the same customers all the time.
    """
    for _ in range(_ATTEMPTS):
        try:
            with tx.savepoint():
                return _Crowd(tx, senders, sights).identified()
        except _Taken:
            continue
    raise ServiceUnavailable("The addresses of the customers change hands too fast.")


class _Crowd:
    """Everybody whom a batch of items may be from."""

    def __init__(self, tx: Transaction, senders: Sequence[Sender], sights: Iterable[Sight]) -> None:
        self._tx = tx
        self._senders = senders
        self._sights = list(sights)
        self._owners: dict[tuple[str, str, str], _Profile] = {}
        self._claims: list[tuple[str, str, str, str]] = []

    def identified(self) -> list[str | None]:
        """See ``identify_many``. Raises _Taken."""
        self._look_up()
        found = [self._identify(sender) for sender in self._senders]
        for sight in self._sights:
            known = self._owners.get((sight.workspace_id, "email", sight.email))
            if known is not None:
                known.hear(sight.seen_at)
        self._write()
        return found

    def _look_up(self) -> None:
        wanted: dict[tuple[str, str], set[str]] = defaultdict(set)
        for workspace_id, contact, _ in self._senders:
            for kind, value in _addresses(contact):
                wanted[workspace_id, kind].add(value)
        for sight in self._sights:
            wanted[sight.workspace_id, "email"].add(sight.email)
        profiles: dict[str, _Profile] = {}
        for (workspace_id, kind), values in sorted(wanted.items()):
            listed = _encode(sorted(values)).decode()
            for value, *row in self._tx.all(_OWNERS, workspace=workspace_id, kind=kind, values=listed):
                profile = profiles.setdefault(row[0], _Profile(dict(zip(_KNOWN, row, strict=True)), is_new=False))
                self._owners[workspace_id, kind, value] = profile

    def _identify(self, sender: Sender) -> str | None:
        """As ``identify``: the e-mail decides."""
        addresses = _addresses(sender.contact)
        if not addresses:
            return None
        owners = (self._owners.get((sender.workspace_id, *address)) for address in addresses)
        profile = next((owner for owner in owners if owner is not None), None)
        if profile is None:
            profile = self._make(sender)
        else:
            self._learn(profile, sender, addresses)
        profile.hear(sender.sent_at)
        profile.more += 1
        return str(profile.values["id"])

    def _make(self, sender: Sender) -> _Profile:
        workspace_id, contact, sent_at = sender
        values: dict[str, Any] = {
            "id": ids.new("cust"),
            "workspace_id": workspace_id,
            "name": contact.name,
            "primary_email": contact.email,
            "primary_phone": contact.phone,
            "emails": "[]",
            "phones": "[]",
            "channels": _encode([contact.channel]).decode(),
            "first_seen_at": None,
            "last_seen_at": None,
            "created_at": sent_at,
            "updated_at": sent_at,
        }
        made = _Profile(values, is_new=True)
        for kind, value in _addresses(contact):
            self._give(made, kind, value)
        return made

    def _learn(self, profile: _Profile, sender: Sender, addresses: list[tuple[str, str]]) -> None:
        contact, values = sender.contact, profile.values
        own = {"email": profile.emails, "phone": profile.phones}
        new = [(kind, value) for kind, value in addresses if value not in own[kind]]
        names_them = bool(contact.name) and values["name"] is None
        if not new and not names_them and contact.channel in profile.channels:
            return
        for kind, value in new:
            if (sender.workspace_id, kind, value) not in self._owners:
                self._give(profile, kind, value)
                values[f"primary_{kind}"] = values[f"primary_{kind}"] or value
        if contact.channel not in profile.channels:
            profile.channels.append(contact.channel)
        values["name"] = values["name"] or contact.name
        values["updated_at"] = max(values["updated_at"], sender.sent_at)
        profile.is_found_anew = profile.is_found_anew or names_them

    def _give(self, profile: _Profile, kind: str, value: str) -> None:
        """Let an address that leads to nobody lead to them."""
        workspace_id = profile.values["workspace_id"]
        (profile.emails if kind == "email" else profile.phones).append(value)
        self._owners[workspace_id, kind, value] = profile
        self._claims.append((workspace_id, kind, value, profile.values["id"]))
        profile.is_found_anew = True

    def _write(self) -> None:
        everybody = {id(each): each for each in self._owners.values() if each.is_touched}.values()
        made = [{**each.row(), "feedback_count": each.more} for each in everybody if each.is_new]
        known = sorted((each for each in everybody if not each.is_new), key=lambda each: str(each.values["id"]))
        if made:
            self._tx.run_each(_INSERT, made)
        if not try_claim_all(self._tx, self._claims):
            raise _Taken
        if known:
            self._tx.run_each(_UPDATE, [_change(each) for each in known])
        index_customers(
            self._tx,
            [
                (each.values["workspace_id"], each.values["id"], each.values["name"], each.emails, each.phones)
                for each in everybody
                if each.is_found_anew
            ],
        )


def _change(profile: _Profile) -> dict[str, Any]:
    row = profile.row()
    return {"customer": row["id"], "more": profile.more, **{name: row[name] for name in _CHANGED}}


def _addresses(contact: Contact) -> list[tuple[str, str]]:
    """Kind and value, the e-mail first."""
    pairs = (("email", contact.email), ("phone", contact.phone))
    return [(kind, value) for kind, value in pairs if value is not None]
