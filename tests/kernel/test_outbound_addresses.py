"""Which addresses are public: exact at the edges of every range, and blind to no disguise."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.ranges import RANGES_4, RANGES_6
from userhero.kernel.config import ConfigurationError
from userhero.kernel.outbound import Guard
from userhero.kernel.outbound.addresses import DENIED_4, Network, is_public, read_address, read_networks

IPV4 = st.ip_addresses(v=4).map(IPv4Address)
IPV6 = st.ip_addresses(v=6).map(IPv6Address)
# The neighbours of those ranges that lie among public addresses.
PUBLIC_6 = [
    "2000::",
    "2001:200::",
    "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
    "2001:db9::",
    "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2003::",
    "3ffd:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "3fff:1000::",
    "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2606:4700:4700::1111",
]


def permitted(text: str, *allowed: str) -> bool:
    address = read_address(text)
    return address is not None and Guard(map(ip_network, allowed)).permits(address)


def test_the_list_is_the_one_that_was_meant() -> None:
    assert [str(network) for network in DENIED_4] == RANGES_4


@pytest.mark.case("SSRF-02")
@pytest.mark.parametrize("text", RANGES_4)
def test_edges_of_ipv4_ranges(text: str) -> None:
    network = ip_network(text)
    first, last = int(network.network_address), int(network.broadcast_address)
    assert not is_public(IPv4Address(first))
    assert not is_public(IPv4Address(last))
    for neighbour in (first - 1, last + 1):
        if 0 <= neighbour < 2**32:
            inside_another = any(ip_address(neighbour) in ip_network(other) for other in RANGES_4)
            assert is_public(IPv4Address(neighbour)) is not inside_another


@pytest.mark.case("SSRF-02")
@pytest.mark.parametrize("text", RANGES_6)
def test_edges_of_ipv6_ranges(text: str) -> None:
    network = IPv6Network(text)
    assert not permitted(str(network.network_address))
    assert not permitted(str(network.broadcast_address))


@pytest.mark.parametrize("text", PUBLIC_6)
def test_ipv6_neighbours_are_public(text: str) -> None:
    assert permitted(text)


@pytest.mark.case("SSRF-04")
@pytest.mark.parametrize(
    "text",
    [
        "169.254.169.254",
        "255.255.255.255",
        "100.100.100.200",
        "::ffff:127.0.0.1",
        "::ffff:a9fe:a9fe",
        "::127.0.0.1",
        "::8.8.8.8",
        "64:ff9b::127.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::8.8.8.8",
        "64:ff9b:1:7f00:0:100::",
        "2002:7f00:1::",
        "2002:808:808::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "fd20:ce::254",
        "fe80::1%eth0",
        "2606:4700:4700::1111%eth0",
        "127.0.0.1 ",
        "",
        "localhost",
    ],
)
def test_disguises_and_what_is_no_address(text: str) -> None:
    assert not permitted(text)


@pytest.mark.case("SSRF-04")
@given(IPV4)
def test_ipv4_within_ipv6_is_judged_by_what_is_within(address: IPv4Address) -> None:
    public = is_public(address)
    assert permitted(f"::ffff:{address}") is public
    assert permitted(f"64:ff9b::{address}") is public


@pytest.mark.case("SSRF-04")
@given(IPV4)
def test_tunnels_are_refused_wherever_they_lead(address: IPv4Address) -> None:
    number = int(address)
    assert not is_public(IPv6Address(number))
    assert not is_public(IPv6Address((0x2002 << 112) | (number << 80) | 1))
    assert not is_public(IPv6Address((0x2001_0000 << 96) | (number ^ 0xFFFF_FFFF)))
    assert not is_public(IPv6Address((0x64_FF9B_0001 << 80) | number))


@given(st.one_of(IPV4, IPV6, st.sampled_from(RANGES_6).flatmap(lambda text: st.ip_addresses(network=text))))
def test_it_is_never_more_generous_than_the_library(address: IPv4Address | IPv6Address) -> None:
    plain = read_address(str(address))
    assert plain is not None
    if is_public(plain):
        assert plain.is_global
        assert not plain.is_multicast


@given(st.sampled_from(RANGES_4).flatmap(lambda text: st.ip_addresses(network=text)))
def test_all_of_a_range_is_refused(address: IPv4Address) -> None:
    assert not is_public(address)


@pytest.mark.case("SSRF-15")
def test_allowed_networks_open_themselves_and_nothing_else() -> None:
    assert permitted("10.1.255.255", "10.1.0.0/16")
    assert permitted("::ffff:10.1.0.1", "10.1.0.0/16")
    assert permitted("fd12::1", "10.1.0.0/16", "fd12::/32")
    for text in ("10.2.0.0", "10.0.255.255", "169.254.169.254", "127.0.0.1", "fd13::1", "::1"):
        assert not permitted(text, "10.1.0.0/16", "fd12::/32")
    assert permitted("8.8.8.8", "10.1.0.0/16")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("10.1.0.0/16", ["10.1.0.0/16"]),
        (" 10.1.0.0/16 , fd12::/32 ", ["10.1.0.0/16", "fd12::/32"]),
        ("192.168.7.9", ["192.168.7.9/32"]),
    ],
)
def test_lists_of_networks(text: str, found: list[str]) -> None:
    networks: tuple[Network, ...] = read_networks(text)
    assert [str(network) for network in networks] == found


@pytest.mark.parametrize("text", ["10.1.0.1/16", "intranet", "10.0.0.0/8,", "10.0.0.0/33", "10.0.0.0/8;fd12::/32", ","])
def test_what_is_no_list_of_networks(text: str) -> None:
    with pytest.raises(ConfigurationError, match="USERHERO_OUTBOUND_ALLOW"):
        read_networks(text)
