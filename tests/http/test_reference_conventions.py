"""What the reference promises of every endpoint, and what holds for all of a kind: scopes, answers, tags, pages."""

import hashlib
import re
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import bindparam, text

from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.faults import failing_inserts
from tests.support.operations import CALLS, ROUTES, send
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import API, Tenant, Tenants
from tests.support.work import settle
from userhero import workspaces
from userhero.kernel.db import Database, Statement
from userhero.kernel.ids import BASE62
from userhero.records.actions.export import WRITE

READS = [name for name, route in ROUTES.items() if route.method == "GET" and name in CALLS]
SINGLE = [name for name in READS if not name.startswith("list_")]
REMOVALS = [name for name, route in ROUTES.items() if route.method == "DELETE" and name in CALLS]
READABLE = {ROUTES[name].path for name in SINGLE}
CHANGES = [
    name
    for name, route in ROUTES.items()
    if route.method in ("PATCH", "DELETE") and route.path in READABLE and name in CALLS
]


@pytest.fixture
def caller(tenant: Tenants) -> Tenant:
    return tenant()


def test_a_key_opens_every_workspace_where_its_user_is_owner_or_admin(tenant: Tenants, database: Database) -> None:
    caller, others = tenant(), {role: tenant() for role in ("owner", "admin", "member", "viewer", "none")}
    for role, other in others.items():
        if role != "none":
            database.write(
                lambda tx, place=other.workspace_id, role=role: workspaces.set_member(  # type: ignore[misc]
                    tx, place, email=caller.email, role=role
                )
            )
    answers = {role: caller.get("/feedback", workspaceId=other.workspace_id) for role, other in others.items()}
    assert {role: answer.status for role, answer in answers.items()} == {
        "owner": 200, "admin": 200, "member": 403, "viewer": 403, "none": 404,
    }  # fmt: skip
    assert {(each["id"], each["role"]) for each in caller.get("/workspaces").data} == {
        (caller.workspace_id, "owner"),
        (others["owner"].workspace_id, "owner"),
        (others["admin"].workspace_id, "admin"),
    }
    again = tenant.with_key(caller)
    assert again.get("/workspaces").data == caller.get("/workspaces").data, "a key is its user's, not a workspace's"


@pytest.mark.case("KEY-01")
def test_a_key_is_random_with_a_checksum_and_kept_as_its_hash(caller: Tenant, database: Database) -> None:
    assert re.fullmatch(r"sk_live_[0-9A-Za-z]{38}", caller.api_key)
    body, check = caller.api_key[8:40], caller.api_key[40:]
    value = 0
    for digit in check:
        value = value * 62 + BASE62.index(digit)
    assert value == zlib.crc32(body.encode())
    stored = Statement(text("SELECT * FROM api_keys WHERE id = :id").bindparams(bindparam("id")))
    (row,) = database.read(lambda tx: tx.all(stored, id=caller.key_id))
    assert hashlib.sha256(caller.api_key.encode()).hexdigest() in row


# By scope: what it is for.
SCOPES = {
    "workspaces:read": ["GET /workspaces", "GET /workspace/{}", "GET /workspace/{}/usage"],
    "projects:read": ["GET /projects", "GET /projects/{}"],
    "projects:write": ["POST /projects", "PATCH /projects/{}", "DELETE /projects/{}"],
    "widgets:read": ["GET /widgets", "GET /widgets/{}"],
    "widgets:write": ["POST /widgets", "PATCH /widgets/{}", "DELETE /widgets/{}"],
    "feedback:read": [
        "GET /feedback", "GET /feedback/{}", "GET /feedback/number/{}", "GET /feedback/{}/comments",
        "GET /feedback/{}/notes",
    ],
    "feedback:write": [
        "POST /feedback", "POST /feedback/upload", "PATCH /feedback/{}", "POST /feedback/{}/comments",
        "POST /feedback/{}/notes",
    ],
    "feedback:delete": ["DELETE /feedback/{}"],
    "integrations:read": ["GET /webhooks"],
    "integrations:write": ["POST /webhooks", "DELETE /webhooks/{}"],
    "customers:read": ["GET /customers", "GET /customers/{}"],
    "customers:write": ["POST /customers", "PATCH /customers/{}"],
    "customers:delete": ["DELETE /customers/{}", "POST /customers/{}/merge"],
    "automations:read": ["GET /automations", "GET /automations/{}", "GET /automations/{}/runs"],
    "automations:write": [
        "POST /automations", "PATCH /automations/{}", "DELETE /automations/{}", "POST /automations/{}/run",
    ],
}  # fmt: skip


