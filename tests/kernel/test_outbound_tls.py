"""Over https the certificate has to be the host's, whatever address it was reached at."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from tests.support.web_servers import HOST, OK, Identity, answer, make_identity, web_server
from userhero.kernel.outbound import Guard, Outbound, Request, TlsFailure
from userhero.kernel.outbound.client import _system_trust

HERE = Guard([ip_network("127.0.0.0/8")])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def identity(folder: Path) -> Identity:
    return make_identity(folder / "good", ["hook.example", "xn--bcher-kva.example", "my_hook.example", HOST])


def sender(identity: Identity) -> Outbound:
    """Trusts this certificate alone; every name leads to this machine."""
    return Outbound(HERE, resolve=lambda _name: [HOST], tls=identity.client)


@pytest.mark.parametrize(
    ("host", "asked_for"),
    [
        ("hook.example", "hook.example"),
        ("HOOK.example.", "hook.example"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("my_hook.example", "my_hook.example"),
        (HOST, None),
    ],
)
def test_the_host_of_the_address_is_asked_for(identity: Identity, host: str, asked_for: str | None) -> None:
    with web_server(answer(OK), tls=identity.server) as server:
        sent = sender(identity).send(Request(url=server.url(host, "https"), body=b"{}"))
    assert (sent.status, sent.body, sent.address) == (200, b"ok", HOST)
    assert identity.asked_for[-1] == asked_for


def test_a_body_that_ends_with_the_connection(identity: Identity) -> None:
    with web_server(answer(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 50_000), tls=identity.server) as server:
        sent = sender(identity).send(Request(url=server.url("hook.example", "https")))
    assert (len(sent.body), sent.is_whole) == (50_000, True)


def refusal(outbound: Outbound, identity: Identity, host: str) -> str:
    with web_server(answer(OK), tls=identity.server) as server, pytest.raises(TlsFailure) as caught:
        outbound.send(Request(url=server.url(host, "https"), headers=(("Authorization", "Bearer secret"),)))
    assert server.connections == 1
    assert server.heard == []
    assert caught.value.message.startswith("The host's certificate is not trusted: ")
    return caught.value.message


@pytest.mark.case("SSRF-16")
def test_a_certificate_for_another_name(identity: Identity) -> None:
    message = refusal(sender(identity), identity, "other.example")
    assert "not valid for 'other.example'" in message
    assert HOST not in message


def test_a_certificate_for_another_address(folder: Path) -> None:
    """The address that is connected to does not count where the URL has a name, nor a name where it has an address."""
    by_address = make_identity(folder / "address", [HOST])
    refusal(sender(by_address), by_address, "hook.example")
    by_name = make_identity(folder / "name", ["hook.example"])
    refusal(sender(by_name), by_name, HOST)


@pytest.mark.case("SSRF-16")
def test_a_certificate_whose_time_is_over(folder: Path) -> None:
    expired = make_identity(folder / "expired", ["hook.example"], expired=True)
    assert "expired" in refusal(sender(expired), expired, "hook.example")


@pytest.mark.case("SSRF-16")
def test_a_certificate_that_nobody_vouches_for(folder: Path, identity: Identity) -> None:
    stranger = make_identity(folder / "stranger", ["hook.example"])
    refusal(sender(identity), stranger, "hook.example")


def test_unless_told_otherwise_the_system_says_whom_to_trust(identity: Identity) -> None:
    assert "self-signed" in refusal(Outbound(HERE, resolve=lambda _name: [HOST]), identity, "hook.example")


def test_the_system_can_be_told(identity: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for mail: SSL_CERT_FILE names certificates of one's own."""
    monkeypatch.setenv("SSL_CERT_FILE", str(identity.file))
    _system_trust.cache_clear()
    try:
        with web_server(answer(OK), tls=identity.server) as server:
            sent = Outbound(HERE, resolve=lambda _name: [HOST]).send(Request(url=server.url("hook.example", "https")))
    finally:
        _system_trust.cache_clear()
    assert sent.status == 200
