"""What is sent, and what comes back of an answer."""

import gzip
from collections.abc import Callable
from ipaddress import ip_network

import pytest

from tests.support.web_servers import HOST, OK, WebServer, answer, web_server
from userhero import __version__
from userhero.kernel.outbound import (
    Caps,
    Guard,
    NoConnection,
    Outbound,
    OutboundError,
    RefusedTarget,
    Request,
    Sent,
)

HERE = Guard([ip_network("127.0.0.0/8")])


def exchange(*parts: bytes, caps: Caps | None = None) -> Sent:
    """What comes back of an answer that is sent in these parts."""
    with web_server(answer(*parts)) as server:
        return Outbound(HERE).send(Request(url=server.url(), caps=caps))


def test_a_post_as_it_arrives() -> None:
    with web_server(answer(OK)) as server:
        sent = Outbound(HERE).send(
            Request(
                url=f"http://{HOST}:{server.port}/hook/ü?a=b%20c#fragment",
                headers=(("Content-Type", "application/json"), ("webhook-id", "msg_1")),
                body=b'{"event": "test"}',
            )
        )
    (heard,) = server.heard
    assert heard.split(b"\r\n") == [
        b"POST /hook/%C3%BC?a=b%20c HTTP/1.1",
        f"Host: {HOST}:{server.port}".encode(),
        f"User-Agent: UserHero/{__version__}".encode(),
        b"Accept-Encoding: identity",
        b"Content-Type: application/json",
        b"webhook-id: msg_1",
        b"Content-Length: 17",
        b"Connection: close",
        b"",
        b'{"event": "test"}',
    ]
    assert (sent.status, sent.body, sent.is_whole, sent.address) == (200, b"ok", True, HOST)
    assert sent.header("content-length") == "2"
    assert sent.header("retry-after") is None
    assert 0 <= sent.duration_ms < 15_000


def test_a_get_as_it_arrives() -> None:
    with web_server(answer(OK)) as server:
        Outbound(HERE).send(Request(url=server.url(), method="GET", headers=(("Accept", "application/json"),)))
    (heard,) = server.heard
    assert heard.startswith(b"GET /hook HTTP/1.1\r\nHost: ")
    assert heard.endswith(b"\r\nAccept: application/json\r\nConnection: close\r\n\r\n")
    assert b"content-length" not in heard.lower()


@pytest.mark.parametrize("body", [b"", b"x" * 3_000_000], ids=["none", "3 MB"])
def test_bodies_arrive_whole(body: bytes) -> None:
    with web_server(answer(OK)) as server:
        Outbound(HERE).send(Request(url=server.url(), body=body))
    head, _, arrived = server.heard[0].partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    assert arrived == body


@pytest.mark.parametrize("status", [200, 204, 206, 299, 300, 304, 400, 404, 410, 429, 500, 503, 599, 999])
def test_every_status_is_an_answer(status: int) -> None:
    sent = exchange(b"HTTP/1.1 %d Whatever\r\nContent-Length: 0\r\nRetry-After: 120\r\n\r\n" % status)
    assert (sent.status, sent.body, sent.is_whole) == (status, b"", True)
    assert sent.header("retry-after") == "120"


@pytest.mark.case("WHO-04")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status: int) -> None:
    with web_server(answer(OK)) as other:
        sent = exchange(b"HTTP/1.1 %d Moved\r\nLocation: %b\r\n\r\n" % (status, other.url().encode()))
    assert (sent.status, sent.header("location")) == (status, other.url())
    assert other.connections == 0


def test_no_cookie_comes_back() -> None:
    cookie = b"HTTP/1.1 200 OK\r\nSet-Cookie: id=1; Path=/\r\nContent-Length: 0\r\n\r\n"
    with web_server(answer(cookie)) as server:
        outbound = Outbound(HERE)
        for _ in range(2):
            outbound.send(Request(url=server.url()))
    assert len(server.heard) == 2
    assert not any(b"cookie" in heard.lower() for heard in server.heard)


@pytest.mark.case("SSRF-11")
def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    with web_server(answer(OK)) as proxy, web_server(answer(OK)) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://{HOST}:{proxy.port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        Outbound(HERE).send(Request(url=server.url()))
    assert (proxy.connections, server.connections) == (0, 1)


