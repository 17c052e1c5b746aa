"""An address is read in one way or not at all, before it is saved as well as before it is sent to."""
# ruff: noqa: RUF001  (letters that look like others are what this is about)

import socket
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.ranges import RANGES_4, RANGES_6
from userhero.kernel.outbound import Guard, Outbound, RefusedTarget, Request
from userhero.kernel.outbound.target import read_target

DENIED = st.one_of(
    st.sampled_from(RANGES_4).flatmap(lambda text: st.ip_addresses(network=text)),
    st.sampled_from(RANGES_6).flatmap(lambda text: st.ip_addresses(network=text)),
)
# Every host here is 127.0.0.1 or another address of this machine, to one resolver or another.
LOOPBACK_HOSTS = [
    "127.0.0.1",
    "127.0.0.1.",
    "127.255.255.255",
    "0177.0.0.1",
    "0177.1",
    "017700000001",
    "0x7f.1",
    "0x7f.0x0.0x0.0x1",
    "0X7F.0.0.1",
    "0x7f000001",
    "2130706433",
    "2130706433.",
    "127.1",
    "127.0.1",
    "127.000.000.001",
    "127.0.0.0x1",
    "0x",
    "0",
    "0.0.0.0",
    "１２７.0.0.1",
    "１２７．０．０．１",
    "127。0。0。1",
    "127｡0｡0｡1",
    "①②⑦.⓪.⓪.①",
    "𝟏𝟐𝟕.𝟎.𝟎.𝟏",
    "２１３０７０６４３３",
    "０ｘ７ｆ.1",
    "127.0.0.1\u00ad",
    "127.0.0.\u200b1",
    "١٢٧.0.0.1",
    "%31%32%37.0.0.1",
    "127%2e0%2e0%2e1",
    "127.0.0.1%00",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::FFFF:7F00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
    "[::1%25lo]",
    "[::1%lo]",
    "[fe80::1%25eth0]",
    "[::１]",
    "[::1].",
    "[[::1]]",
    "[127.0.0.1]",
    "[v1.127.0.0.1]",
    "[::1",
    "::1]",
    "::1",
    "localhost",
    "LOCALHOST",
    "LocalHost.",
    "a.localhost",
    "a.b.localhost.",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "ｌｏｃａｌｈｏｓｔ",
    "loc\u00adalhost",
    "loc%61lhost",
]
OTHER_PRIVATE_HOSTS = [
    "10.0.0.1",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "169.254.169.254",
    "2852039166",
    "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]",
    "[64:ff9b::169.254.169.254]",
    "[fd00:ec2::254]",
    "[fec0::1]",
    "[fe80::1]",
    "[ff02::1]",
    "224.0.0.1",
    "255.255.255.255",
    "4294967295",
    "168.63.129.16",
    "metadata.google.internal",
    "METADATA.google.internal.",
]
TRICKS = [
    "http://good.example@127.0.0.1/",
    "http://user:pass@good.example/",
    "http://@good.example/",
    "http://good.example:80@127.0.0.1/",
    "http://127.0.0.1:80@good.example/",
    "http://127.0.0.1#@good.example/",
    "http://127.0.0.1?@good.example/",
    "http://127.0.0.1\\@good.example/",
    "http://good.example\\@127.0.0.1/",
    "http:\\\\127.0.0.1\\",
    "http://good.example\\.127.0.0.1/",
    "http:/127.0.0.1/",
    "http:127.0.0.1",
    "http:///127.0.0.1/",
    "//127.0.0.1/",
    "127.0.0.1",
    "http://",
    "http:///path",
    "http://:80/",
    "http://?",
    "http://./",
    "http://../",
    "http://good.example../",
    "http://.good.example/",
    "http://good..example/",
    "http://-good.example/",
    f"http://{'a' * 64}.example/",
    f"http://{'a.' * 127}example/",
    f"http://good.example/{'a' * 2048}",
    " http://good.example/",
    "http://good.example/ ",
    "http://good.example/a b",
    "http://good.example/a\\b",
    "http://8.8.8.8./",
    "http://８.8.8.8/",
    "http://134744072/",
    "http://good.example /",
    "http://127.0.0.1 .good.example/",
    "http://127.0.0.1\t.good.example/",
    "http://good\t.example/",
    "ht\ntp://good.example/",
    "http://good.example/\r\nHost: other",
    "http://good.example/\x00",
    "http://good.example/\u2028",
    "http://good.example/\ud800",
    "http://good%2eexample/",
    "http://good.example%2f@127.0.0.1/",
    "http://good.example;127.0.0.1/",
    "http://good.example,127.0.0.1/",
    "http://good.example／@127.0.0.1/",
    "http://good.example＠127.0.0.1/",
    "http://good.example＃/",
    "http://[2606:4700::1]good/",
    "http://good[2606:4700::1]/",
    "http://[]/",
]
PORTS = ["0", "00080", "080", "1", "22", "25", "53", "81", "445", "1023", "6379", "6667", "11211", "65536", "99999"]
PORTS += ["-1", "+80", "8e3", "0x50", "８０", "", "80:80", "http", "808080"]
SCHEMES = [
    "file",
    "ftp",
    "gopher",
    "data",
    "javascript",
    "dict",
    "ws",
    "wss",
    "ldap",
    "https+unix",
    "hTTpx",
    "h\u017ftp",
]


