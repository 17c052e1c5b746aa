"""Addresses for answers: each names a conversation, and proves that this installation gave it to one recipient."""

import re
from base64 import b32encode
from hmac import compare_digest

import msgspec

from userhero.kernel.crypto import Keys
from userhero.kernel.mail.addresses import MAX_ADDRESS, MAX_LOCAL, comparable, find_address

_PURPOSE = "mail-reply"
_LOCAL = "reply"
# Twelve bytes as base32 (RFC 4648) without its padding, in lower case: mail servers may change the case of an address.
_TOKEN = re.compile(rf"{_LOCAL}\+(?P<conversation>[a-z0-9_]{{1,37}})-(?P<mark>[a-z2-7]{{20}})", re.ASCII)


class ReplyAddress(msgspec.Struct, frozen=True):
    """What an address for answers says. Nothing of it is proven before ``is_for`` says so."""

    conversation_id: str
    mark: str

    def is_for(self, keys: Keys, recipient: str) -> bool:
        """True where this installation gave the address to ``recipient``; takes the same time either way.

        People answer from other addresses than they were written to: ask for each that takes part in the conversation.
        """
        return compare_digest(_mark(keys, self.conversation_id, recipient), self.mark)


def reply_address(keys: Keys, domain: str, conversation_id: str, recipient: str) -> str:
    """The address under which ``recipient`` answers in a conversation: ``reply+fb_…-…@domain``.

    Raises ValueError for an id that is not 1 to 37 of a-z, 0-9 and _ (the local part ends at 64 characters), and for a
    domain that leaves no valid address.
    """
    local = f"{_LOCAL}+{conversation_id}-{_mark(keys, conversation_id, recipient)}"
    address = find_address(f"{local}@{domain}")
    if address is None or not _TOKEN.fullmatch(local):
        raise ValueError(f"no address for answers can be made of {conversation_id!r} and {domain!r}")
    return address


def read_reply_address(address: str, domain: str) -> ReplyAddress | None:
    """What an address at ``domain`` says, in upper or lower case; None where it is none for answers."""
    if len(address) > MAX_ADDRESS:
        return None
    local, _, host = comparable(address).rpartition("@")
    found = _TOKEN.fullmatch(local) if len(local) <= MAX_LOCAL else None
    if found is None or host != comparable(f"{_LOCAL}@{domain}").rpartition("@")[2]:
        return None
    return ReplyAddress(found["conversation"], found["mark"])


def _mark(keys: Keys, conversation_id: str, recipient: str) -> str:
    """What only this installation can make. The two can't be mistaken for another two: no id has a space."""
    mark = keys.mark(_PURPOSE, f"{conversation_id} {comparable(recipient)}".encode())
    return b32encode(mark).decode().rstrip("=").lower()