@pytest.mark.parametrize(
    ("parts", "body"),
    [
        (
            [
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                b"2\r\nab\r\n",
                b"1;x=y\r\nc\r\n0\r\nT: 1\r\n\r\n",
            ],
            b"abc",
        ),
        ([b"HTTP/1.1 200 OK\r\n\r\n", b"until the ", b"end"], b"until the end"),
        ([b"HTTP/1.0 200 OK\r\n\r\n", b"old"], b"old"),
        ([b"HTTP/1.1 200\r\nContent-Length: 3\r\n\r\nabcdefgh"], b"abc"),
        ([b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", OK], b"ok"),
        ([b"HTTP/1.1 204 No Content\r\n\r\n"], b""),
        ([bytes([byte]) for byte in OK], b"ok"),
    ],
    ids=["chunks", "until the end", "HTTP/1.0", "more than announced", "interim answers", "none", "byte by byte"],
)
def test_how_a_body_ends(parts: list[bytes], body: bytes) -> None:
    sent = exchange(*parts)
    assert (sent.body, sent.is_whole) == (body, True)


@pytest.mark.parametrize(("size", "is_whole"), [(99, True), (100, True), (101, False), (50_000, False)])
def test_a_body_is_read_up_to_the_cap(size: int, is_whole: bool) -> None:
    body = bytes(index % 251 for index in range(size))
    for head in (b"Content-Length: %d" % size, b"X: y"):
        sent = exchange(b"HTTP/1.1 200 OK\r\n%b\r\n\r\n" % head, body, caps=Caps(body_bytes=100))
        assert (sent.body, sent.is_whole) == (body[:100], is_whole)


def test_without_caps_of_its_own_a_request_has_64_kib() -> None:
    sent = exchange(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 70_000)
    assert (len(sent.body), sent.is_whole) == (65_536, False)


@pytest.mark.case("WHO-09")
def test_nothing_is_unpacked() -> None:
    packed = gzip.compress(bytes(10_000_000))
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    sent = exchange(head, packed)
    assert sent.body == packed
    assert sent.is_whole


def test_headers_are_kept_within_limits() -> None:
    many = b"".join(b"X-%d: %b\r\n" % (number, b"v" * 100) for number in range(100))
    sent = exchange(b"HTTP/1.1 200 OK\r\nLong: %b\r\nBytes: \xe9\r\n%b\r\n" % (b"l" * 5000, many))
    assert len(sent.headers) == 64
    assert sent.headers[0] == ("long", "l" * 1024)
    assert sent.headers[1] == ("bytes", "é")


@pytest.mark.parametrize(
    "headers",
    [
        (("Host", "other.example"),),
        (("user-agent", "Mozilla/5.0"),),
        (("Cookie", "a=b"),),
        (("Content-Length", "3"),),
        (("Transfer-Encoding", "chunked"),),
        (("Accept-Encoding", "gzip"),),
        (("Connection", "keep-alive"),),
        (("Expect", "100-continue"),),
        (("X-Note", "a\r\nInjected: yes"),),
        (("X-Note", "a\nb"),),
        (("X-Note", "\x00"),),
        (("X-Note", "ü"),),
        (("X Note", "a"),),
        (("", "a"),),
    ],
)
def test_headers_that_callers_can_not_send(headers: tuple[tuple[str, str], ...]) -> None:
    with web_server(answer(OK)) as server, pytest.raises(ValueError, match="not "):
        Outbound(HERE).send(Request(url=server.url(), headers=headers))
    assert server.connections == 0


def test_a_get_has_no_body() -> None:
    with web_server(answer(OK)) as server, pytest.raises(ValueError, match="a body with GET"):
        Outbound(HERE).send(Request(url=server.url(), method="GET", body=b"x"))
    assert server.connections == 0


@pytest.fixture
def closed_port() -> int:
    """A port that nobody listens on."""
    with web_server(answer(OK)) as server:
        return server.port


def test_a_closed_port(closed_port: int) -> None:
    with pytest.raises(NoConnection) as caught:
        Outbound(HERE).send(Request(url=f"http://{HOST}:{closed_port}/"))
    assert caught.value.message == "No connection to the host could be made."
    assert caught.value.code == "no_connection"
    assert isinstance(caught.value, OutboundError)


@pytest.mark.parametrize("guard", [Guard(), Guard([ip_network("10.0.0.0/8"), ip_network("::1/128")])])
def test_the_guard_is_what_stops_a_request(guard: Guard) -> None:
    """The same request, with and without the network allowed."""
    with web_server(answer(OK)) as server:
        for url in (server.url(), server.url("[::ffff:127.0.0.1]")):
            with pytest.raises(RefusedTarget) as caught:
                Outbound(guard).send(Request(url=url))
            assert HOST not in caught.value.message
    assert server.connections == 0
    with web_server(answer(OK)) as server:
        for url in (server.url(), server.url("[::ffff:127.0.0.1]")):
            assert Outbound(HERE).send(Request(url=url)).status == 200
    assert server.connections == 2


def test_ports_hold_for_allowed_networks_too() -> None:
    for port in (22, 6379):
        with pytest.raises(RefusedTarget, match="port 80, 443"):
            Outbound(HERE).send(Request(url=f"http://{HOST}:{port}/"))


@pytest.mark.parametrize("spell", [lambda server: server.url(), lambda server: server.url("hook.example")])
def test_the_address_is_the_one_that_was_connected_to(spell: Callable[[WebServer], str]) -> None:
    with web_server(answer(OK), host="127.0.0.3") as server:
        sent = Outbound(HERE, resolve=lambda _name: ["127.0.0.3"]).send(Request(url=spell(server)))
    assert sent.address == "127.0.0.3"
