"""The address of a request, taken apart once and strictly: what is checked is what is connected to.

Everything that two programs are known to read in two ways is refused rather than read: blanks and backslashes, users
before an @, percent signs in the host, IPv4 addresses in other than four decimal numbers.
"""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote

import idna
import msgspec

from userhero.kernel.outbound.addresses import Address, read_address
from userhero.kernel.outbound.errors import RefusedTarget

MAX_URL, MAX_NAME = 2048, 253
_PORTS = {"http": 80, "https": 443}
# Services that take what an HTTP request has in it for commands of theirs: the Fetch standard's list of bad ports from
# 1024 up, Redis and memcached. Below 1024 only HTTP's own are left.
_OTHERS_PORTS = frozenset(
    {1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697}
    | {10080, 11211}
)
_URL = re.compile(r"(?P<scheme>[A-Za-z]+)://(?P<authority>[^/?#]*)(?P<rest>[^#]*)(?:#.*)?")
_AUTHORITY = re.compile(r"(?P<host>\[[^\[\]@]*\]|[^\[\]:@]*)(?::(?P<port>[1-9][0-9]{0,4}))?")
_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*")
# What the resolver may take for an IPv4 address in another spelling (inet_aton: octal, hexadecimal, fewer parts).
_NUMERIC = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_VISIBLE = "".join(map(chr, range(0x21, 0x7F)))


class Target(msgspec.Struct, frozen=True):
    """Where a request goes. ``host`` is a name in lower-case ASCII or an address, ``path`` includes the query.

    ``literal`` is the host where it is an address.
    """

    scheme: str
    host: str
    port: int
    path: str
    literal: Address | None

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def read_target(url: str) -> Target:
    """The target of a URL; its fragment is dropped. Raises RefusedTarget for whatever is no plain http(s) URL.

    Nothing is looked up, and whether the host is public is not asked.
    """
    if len(url) > MAX_URL:
        raise RefusedTarget(f"must have {MAX_URL} characters at the most")
    if not url.isprintable() or " " in url or "\\" in url:
        raise RefusedTarget("must not contain blanks, control characters or backslashes")
    found = _URL.fullmatch(url)
    scheme = found["scheme"].lower() if found else ""
    if found is None or scheme not in _PORTS:
        raise RefusedTarget("must be an absolute http or https address")
    if "@" in found["authority"]:
        raise RefusedTarget("must not contain a user or password")
    authority = _AUTHORITY.fullmatch(found["authority"])
    if authority is None:
        raise RefusedTarget("must have a host, and after a colon nothing but the number of a port")
    host, literal = _host(authority["host"])
    rest = quote(found["rest"], safe=_VISIBLE)
    path = rest if rest.startswith("/") else f"/{rest}"
    return Target(scheme, host, _port(scheme, authority["port"]), path, literal)


def _port(scheme: str, text: str | None) -> int:
    port = int(text) if text else _PORTS[scheme]
    is_web = port in _PORTS.values() or 1024 <= port <= 65535
    if not is_web or port in _OTHERS_PORTS:
        raise RefusedTarget("must have port 80, 443, or one from 1024 to 65535 that no other service is known by")
    return port


def _host(text: str) -> tuple[str, Address | None]:
    if text.startswith("["):
        literal = _ipv6(text[1:-1])
        return str(literal), literal
    name = _name(text)
    if not _NUMERIC.fullmatch(name):
        return name, None
    try:
        address = IPv4Address(text)
    except AddressValueError:
        raise RefusedTarget("must have its host as a name, or as four decimal numbers such as 198.51.100.7") from None
    return str(address), address


def _ipv6(text: str) -> Address:
    try:
        # Not all that reads as IPv6 is an address here: a zone is not.
        address = read_address(str(IPv6Address(text)))
    except AddressValueError:
        address = None
    if address is None:
        raise RefusedTarget("must have an IPv6 address, without a zone, between the brackets")
    return address


def _name(text: str) -> str:
    """The name as it is looked up: IDNA (UTS 46, which also maps full-width and encircled characters), no last dot."""
    name = text.lower()
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True, std3_rules=True).decode().lower()
        except UnicodeError:
            name = ""
    name = name.removesuffix(".")
    if len(name) > MAX_NAME or not _NAME.fullmatch(name):
        raise RefusedTarget("must have a host that is a name or an IP address")
    return name
