"""Links that end mails: who has one needs no account. Only this installation can make them, and they don't expire."""

from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterable
from typing import Literal

import msgspec

from userhero.kernel.crypto import Keys
from userhero.kernel.db import Transaction
from userhero.kernel.errors import NotFound
from userhero.notifications.actions.prefer import switch_off
from userhero.notifications.addresses import address_mark, leave_out
from userhero.workspaces import list_teammates, workspace_name

PATH = "/unsubscribe/"
_PURPOSE, _MARK = "unsubscribe", 12
_LONGEST = 400


class Subscription(msgspec.Struct, array_like=True, frozen=True):
    """What a link ends: mail about a kind of thing to a member, or all mail of a workspace to an address.

    ``who`` is a user id, or the mark of an address; ``kind`` is empty for an address. ``folded`` are the kinds that a
    digest held.
    """

    to: Literal["member", "address"]
    workspace_id: str
    who: str
    kind: str = ""
    folded: list[str] = []


class Shown(msgspec.Struct, frozen=True):
    """A subscription for the page: whose mail, and of which kinds; all of it where there are none."""

    workspace: str
    kinds: list[str]


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Subscription).decode


def member_link(
    keys: Keys, base_url: str, workspace_id: str, user_id: str, kind: str, folded: Iterable[str] = ()
) -> str:
    """The address that ends mail about a kind to a member; of a digest, digests and mail about what it held."""
    return base_url + PATH + _token(keys, Subscription("member", workspace_id, user_id, kind, sorted(folded)))


def address_link(keys: Keys, base_url: str, workspace_id: str, address: str) -> str:
    """The address that ends a workspace's mail to an address, which it does not show."""
    return base_url + PATH + _token(keys, Subscription("address", workspace_id, address_mark(keys, address)))


def read_token(keys: Keys, token: str) -> Subscription:
    """What the last part of such an address stands for. Raises NotFound where it is none of this installation's."""
    try:
        if len(token) > _LONGEST or not token.isascii():
            raise ValueError("no token of ours")
        raw = b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        mark, payload = raw[:_MARK], raw[_MARK:]
        if keys.is_mark(_PURPOSE, payload, mark):
            return _decode(payload)
    except (ValueError, msgspec.DecodeError):
        pass
    raise NotFound("This link is not valid.")


def describe(tx: Transaction, subscription: Subscription) -> Shown:
    """What the page says of it. Raises NotFound where the workspace is gone."""
    name = workspace_name(tx, subscription.workspace_id)
    if not name:
        raise NotFound("This link is not valid any more.")
    return Shown(name, [kind for kind in (subscription.kind, *subscription.folded) if kind])


def unsubscribe(tx: Transaction, subscription: Subscription) -> Shown:
    """End the mails; says what was ended. Doing so again changes nothing. Raises NotFound as ``describe`` does."""
    shown = describe(tx, subscription)
    if subscription.to == "address":
        leave_out(tx, subscription.workspace_id, subscription.who)
    elif list_teammates(tx, subscription.workspace_id, [subscription.who]):
        switch_off(tx, subscription.workspace_id, subscription.who, {subscription.kind, *subscription.folded})
    return shown


def _token(keys: Keys, subscription: Subscription) -> str:
    payload = _encode(subscription)
    return urlsafe_b64encode(keys.mark(_PURPOSE, payload) + payload).decode().rstrip("=")
