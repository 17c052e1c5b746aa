"""What only a real server on a real socket can show."""

import json
import re
import socket
import threading
from collections.abc import Callable

import pytest

from tests.support.client import Response
from tests.support.live import LiveServer
from tests.support.problems import check_problem, rows_of, unchanged
from tests.support.tenants import Tenant

MIB = 1024 * 1024


@pytest.fixture
def caller(live_server: LiveServer) -> Tenant:
    return live_server.tenant()


def exchange(server: LiveServer, sent: bytes) -> bytes:
    """Send bytes as they are; returns everything that comes back until the server hangs up."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(sent)
        found = b""
        while part := connection.recv(65_536):
            found += part
        return found


def status_of(found: bytes) -> int:
    assert found.startswith(b"HTTP/1.1 "), found
    return int(found.split(b" ", 2)[1])


def head(caller: Tenant, method: str, target: str, *lines: str) -> bytes:
    fixed = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {caller.api_key}", *lines]
    return "\r\n".join([*fixed, "Connection: close", "", ""]).encode("latin-1")


def feedback(caller: Tenant, size: int = 0) -> bytes:
    good = json.dumps({"workspaceId": caller.workspace_id, "projectId": caller.project_id, "message": "x"})
    return (good[:-1] + " " * (size - len(good)) + "}").encode()


@pytest.mark.parametrize("target", ["/%ff", "/api/v1/%ff", "/api/v1/projects/%ff", "/api/v1/projects/%ed%a0%80"])
def test_a_path_that_is_no_text(live_server: LiveServer, caller: Tenant, target: str) -> None:
    for method in ("GET", "DELETE"):
        found = exchange(live_server, head(caller, method, target))
        assert status_of(found) == 404, found


@pytest.mark.parametrize(
    "target",
    ["/api/v1/projects?page=%ff", "/api/v1/projects?page=\xff", "/api/v1/projects?a=%00", "/api/v1/projects?%"],
)
def test_a_query_that_is_no_text(live_server: LiveServer, caller: Tenant, target: str) -> None:
    assert status_of(exchange(live_server, head(caller, "GET", target))) == 400


@pytest.mark.case("HTTP-03")
@pytest.mark.parametrize(
    "target",
    ["/api/v1/../v1/projects", "/api/v1//projects", "/api/v1/projects/", "/API/v1/projects", "/api%2Fv1/../.."],
)
def test_only_the_canonical_path_leads_somewhere(live_server: LiveServer, caller: Tenant, target: str) -> None:
    """No spelling of a path gets another decision than the one that is documented."""
    assert status_of(exchange(live_server, head(caller, "GET", target))) in (400, 404)


@pytest.mark.case("HTTP-06")
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "PUT", "BREW"])
def test_other_methods(caller: Tenant, method: str) -> None:
    answer = caller.request(method, "/projects")
    assert answer.status == 405
    assert answer.header("allow") == "GET, POST"


@pytest.mark.case("HTTP-09")
@pytest.mark.parametrize("path", ["/", "/api/v1/projects", "/api/v1/nothing", "/nothing", "/healthz"])
def test_nothing_says_which_release_of_what_answers(live_server: LiveServer, path: str) -> None:
    answer = live_server.client.request("GET", path)
    assert not re.search(r"[0-9]", answer.header("server") or "")
    assert answer.header("x-powered-by") is None


@pytest.mark.parametrize("chunked", [False, True], ids=["with length", "in chunks"])
@pytest.mark.parametrize("size", [MIB + 1, 3 * MIB, 15 * MIB])
def test_a_body_over_the_limit(live_server: LiveServer, caller: Tenant, size: int, chunked: bool) -> None:
    body = feedback(caller, size)
    with unchanged(live_server.database, caller):
        parts = [body[start : start + 65_536] for start in range(0, size, 65_536)] if chunked else body
        answer = caller.request("POST", "/feedback", headers=[("content-type", "application/json")], body=parts)
        check_problem(answer, "bad_request", naming=str(MIB))
    assert caller.get("/projects").status == 200


def test_a_body_at_the_limit_in_chunks(caller: Tenant) -> None:
    body = feedback(caller, MIB)
    parts = [body[start : start + 10_000] for start in range(0, MIB, 10_000)]
    headers = [("content-type", "application/json")]
    assert caller.request("POST", "/feedback", headers=headers, body=parts).status == 201


@pytest.mark.case("HTTP-01")
@pytest.mark.parametrize(
    ("lines", "body"),
    [
        (["Content-Length: 5", "Content-Length: 6"], b"{}    "),
        (["Content-Length: +5"], b"{}   "),
        (["Content-Length: 5, 5"], b"{}   "),
        (["Transfer-Encoding: xchunked"], b"2\r\n{}\r\n0\r\n\r\n"),
        (["Transfer-Encoding: chunked, identity"], b"2\r\n{}\r\n0\r\n\r\n"),
        (["Transfer-Encoding: chunked"], b"0x2\r\n{}\r\n0\r\n\r\n"),
        (["Transfer-Encoding: chunked"], b"2_0\r\n{}\r\n0\r\n\r\n"),
        (["Transfer-Encoding: chunked"], b"2\r\n{}xx0\r\n\r\n"),
        (["X-Odd : 1"], b""),
        (["X-Odd: a\0b"], b""),
        (["X-Odd: a", " folded"], b""),
    ],
)
def test_a_malformed_request_changes_nothing(
    live_server: LiveServer, caller: Tenant, lines: list[str], body: bytes
) -> None:
    with unchanged(live_server.database, caller):
        sent = head(caller, "POST", "/api/v1/feedback", "Content-Type: application/json", *lines) + body
        assert status_of(exchange(live_server, sent)) >= 400
    assert caller.get("/projects").status == 200


@pytest.mark.case("HTTP-02")
@pytest.mark.parametrize(
    "hosts",
    [
        [],
        [""],
        ["a.example", "b.example"],
        ["a.example", "a.example"],
        ["a.example, b.example"],
        ["a.example/path"],
        ["a.example:port"],
        ["a.example:123456"],
        ["user@a.example"],
        ["a example"],
        ["[::1"],
        ["\xfc.example"],
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/workspaces", "/healthz"])
def test_a_request_says_once_whom_it_is_for(
    live_server: LiveServer, caller: Tenant, hosts: list[str], path: str
) -> None:
    for version, refused in (("1.1", True), ("1.0", any(hosts))):
        lines = [f"GET {path} HTTP/{version}", *(f"Host: {host}" for host in hosts)]
        lines += [f"Authorization: Bearer {caller.api_key}", "Connection: close", "", ""]
        found = exchange(live_server, "\r\n".join(lines).encode("latin-1"))
        start, body = found.split(b"\r\n", 1)[0], found.split(b"\r\n\r\n", 1)[1]
        assert start.split(b" ")[1] == (b"400" if refused else b"200"), found
        assert not refused or json.loads(body)["error"]["code"] == "bad_request"


@pytest.mark.parametrize("host", ["a.example", "a.example:8000", "a.example:", "127.0.0.1", "[::1]:8000", "xn--a_b"])
def test_by_any_name(live_server: LiveServer, caller: Tenant, host: str) -> None:
    lines = [f"Host: {host}", f"Authorization: Bearer {caller.api_key}", "Connection: close", "", ""]
    found = exchange(live_server, "\r\n".join(["GET /api/v1/workspaces HTTP/1.1", *lines]).encode())
    assert status_of(found) == 200


@pytest.mark.case("HTTP-01")
def test_a_second_request_does_not_hide_in_the_first(live_server: LiveServer, caller: Tenant) -> None:
    """A length and chunks at once: whatever the server makes of it, there is one answer and no second request."""
    hidden = head(caller, "DELETE", f"/api/v1/projects/{caller.project_id}")
    body = b"0\r\n\r\n" + hidden
    for lines in (
        [f"Content-Length: {len(body)}", "Transfer-Encoding: chunked"],
        ["Transfer-Encoding: chunked", f"Content-Length: {len(body)}"],
        ["Transfer-Encoding: chunked", "Content-Length: 5"],
    ):
        with unchanged(live_server.database, caller):
            found = exchange(live_server, head(caller, "POST", "/api/v1/projects", *lines) + body)
            assert found.count(b"HTTP/1.1 ") == 1, found


def test_a_client_that_goes_away_in_the_middle(live_server: LiveServer, caller: Tenant) -> None:
    with unchanged(live_server.database, caller):
        body = feedback(caller)
        for sent in (len(body), len(body) - 1, 0):
            with socket.create_connection(("127.0.0.1", live_server.port), timeout=30) as connection:
                lines = ["Content-Type: application/json", f"Content-Length: {len(body) + 1}"]
                connection.sendall(head(caller, "POST", "/api/v1/feedback", *lines) + body[:sent])
        # One connection later the server has seen the others close.
        assert caller.get("/projects").status == 200


@pytest.mark.case("HTTP-05")
@pytest.mark.parametrize("size", [10_000, 60_000, 300_000])
def test_long_headers(live_server: LiveServer, caller: Tenant, size: int) -> None:
    found = exchange(live_server, head(caller, "GET", "/api/v1/workspaces", "X-Long: " + "x" * size))
    assert status_of(found) in (200, 400, 431)


@pytest.mark.case("HTTP-05")
def test_a_long_query(live_server: LiveServer, caller: Tenant) -> None:
    found = exchange(live_server, head(caller, "GET", "/api/v1/projects?cursor=" + "x" * 60_000))
    assert status_of(found) in (400, 414)


def together(work: Callable[[], Response], times: int) -> list[Response]:
    """The answers of so many threads that start at the same moment."""
    barrier, found = threading.Barrier(times), []

    def one() -> None:
        barrier.wait()
        found.append(work())

    threads = [threading.Thread(target=one) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == times, "a thread failed"
    return found


@pytest.mark.case("IDM-03")
def test_20_at_once_with_one_key_are_one(live_server: LiveServer, caller: Tenant) -> None:
    def create() -> Response:
        body = {"projectId": caller.project_id, "message": "Once"}
        return caller.post("/feedback", body, headers=[("idempotency-key", "k")])

    answers = together(create, 20)
    done = [answer for answer in answers if answer.status == 201]
    for answer in answers:
        if answer.status != 201:
            check_problem(answer, "conflict", naming="in progress")
            assert answer.header("retry-after") == "1"
    assert len({answer.body for answer in done}) == 1
    assert [answer.header("idempotent-replayed") for answer in done].count(None) == 1
    assert len(rows_of(live_server.database, caller)["feedback"]) == 1


@pytest.mark.case("DUR-13")
def test_numbers_are_never_given_twice(live_server: LiveServer, caller: Tenant) -> None:
    answers = together(lambda: caller.post("/feedback", {"projectId": caller.project_id, "message": "x"}), 30)
    assert sorted(answer.data["ticketNumber"] for answer in answers) == list(range(1, 31))
