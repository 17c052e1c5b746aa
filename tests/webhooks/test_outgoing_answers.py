"""What receivers answer: only 200 to 299 is success, and no answer costs more than it may."""

import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from tests.support.tenants import Tenant
from tests.support.web_servers import (
    Talk,
    answer,
    drip,
    endless,
    make_identity,
    silent,
    web_server,
)
from tests.webhooks.receivers import Endpoint, Hooks, answering, endpoint, receiver
from userhero.kernel.outbound import Caps, Outbound

CAPS = Caps(exchange_seconds=0.5)


@pytest.fixture
def caller(hooks: Hooks) -> Tenant:
    return hooks.tenant()


def told_by(hooks: Hooks, caller: Tenant, url: str) -> tuple[Endpoint, Any]:
    """An endpoint that was told of one event, and what became of that."""
    told = endpoint(caller, url)
    caller.new_feedback()
    hooks.catch_up()
    return told, told.only()


@pytest.mark.case("WHO-07")
@pytest.mark.parametrize("status", [200, 201, 202, 204, 206, 299])
def test_success(hooks: Hooks, caller: Tenant, status: int) -> None:
    """WHO-07."""
    with receiver(answering(status)) as server:
        _, found = told_by(hooks, caller, server.url)
    assert (found["status"], found["responseStatus"], found["error"]) == ("delivered", status, None)


@pytest.mark.case("WHO-07")
@pytest.mark.parametrize("status", [300, 304, 400, 401, 404, 408, 422, 451, 500, 502, 504, 599, 999])
def test_failure(hooks: Hooks, caller: Tenant, status: int) -> None:
    """WHO-07."""
    with receiver(answering(status)) as server:
        _, found = told_by(hooks, caller, server.url)
    assert (found["status"], found["responseStatus"]) == ("pending", status)
    assert str(status) in found["error"]


@pytest.mark.case("WHO-07")
@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 199 Early\r\n\r\n",
        b"HTTP/1.1 OK\r\n\r\n",
        b"HTTP/1.1 20 Short\r\n\r\n",
        b"SSH-2.0-OpenSSH\r\n",
        b"\x00" * 100,
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    ],
)
def test_what_is_no_answer(hooks: Hooks, caller: Tenant, said: bytes) -> None:
    """WHO-07: invalid status lines, empty replies, connections that break."""
    with web_server(answer(said)) as server:
        _, found = told_by(hooks, caller, server.url())
    assert len(server.heard) == 1
    assert (found["status"], found["responseStatus"], found["response"]) == ("pending", None, None)
    assert found["error"]


def test_a_certificate_that_nobody_vouches_for(hooks: Hooks, caller: Tenant, tmp_path: Path) -> None:
    """WHO-07: nothing is sent."""
    identity = make_identity(tmp_path / "tls", ["127.0.0.1"])
    with web_server(answer(answering(200)), tls=identity.server) as server:
        _, found = told_by(hooks, caller, server.url(scheme="https"))
    assert server.heard == []
    assert found["status"] == "pending"
    assert "certificate" in found["error"]


@pytest.mark.case("WHO-08")
@pytest.mark.parametrize(
    "talk", [silent, drip(b"", b"H"), drip(b"HTTP/1.1 200 OK\r\n", b"x"), drip(b"HTTP/1.1 200 OK\r\n\r\n", b"x")]
)
def test_who_dawdles_is_cut_off(hooks: Hooks, caller: Tenant, monkeypatch: pytest.MonkeyPatch, talk: Talk) -> None:
    """WHO-08: at the deadline of the whole exchange (15 s; here half a second), however alive it looks."""
    assert hooks.database.outbound.caps.exchange_seconds <= 20
    monkeypatch.setattr(hooks.database, "outbound", Outbound(hooks.database.outbound.guard, caps=CAPS))
    with web_server(talk) as server:
        _, found = told_by(hooks, caller, server.url())
    assert found["status"] == "pending"
    assert found["error"] == "There was no complete answer in time."
    assert 500 <= found["durationMs"] < 5_000


@pytest.mark.case("WHO-09")
@pytest.mark.parametrize("headers", [b"", b"Content-Encoding: gzip\r\n"])
def test_what_is_too_much_is_not_read(hooks: Hooks, caller: Tenant, headers: bytes) -> None:
    """WHO-09: of an answer without end, the first KiB is kept and hardly more is read; nothing is unpacked."""
    packed = zlib.compress(b"\0" * 1_000_000, 9, 31)
    with web_server(endless(b"HTTP/1.1 200 OK\r\n" + headers + b"\r\n", packed)) as server:
        _, found = told_by(hooks, caller, server.url())
    assert found["status"] == "delivered"
    assert len(found["response"]["body"]) <= 1024
    assert server.sent < 16 * 1024 * 1024, "what the system's buffers take, and no more"


@pytest.mark.case("SSRF-14")
def test_what_is_kept_of_an_answer(hooks: Hooks, caller: Tenant) -> None:
    """The first part, in text that can be shown; no cookies."""
    body = b"<script>\0\xff\xc3\xa4</script>" + b"y" * 2000
    long = "z" * 900
    with receiver(answering(500, body, Set_Cookie="session=1", X_Long=long, X_Note="caf\u00e9")) as server:
        told, found = told_by(hooks, caller, server.url)
    response = found["response"]
    assert response["status"] == 500
    assert response["body"].startswith("<script>\ufffd\ufffdä</script>")
    assert len(response["body"].encode()) <= 1024 + 4
    assert "set-cookie" not in response["headers"]
    assert response["headers"]["x-long"] == "z" * 256
    assert response["headers"]["content-length"] == str(len(body))
    shown = told.owner.get(f"{told.path}/deliveries/{found['id']}")
    assert shown.header("content-type") == "application/json"
    assert shown.header("x-content-type-options") == "nosniff"


def test_what_was_sent_is_shown_without_what_signs_it(hooks: Hooks, caller: Tenant) -> None:
    with receiver() as server:
        told, found = told_by(hooks, caller, server.url)
    (received,) = server.requests
    assert found["request"]["body"].encode() == received.body
    shown = {name.lower(): value for name, value in found["request"]["headers"].items()}
    hidden = {"webhook-signature", "x-userhero-signature"}
    assert {name for name, value in shown.items() if value == "(hidden)"} == hidden
    assert all(received.headers[name] == value for name, value in shown.items() if name not in hidden)
    everything = json.dumps([found, told.deliveries(), told.shown()])
    assert told.secret not in everything
    assert received.headers["x-userhero-signature"] not in everything
    assert received.headers["webhook-signature"] not in everything


def test_proxies_of_the_environment_are_not_asked(
    hooks: Hooks, caller: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They get to see nothing."""
    with receiver() as proxy, receiver() as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        told_by(hooks, caller, server.url)
    assert (len(proxy.requests), len(server.requests)) == (0, 1)


@pytest.mark.case("SSRF-01")
def test_an_address_that_may_not_be_reached_is_refused_when_it_is_sent_to(
    hooks: Hooks, caller: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was allowed when it was saved may be allowed no more."""
    with receiver() as server:
        told = endpoint(caller, server.url)
        monkeypatch.setattr(hooks.database, "outbound", Outbound())
        caller.new_feedback()
        hooks.catch_up()
        assert server.server.connections == 0
    found = told.only()
    assert (found["status"], found["responseStatus"]) == ("pending", None)
    assert "public host" in found["error"]