def refused(url: str, guard: Guard | None = None) -> str:
    with pytest.raises(RefusedTarget) as caught:
        (guard or Guard()).check_literal(url)
    assert caught.value.message == f"The address {caught.value.rule}."
    return caught.value.rule


@pytest.mark.figure(no="H9")
@pytest.mark.case("SSRF-03")
@pytest.mark.parametrize("host", LOOPBACK_HOSTS + OTHER_PRIVATE_HOSTS)
@pytest.mark.parametrize("form", ["http://{}", "https://{}/hook?a=b#c", "HTTP://{}:8080/"])
def test_hosts_that_are_not_public_in_any_spelling(host: str, form: str) -> None:
    refused(form.format(host))


@pytest.mark.figure(no="H9")
@pytest.mark.case("SSRF-03")
@pytest.mark.parametrize("host", LOOPBACK_HOSTS)
def test_they_are_refused_when_they_are_sent_to(host: str) -> None:
    """However it came to be saved: nothing is looked up, let alone connected to."""

    def resolve(name: str) -> list[str]:
        raise AssertionError(name)

    with pytest.raises(RefusedTarget):
        Outbound(resolve=resolve).send(Request(url=f"http://{host}:8080/"))


@pytest.mark.figure(no="H9")
@pytest.mark.case("SSRF-05")
@pytest.mark.parametrize("url", TRICKS)
def test_tricks(url: str) -> None:
    refused(url)
    refused(url.replace("http", "https", 1))


@pytest.mark.case("SSRF-05")
@pytest.mark.parametrize("port", PORTS)
def test_ports(port: str) -> None:
    for host in ("good.example", "8.8.8.8", "[2606:4700::1]"):
        refused(f"http://{host}:{port}/")


@pytest.mark.case("SSRF-12")
@pytest.mark.parametrize("scheme", SCHEMES)
def test_schemes(scheme: str) -> None:
    for url in (f"{scheme}://good.example/", f"{scheme}:good.example", f"{scheme}:///etc/passwd"):
        assert refused(url) == "must be an absolute http or https address"


@pytest.mark.parametrize(
    ("url", "authority", "port", "path"),
    [
        ("http://good.example", "good.example", 80, "/"),
        ("HTTPS://Good.Example./Hook?A=b", "good.example", 443, "/Hook?A=b"),
        ("https://good.example:443/", "good.example", 443, "/"),
        ("https://good.example:80/", "good.example:80", 80, "/"),
        ("http://good.example:8080?a=b", "good.example:8080", 8080, "/?a=b"),
        ("http://good.example:65535/a/../b//c#fragment", "good.example:65535", 65535, "/a/../b//c"),
        ("http://good.example/%7Euser/%2e/ü?ä=€", "good.example", 80, "/%7Euser/%2e/%C3%BC?%C3%A4=%E2%82%AC"),
        ("http://good.example/a@b:c/[x]{y}|^`<>\"'", "good.example", 80, "/a@b:c/[x]{y}|^`<>\"'"),
        ("https://bücher.example/", "xn--bcher-kva.example", 443, "/"),
        ("https://BÜCHER。example/", "xn--bcher-kva.example", 443, "/"),
        ("https://faß.example/", "xn--fa-hia.example", 443, "/"),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example", 443, "/"),
        ("http://my_service.internal/", "my_service.internal", 80, "/"),
        ("http://intranet/", "intranet", 80, "/"),
        ("http://8.8.8.8/", "8.8.8.8", 80, "/"),
        ("http://[2606:4700:4700:0:0:0:0:1111]:8443/", "[2606:4700:4700::1111]:8443", 8443, "/"),
        ("http://[::ffff:8.8.8.8]/", "8.8.8.8", 80, "/"),
        ("http://localhost.example/", "localhost.example", 80, "/"),
        ("http://127.0.0.1.example/", "127.0.0.1.example", 80, "/"),
        ("http://1e100.net/", "1e100.net", 80, "/"),
        ("http://0x7f.1.example/", "0x7f.1.example", 80, "/"),
    ],
)
def test_what_may_be_saved(url: str, authority: str, port: int, path: str) -> None:
    Guard().check_literal(url)
    target = read_target(url)
    assert (target.authority, target.port, target.path) == (authority, port, path)


