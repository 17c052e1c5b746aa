"""Headers that every answer carries, whatever it says."""

from collections.abc import Callable

import pytest

from tests.support.client import Client, Response
from tests.support.problems import REQUEST_ID
from tests.support.tenants import Tenant, Tenants

Send = Callable[[Tenant], Response]


def _twice(caller: Tenant) -> Response:
    for _ in range(2):
        answer = caller.post("/projects", {"name": "x"}, headers=[("idempotency-key", "k")])
    return answer


ANSWERS: dict[str, tuple[int, Send]] = {
    "list": (200, lambda caller: caller.get("/feedback")),
    "object": (200, lambda caller: caller.get(f"/projects/{caller.project_id}")),
    "created": (201, lambda caller: caller.post("/projects", {"name": "x"})),
    "changed": (200, lambda caller: caller.patch(f"/projects/{caller.project_id}", {"name": "y"})),
    "deleted": (200, lambda caller: caller.delete(f"/projects/{caller.project_id}")),
    "not modified": (
        304,
        lambda caller: caller.get(f"/projects/{caller.project_id}", headers=[("if-none-match", "*")]),
    ),
    "bad request": (400, lambda caller: caller.get("/feedback", page="x")),
    "unknown object": (404, lambda caller: caller.get("/feedback/fb_none")),
    "unknown path": (404, lambda caller: caller.get("/nothing")),
    "wrong method": (405, lambda caller: caller.request("PUT", "/feedback")),
    "stale": (412, lambda caller: caller.delete(f"/projects/{caller.project_id}", headers=[("if-match", '"x"')])),
    "replayed": (201, _twice),
}
UNKEYED: dict[str, tuple[int, Send]] = {
    "unauthorized": (401, lambda caller: caller.client.request("GET", "/api/v1/feedback")),
    "unknown path": (404, lambda caller: caller.client.request("GET", "/api/v1/nothing")),
    "wrong method": (405, lambda caller: caller.client.request("DELETE", "/api/v1/feedback")),
    "preflight": (
        405,
        lambda caller: caller.client.request(
            "OPTIONS",
            "/api/v1/feedback",
            headers=[("origin", "https://example.com"), ("access-control-request-method", "POST")],
        ),
    ),
}


def check_fixed(answer: Response) -> None:
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.header("cache-control") == "no-store"
    assert answer.header("content-security-policy") == "default-src 'none'; frame-ancestors 'none'"
    assert answer.header("referrer-policy") == "no-referrer"
    assert str(answer.header("strict-transport-security")).startswith("max-age=31536000")
    assert REQUEST_ID.fullmatch(answer.header("x-request-id") or "")
    names = [name for name, _ in answer.headers]
    assert not [name for name in names if name.startswith("access-control-")], "the API is not for browsers"
    assert not {"server", "x-powered-by", "set-cookie", "via"} & set(names)
    assert len(names) == len(set(names)), names


@pytest.mark.case("HTTP-09", "HTTP-07")
@pytest.mark.parametrize("what", ANSWERS)
def test_keyed_answers(tenant: Tenants, what: str) -> None:
    status, send = ANSWERS[what]
    answer = send(tenant())
    assert answer.status == status, answer
    check_fixed(answer)
    for name in ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"):
        assert answer.number(name) >= 0
    assert answer.header("ratelimit-policy")
    assert answer.header("ratelimit")
    if status == 304:
        assert answer.body == b""
        assert answer.header("etag")
    else:
        assert answer.header("content-type") == "application/json"


@pytest.mark.case("HTTP-09", "HTTP-07")
@pytest.mark.parametrize("what", UNKEYED)
def test_answers_to_nobody_in_particular(tenant: Tenants, what: str) -> None:
    status, send = UNKEYED[what]
    answer = send(tenant())
    assert answer.status == status, answer
    check_fixed(answer)
    assert answer.header("x-ratelimit-remaining") is None


def test_every_answer_has_an_id_of_its_own(tenant: Tenants) -> None:
    caller = tenant()
    # Not the caller's: what it sends could be anything, and could be sent twice.
    sent = [("x-request-id", "req_mine")]
    found = [caller.get("/workspaces", headers=sent).header("x-request-id") for _ in range(20)]
    assert len(set(found)) == 20
    assert "req_mine" not in found


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/", "/docs", "/api/v1/openapi.json"])
def test_what_needs_no_key(client: Client, path: str) -> None:
    answer = client.request("GET", path)
    assert answer.status == 200, answer
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.header("content-type")
    assert REQUEST_ID.fullmatch(answer.header("x-request-id") or "")
    assert answer.header("set-cookie") is None
