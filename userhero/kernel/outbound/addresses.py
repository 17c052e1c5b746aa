"""Which IP addresses are public: a list of our own.

``ipaddress`` has an opinion too (``is_global``), which changes with the release of Python and lets through what leads
to an IPv4 address in disguise. Sources are the IANA special-purpose registries (RFC 6890) unless a line names others.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from userhero.kernel.config import ConfigurationError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

DENIED_4 = tuple(
    IPv4Network(each)
    for each in (
        "0.0.0.0/8",  # this host; 0.0.0.0 connects to it
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by customers of a provider (RFC 6598)
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # looks public, and is what a machine on Azure asks about itself
        "169.254.0.0/16",  # link-local; 169.254.169.254 is what machines on most clouds ask about themselves
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4 (RFC 7526)
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
# Nothing else is given out to hosts (RFC 4291, section 2.4). So ::, ::1, ::/96 (IPv4-compatible), 64:ff9b:1::/48
# (NAT64 of a network of one's own), 100::/64, 5f00::/16, fc00::/7, fe80::/10, fec0::/10 and ff00::/8 need no line here.
GIVEN_OUT_6 = IPv6Network("2000::/3")
DENIED_6 = tuple(
    IPv6Network(each)
    for each in (
        "2001::/23",  # protocol assignments: Teredo (2001::/32), benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3ffe::/16",  # the 6bone, given back (RFC 3701)
        "3fff::/20",  # documentation (RFC 9637)
    )
)
# RFC 6052: where a network has only IPv6, the rest of the internet is reached through these.
NAT64 = IPv6Network("64:ff9b::/96")


def read_address(text: str) -> Address | None:
    """The address, ``::ffff:0:0/96`` as the IPv4 address that it means; None where ``text`` is none or has a zone."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return None if address.scope_id is not None else address.ipv4_mapped or address
    return address


def is_public(address: Address) -> bool:
    """True where anybody on the internet could reach the same address. Expects what ``read_address`` returns."""
    if isinstance(address, IPv4Address):
        return not any(address in each for each in DENIED_4)
    if address in NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
    return address in GIVEN_OUT_6 and not any(address in each for each in DENIED_6)


def read_networks(text: str, setting: str = "outbound_allow") -> tuple[Network, ...]:
    """The networks in a list with commas, as in the setting ``outbound_allow``. Raises ConfigurationError."""
    return tuple(_network(each.strip(), setting) for each in text.split(","))


def _network(text: str, setting: str) -> Network:
    try:
        return ip_network(text)
    except ValueError:
        named = f"--{setting.replace('_', '-')} (USERHERO_{setting.upper()})"
        raise ConfigurationError(f"{named}: {text!r} is no network such as 10.1.0.0/16 or fd12:3456::/32") from None