def test_rules_are_told() -> None:
    assert (
        refused("http://10.0.0.1/") == "must lead to a public host, not to this machine or a network that is not public"
    )
    assert refused("http://user@good.example/") == "must not contain a user or password"
    assert "four decimal numbers" in refused("http://0x08080808/")
    assert "port 80, 443" in refused("http://good.example:22/")
    assert "blanks" in refused("http://good.example/a b")
    assert "2048" in refused("http://good.example/" + "a" * 2048)


def test_an_operators_networks() -> None:
    intranet = Guard([ip_network("10.1.0.0/16"), ip_network("fd12::/32")])
    for url in ("http://10.1.2.3/", "http://[fd12::1]/", "http://[::ffff:10.1.2.3]/"):
        intranet.check_literal(url)
        refused(url)
    for url in ("http://10.2.0.1/", "http://169.254.169.254/", "http://localhost/", "http://0x0a010203/"):
        refused(url, intranet)
    here = Guard([ip_network("127.0.0.0/8")])
    for url in ("http://127.0.0.1/", "http://localhost:8080/", "http://a.localhost/"):
        here.check_literal(url)
    for url in ("http://[::1]/", "http://127.1/", "http://metadata.google.internal/"):
        refused(url, here)


def spellings(address: IPv4Address) -> list[str]:
    """What ``inet_aton`` reads as this address."""
    number = int(address)
    a, b, c, d = address.packed
    return [
        str(address),
        str(number),
        hex(number),
        f"0{number:o}",
        f"{a}.{number & 0xFFFFFF}",
        f"{a}.{b}.{number & 0xFFFF}",
        f"0x{a:x}.{b}.0{c:o}.0X{d:X}",
        f"0{a:03o}.{b:03d}.{c}.{d}",
    ]


@pytest.mark.case("SSRF-01")
@given(DENIED, st.sampled_from(["http", "https"]))
def test_every_address_that_is_denied_in_its_spellings(address: IPv4Address | IPv6Address, scheme: str) -> None:
    if isinstance(address, IPv4Address):
        hosts = spellings(address)
        hosts += [f"[::ffff:{address}]", f"[64:ff9b::{address}]", f"[::{address}]"]
        hosts += [
            text.translate({ord(str(digit)): 0xFF10 + digit for digit in range(10)}) for text in spellings(address)
        ]
    else:
        hosts = [f"[{address}]", f"[{address.exploded}]", f"[{str(address).upper()}]"]
    for host in hosts:
        refused(f"{scheme}://{host}/")


HOST_LETTERS = st.text(st.sampled_from("0123456789abcdefxX.:[]%@-_ⓛ１。０x①Ａé/\\#?\t \u00ad"), max_size=20)


@given(st.one_of(HOST_LETTERS, st.text(max_size=30)), st.sampled_from(["", ":80", ":8080", "/", "@8.8.8.8"]))
def test_what_is_taken_for_a_name_is_none_of_the_resolvers_addresses(host: str, rest: str) -> None:
    """Whatever passes is a name to the system too, or an address that both read alike."""
    try:
        target = read_target(f"http://{host}{rest}")
    except RefusedTarget:
        return
    try:
        found = {str(each[4][0]) for each in socket.getaddrinfo(target.host, None, flags=socket.AI_NUMERICHOST)}
    except OSError:
        found = set()
    assert found == ({target.host} if target.literal is not None else set())


@given(st.text())
def test_nothing_else_than_a_refusal_is_raised(text: str) -> None:
    with suppress(RefusedTarget):
        Guard().check_literal(text)
