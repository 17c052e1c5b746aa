"""E-mail addresses: whether they can be written to, and in which spelling."""

import re
import unicodedata

import idna
import msgspec

MAX_ADDRESS, MAX_LOCAL = 254, 64
# RFC 5322 atext, and what RFC 6531 adds to it; what may not stand in a name at all is ruled out by category.
_LOCAL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\U0010ffff-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\U0010ffff-]+)*"
)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# The last part has a letter: what looks like an IP address is no name of a host.
_HOST = re.compile(rf"(?:{_LABEL}\.)*(?=[a-z0-9-]*[a-z]){_LABEL}")
_UNWRITABLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"})


class Mailbox(msgspec.Struct, frozen=True):
    """An e-mail address, and the name of whoever reads there, which may be empty."""

    address: str
    name: str = ""


def find_address(text: str) -> str | None:
    """The address in the spelling that mail is sent to; None where ``text`` is none.

    The local part stays as it is (RFC 5321, and RFC 6531 beyond ASCII), the domain is in lower case and in IDNA form.
    Quoted local parts and address literals are not taken. A host without a dot is: mail may stay inside a house.
    """
    local, _, domain = text.strip(" ").rpartition("@")
    if len(domain) > MAX_ADDRESS or not _is_local_part(local):
        return None
    host = domain.lower()
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode()
        except idna.IDNAError:
            return None
    address = f"{local}@{host}"
    return address if _HOST.fullmatch(host) and len(address.encode()) <= MAX_ADDRESS else None


def _is_local_part(text: str) -> bool:
    """True for what may stand before the @ without quotes, in at most 64 bytes.

    Characters that are another one in disguise (full width letters, ligatures) are refused.
    """
    if len(text) > MAX_LOCAL or not _LOCAL.fullmatch(text):
        return False
    if text.isascii():
        return True
    if any(unicodedata.category(each) in _UNWRITABLE for each in text):
        return False
    return unicodedata.normalize("NFKC", text) == text and len(text.encode()) <= MAX_LOCAL


def comparable(address: str) -> str:
    """One spelling for all that differ in upper and lower case alone."""
    return (find_address(address) or address).lower()


def domain_of(address: str) -> str:
    """What stands after the @."""
    return address.rpartition("@")[2]