def test_each_operation_needs_its_scope(client: Client) -> None:
    """That it is refused without, and passes with it alone, ``test_every_operation`` shows on each of them."""
    paths = client.request("GET", f"{API}/openapi.json").json()["paths"]
    told = {
        f"{method.upper()} {re.sub('{.*?}', '{}', path)}": operation["x-required-scope"]
        for path, methods in paths.items()
        for method, operation in methods.items()
        if "x-required-scope" in operation
    }
    for scope, operations in SCOPES.items():
        assert {operation: told[operation] for operation in operations} == dict.fromkeys(operations, scope)


def test_the_shape_of_an_error_is_the_one_of_the_example(caller: Tenant) -> None:
    for method in ("GET", "DELETE"):
        answer = caller.request(method, "/feedback/fb_nothing")
        error = check_problem(answer, "not_found")
        assert answer.json().keys() == {"error"}
        assert (error["code"], error["message"]) == ("not_found", "Feedback item not found")


@pytest.mark.parametrize("what", ["conflict", "spent", "crash"])
def test_rate_limit_headers_are_on_the_other_errors_too(
    caller: Tenant, limited_client: Client, tenant: Tenants, database_address: str, what: str
) -> None:
    """``test_headers`` has the rest."""
    body = {"projectId": caller.project_id, "message": "x"}
    if what == "conflict":
        caller.post("/feedback", body, headers=[("idempotency-key", "k")])
        answer = caller.post("/feedback", {**body, "message": "y"}, headers=[("idempotency-key", "k")])
        check_problem(answer, "conflict")
    elif what == "spent":
        someone = tenant(client=limited_client)
        answer = [someone.get("/workspaces") for _ in range(101)][-1]
        check_problem(answer, "rate_limited")
        assert answer.number("x-ratelimit-remaining") == 0
    else:
        with failing_inserts(database_address, "events", caller.workspace_id):
            answer = caller.post("/feedback", body)
        check_problem(answer, "internal_error")
    for name in ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"):
        assert answer.number(name) >= 0


def test_whether_it_is_a_repetition_comes_before_whether_it_is_valid(caller: Tenant, database: Database) -> None:
    key = [("idempotency-key", "k")]
    first = caller.post("/feedback", {"projectId": caller.project_id, "message": "x"}, headers=key)
    assert first.status == 201
    with unchanged(database, caller):
        check_problem(caller.post("/feedback", {"nonsense": 1}, headers=key), "conflict")
        check_problem(caller.request("POST", "/feedback", body=b"{", headers=key), "conflict")


@pytest.mark.parametrize("name", REMOVALS)
def test_a_removal_says_what_is_gone(caller: Tenant, name: str) -> None:
    call = CALLS[name](caller)
    answer = send(caller, ROUTES[name], call)
    *_, gone = call.path.values()
    assert (answer.status, answer.json()) == (200, {"data": {"id": gone, "deleted": True}})
    check_problem(send(caller, ROUTES[name], call), "not_found")


