"""Servers that nobody should have to do with: none of them holds a sender up, or fills its memory."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import IPv4Address, ip_network

import pytest

from tests.support.web_servers import (
    OK,
    Identity,
    Talk,
    WebServer,
    answer,
    drip,
    endless,
    make_identity,
    silent,
    web_server,
)
from userhero.kernel.outbound import (
    BrokenAnswer,
    Caps,
    Guard,
    NoConnection,
    Outbound,
    OutboundError,
    Request,
    Sent,
    TimedOut,
    TlsFailure,
)
from userhero.kernel.outbound.connection import Wire
from userhero.kernel.outbound.exchange import Exchange
from userhero.kernel.outbound.limits import Deadline
from userhero.kernel.outbound.target import Target

HERE = Guard([ip_network("127.0.0.0/8")])
SHORT = Caps(exchange_seconds=0.3)
# Far from the deadline, and yet within what a busy machine takes.
AT_MOST_MS = 4000
HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return make_identity(tmp_path_factory.mktemp("tls"), ["127.0.0.1"])


def failure(talk: Talk, *, body: bytes = b"", caps: Caps = SHORT, scheme: str = "http") -> OutboundError:
    """What becomes of a request to such a server."""
    with web_server(talk) as server, pytest.raises(OutboundError) as caught:
        Outbound(HERE).send(Request(url=server.url(scheme=scheme), caps=caps, body=body))
    assert server.connections == 1
    assert caught.value.duration_ms < AT_MOST_MS
    return caught.value


def hears_and_says_nothing(connection: socket.socket, server: WebServer) -> None:
    connection.recv(65536)
    server.over.wait(20)


@pytest.mark.case("WHO-08")
@pytest.mark.parametrize(
    "talk",
    [
        silent,
        hears_and_says_nothing,
        drip(b"", b"H"),
        drip(HEAD, b"x"),
        drip(HEAD + b"X: ", b"y"),
        drip(HEAD + b"Content-Length: 100000\r\n\r\n", b"x"),
        drip(HEAD + b"\r\n", b"x"),
        drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
        drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n2;", b"x"),
        drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\nT: ", b"x"),
        drip(b"HTTP/1.1 100 Continue\r\n\r\n", b"H"),
    ],
    ids=["deaf", "mute", "status", "name", "value", "body", "no length", "size", "extension", "trailer", "interim"],
)
def test_a_deadline_is_for_the_whole_exchange(talk: Talk) -> None:
    late = failure(talk)
    assert isinstance(late, TimedOut)
    assert (late.code, late.message) == ("timed_out", "There was no complete answer in time.")
    assert late.duration_ms >= 300


def test_a_server_that_takes_nothing_in() -> None:
    """What fits into no buffer on the way has to wait; so does whoever sends it, but not for ever."""
    assert isinstance(failure(silent, body=bytes(20_000_000)), TimedOut)


def sip(connection: socket.socket, server: WebServer) -> None:
    while not server.over.wait(0.02):
        connection.recv(4096)


def test_a_server_that_takes_little_in() -> None:
    assert isinstance(failure(sip, body=bytes(20_000_000)), TimedOut)


def test_a_deadline_is_for_all_of_a_request() -> None:
    """Every write succeeds, and each has room for a little only."""
    ours, theirs = socket.socketpair()
    over = threading.Event()

    def sip() -> None:
        while not over.wait(0.01):
            theirs.recv(2048)

    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    reader = threading.Thread(target=sip)
    reader.start()
    deadline = Deadline(0.3)
    with ours, theirs:
        with pytest.raises(TimeoutError):
            Wire(ours, IPv4Address("127.0.0.1"), deadline).send(bytes(20_000_000))
        over.set()
        reader.join()
    assert deadline.spent_ms() < AT_MOST_MS


def test_a_server_that_takes_little_in_over_tls(identity: Identity) -> None:
    outbound = Outbound(HERE, tls=identity.client, caps=SHORT)
    with web_server(sip, tls=identity.server) as server, pytest.raises(TimedOut) as caught:
        outbound.send(Request(url=server.url(scheme="https"), body=bytes(20_000_000)))
    assert caught.value.duration_ms < AT_MOST_MS


@pytest.mark.parametrize("start", [b"", b"\x16\x03\x03\x40\x00\x02"], ids=["nothing", "half a record"])
def test_a_tls_handshake_that_hangs(start: bytes) -> None:
    def talk(connection: socket.socket, server: WebServer) -> None:
        connection.recv(65536)
        connection.sendall(start)
        while not server.over.wait(0.02):
            connection.sendall(start[:1])

    assert isinstance(failure(talk, scheme="https"), TimedOut)


def test_an_answer_that_drips_over_tls(identity: Identity) -> None:
    with web_server(drip(HEAD, b"x"), tls=identity.server) as server, pytest.raises(TimedOut) as caught:
        Outbound(HERE, tls=identity.client, caps=SHORT).send(Request(url=server.url(scheme="https")))
    assert caught.value.duration_ms < AT_MOST_MS


@contextmanager
def deaf_port(host: str = "127.0.0.1") -> Iterator[int]:
    """A port whose queue is full: the system there takes no more connections, and does not say so."""
    with socket.socket() as full, ExitStack() as waiting:
        full.bind((host, 0))
        full.listen(0)
        for _ in range(8):
            each = waiting.enter_context(socket.socket())
            each.setblocking(False)
            each.connect_ex(full.getsockname())
        yield full.getsockname()[1]


@pytest.mark.parametrize("addresses", [1, 3])
def test_a_connection_that_is_never_made(addresses: int) -> None:
    outbound = Outbound(HERE, resolve=lambda _name: ["127.0.0.1"] * addresses, caps=Caps(connect_seconds=0.2))
    with deaf_port() as port, pytest.raises(NoConnection) as caught:
        outbound.send(Request(url=f"http://hook.example:{port}/"))
    assert caught.value.message == "No connection to the host could be made."
    assert 200 <= caught.value.duration_ms < AT_MOST_MS


def test_a_connection_that_is_never_made_before_the_deadline() -> None:
    with deaf_port() as port, pytest.raises(TimedOut) as caught:
        Outbound(HERE, caps=Caps(exchange_seconds=0.2)).send(Request(url=f"http://127.0.0.1:{port}/"))
    assert 200 <= caught.value.duration_ms < AT_MOST_MS


def test_an_address_that_is_deaf_leaves_time_for_the_next() -> None:
    with deaf_port("127.0.0.2") as port, web_server(answer(OK), port=port) as server:
        outbound = Outbound(HERE, resolve=lambda _name: ["127.0.0.2", "127.0.0.1"], caps=Caps(connect_seconds=1))
        sent = outbound.send(Request(url=server.url("hook.example")))
    assert sent.address == "127.0.0.1"
    assert sent.duration_ms >= 500


def test_a_handshake_has_the_time_that_is_left_and_not_that_for_connecting(identity: Identity) -> None:
    def late(connection: socket.socket, server: WebServer) -> None:
        server.over.wait(0.5)
        with identity.server.wrap_socket(connection, server_side=True) as encrypted:
            answer(OK)(encrypted, server)

    with web_server(late) as server:
        outbound = Outbound(HERE, tls=identity.client, caps=Caps(connect_seconds=0.3))
        assert outbound.send(Request(url=server.url(scheme="https"))).status == 200


def reset(connection: socket.socket, server: WebServer) -> None:
    connection.recv(65536)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hang_up(connection: socket.socket, server: WebServer) -> None:
    connection.recv(65536)


@pytest.mark.parametrize(
    ("talk", "message"),
    [
        (reset, "The connection broke before the answer was complete."),
        (hang_up, "The host hung up without an answer."),
        (answer(b""), "The host hung up without an answer."),
        (answer(HEAD), "The answer is not valid HTTP, or its headers are too long."),
        (answer(HEAD + b"Content-Length: 10\r\n\r\nabc"), "The answer's body is not complete."),
        (answer(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab"), "The answer's body is not complete."),
        (answer(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), "The answer's body is not complete."),
        (
            answer(HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n"),
            "The answer is not valid HTTP, or its headers are too long.",
        ),
    ],
    ids=["reset", "hang up", "empty", "half a head", "short", "half a chunk", "bad chunk", "unknown coding"],
)
def test_answers_that_break_off(talk: Talk, message: str) -> None:
    broken = failure(talk, caps=Caps())
    assert isinstance(broken, BrokenAnswer)
    assert (broken.code, broken.message) == ("broken_answer", message)


@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"220 mail.example.com ESMTP\r\n\r\n",
        b"<html>no head at all</html>\r\n\r\n",
        b"HTTP/1.1 OK\r\n\r\n",
        b"HTTP/1.1 1000 Much\r\n\r\n",
        b"HTTP/1.1 099 Little\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        b"\x15\x03\x01\x00\x02\x02\x0a",
        bytes(1000),
        b"\r\n" * 1000,
    ],
)
def test_what_is_no_http(said: bytes) -> None:
    assert isinstance(failure(answer(said), caps=Caps()), BrokenAnswer)


def told(talk: Talk, caps: Caps | None = None) -> tuple[Sent | OutboundError, WebServer]:
    """What comes of an answer that would not end, and the server, which knows how much of it was taken."""
    with web_server(talk) as server:
        try:
            result: Sent | OutboundError = Outbound(HERE).send(Request(url=server.url(), caps=caps))
        except OutboundError as error:
            result = error
    # What the two systems keep in their buffers comes on top of what was read.
    assert server.sent < 16 * 1024 * 1024
    return result, server


@pytest.mark.parametrize(
    "talk",
    [
        endless(b"", b"HTTP/1.1 " * 100),
        endless(HEAD, b"X-Header: value\r\n" * 100),
        endless(HEAD + b"X-Header: ", b"v" * 4096),
        endless(HEAD, b" folded\r\n" * 100),
        endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
        endless(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 100),
        endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x" * 4096),
        endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"Trailer: x\r\n" * 100),
    ],
    ids=["status", "headers", "one header", "folds", "continue", "hints", "extension", "trailers"],
)
def test_heads_without_end(talk: Talk) -> None:
    result, _ = told(talk)
    assert isinstance(result, BrokenAnswer)


@pytest.mark.case("WHO-09")
@pytest.mark.parametrize(
    ("head", "part"),
    [
        (b"Content-Length: 104857600", b"x" * 65536),
        (b"X: no length", b"x" * 65536),
        (b"Transfer-Encoding: chunked", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
        (b"Content-Encoding: gzip", b"\x1f\x8b\x08\x00" + bytes(65532)),
    ],
    ids=["announced", "no length", "chunks", "packed"],
)
def test_bodies_without_end(head: bytes, part: bytes) -> None:
    result, _ = told(endless(HEAD + head + b"\r\n\r\n", part))
    assert isinstance(result, Sent)
    assert (len(result.body), result.is_whole) == (65_536, False)


def test_chunks_that_are_all_wrapping() -> None:
    """Of these a body would take in a thousand times its size."""
    chunk = b"1;" + b"x" * 1000 + b"\r\nz\r\n"
    result, _ = told(endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", chunk * 10))
    assert isinstance(result, Sent)
    assert not result.is_whole
    assert 0 < len(result.body) < 1000


def test_heads_are_capped_where_the_caps_say() -> None:
    head = HEAD + b"X: " + b"y" * 20_000 + b"\r\nContent-Length: 0\r\n\r\n"
    assert isinstance(told(answer(head, b""))[0], Sent)
    slow = answer(*(head[at : at + 1000] for at in range(0, len(head), 1000)))
    assert isinstance(told(slow, Caps(head_bytes=2_000))[0], BrokenAnswer)


def test_an_answer_before_the_end_of_the_request() -> None:
    """A server may say that it is too much for it: that is worth more than that it took no more."""

    def talk(connection: socket.socket, server: WebServer) -> None:
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass

    with web_server(talk) as server:
        sent = Outbound(HERE).send(Request(url=server.url(), body=bytes(3_000_000)))
    assert sent.status == 413


def test_an_answer_of_one_that_has_hung_up() -> None:
    address = IPv4Address("127.0.0.1")
    exchange = Exchange(Target("http", str(address), 80, "/", address), "POST", (), bytes(3_000_000), Caps())
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
    with ours:
        assert exchange.hold(Wire(ours, address, Deadline(5))).status == 413


def plain(connection: socket.socket, server: WebServer) -> None:
    connection.recv(65536)
    connection.sendall(OK)


@pytest.mark.parametrize("talk", [reset, hang_up, plain])
def test_what_does_not_speak_tls(talk: Talk) -> None:
    failed = failure(talk, caps=Caps(), scheme="https")
    assert isinstance(failed, TlsFailure)
    assert (failed.code, failed.message) == ("tls", "The host did not agree on TLS.")