@pytest.mark.parametrize("name", SINGLE)
def test_every_single_object_has_a_tag(caller: Tenant, name: str) -> None:
    call = CALLS[name](caller)
    answer = send(caller, ROUTES[name], call)
    tag = answer.header("etag") or ""
    assert re.fullmatch(r'"[!-~]+"', tag), answer
    again = send(caller, ROUTES[name], call, headers=[("if-none-match", tag)])
    assert (again.status, again.body) == (304, b"")
    assert send(caller, ROUTES[name], call, headers=[("if-none-match", '"other"')]).body == answer.body


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_may_ask_for_the_state_that_was_read(caller: Tenant, database: Database, name: str) -> None:
    route, call = ROUTES[name], CALLS[name](caller)
    with unchanged(database, caller):
        check_problem(send(caller, route, call, headers=[("if-match", '"stale"')]), "precondition_failed")
    (reading,) = [ROUTES[each] for each in SINGLE if ROUTES[each].path == route.path]
    wanted = CALLS[reading.name](caller)
    for parameter, value in call.path.items():
        wanted = wanted.having("path", parameter, value)
    # An export changes by itself until it is done.
    settle(database, WRITE)
    tag = send(caller, reading, wanted).header("etag")
    assert tag
    assert send(caller, route, call, headers=[("if-match", tag)]).status == 200


@pytest.mark.parametrize("name", sorted(CALLS.keys() & ROUTES.keys()))
def test_every_query_may_name_the_workspace(caller: Tenant, name: str) -> None:
    call = CALLS[name](caller).having("query", "workspaceId", caller.workspace_id)
    answer = send(caller, ROUTES[name], call)
    assert answer.status == ROUTES[name].status, answer


# By list: how something is put on it that ``name`` tells from the others.
LISTS: dict[str, tuple[str, Callable[[Tenant, str], Any]]] = {
    "/projects": ("name", lambda caller, name: caller.post("/projects", {"name": name})),
    "/widgets": ("name", lambda caller, name: caller.post("/widgets", {"projectId": caller.project_id, "name": name})),
    "/webhooks": ("name", lambda caller, name: caller.post("/webhooks", {"name": name})),
    "/customers": ("name", lambda caller, name: caller.post("/customers", {"name": name})),
    "/feedback": ("message", lambda caller, name: caller.new_feedback(name)),
    "/feedback/{item}/comments": (
        "message",
        lambda caller, name: caller.post(f"/feedback/{item_of(caller)}/comments", {"message": name}),
    ),
    "/feedback/{item}/notes": (
        "content",
        lambda caller, name: caller.post(f"/feedback/{item_of(caller)}/notes", {"content": name}),
    ),
}


def item_of(caller: Tenant) -> str:
    """The workspace's first item."""
    found = caller.get("/feedback/number/1")
    return str(found.data["id"] if found.status == 200 else caller.new_feedback()["id"])


@pytest.mark.parametrize("path", LISTS)
def test_every_list_can_be_read_by_page_and_by_cursor(caller: Tenant, clock: Clock, path: str) -> None:
    name, put = LISTS[path]
    for number in range(5):
        clock.advance(1)
        put(caller, f"Number {number}")
    path = path.replace("{item}", item_of(caller)) if "{item}" in path else path
    whole = [each[name] for each in caller.get(path, pageSize=100).data]
    newest_first = [f"Number {number}" for number in range(4, -1, -1)]
    conversation = path.startswith("/feedback/")
    assert [each for each in whole if each.startswith("Number")] == (
        newest_first[::-1] if conversation else newest_first
    )
    by_page, by_cursor, page, cursor = [], [], 1, None
    while True:
        answer = caller.get(path, page=page, pageSize=2).json()
        assert answer.keys() == {"data", "pagination"}
        assert answer["pagination"].keys() == {"page", "pageSize", "hasMore", "nextCursor"}
        assert (answer["pagination"]["page"], answer["pagination"]["pageSize"]) == (page, 2)
        by_page += [each[name] for each in answer["data"]]
        if not answer["pagination"]["hasMore"]:
            break
        page += 1
    while True:
        answer = caller.get(path, cursor=cursor, pageSize=2).json()
        by_cursor += [each[name] for each in answer["data"]]
        cursor = answer["pagination"]["nextCursor"]
        if cursor is None:
            break
    assert by_page == by_cursor == whole
    assert caller.count(path) == len(whole)
    assert caller.get(path, page=1_000, pageSize=2).data == []
    for wrong in ({"pageSize": 0}, {"pageSize": 101}, {"page": "abc"}, {"cursor": "x"}):
        check_problem(caller.get(path, **wrong), "bad_request", field=next(iter(wrong)))
