"""What holds for all operations, tested on each of them: who may, whose it must be, and once is once."""

import statistics
import time
from dataclasses import replace
from typing import Any

import pytest

from tests.support.client import Client, Response
from tests.support.measuring import Measured
from tests.support.operations import CALLS, ROUTES, Call, id_slots, nested_slots, send, swapped
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants, target
from tests.support.work import settle
from userhero import workspaces
from userhero.kernel import ids
from userhero.kernel.db import Database
from userhero.kernel.http.inputs import Input
from userhero.kernel.http.routing import SCOPES
from userhero.records.actions.erase import ERASE
from userhero.records.actions.export import WRITE

TESTED = sorted(CALLS.keys() & ROUTES.keys())
MAKES_OR_CHANGES = [name for name in TESTED if ROUTES[name].method in ("POST", "PUT", "PATCH")]
# What an id of somebody else's means there, where it is not simply unknown (404).
FOREIGN: dict[tuple[str, str], str | None] = {
    ("list_items", "assigneeId"): None,  # nobody of ours: an empty page
    ("update_item", "assigneeId"): "bad_request",
    ("update_item", "watcherIds"): "bad_request",
    ("create_comment", "attachments"): "bad_request",
    ("create_note", "attachments"): "bad_request",
    ("create_note", "mentions"): "bad_request",
    ("list_workflow_items", "assigneeId"): None,
    ("create_workflow_item", "assigneeId"): "bad_request",
    ("update_workflow_item", "assigneeId"): "bad_request",
    ("list_events", "after"): "bad_request",
    ("list_audit_log", "actorId"): None,  # who and what is gone has done and been something still: an empty page
    ("list_audit_log", "subjectId"): None,
}
# Asking for these leaves work for the background, which is not what a test watches for.
BEGINS = {"get_erasure": ERASE, "get_export": WRITE, "delete_export": WRITE}
each_operation = pytest.mark.parametrize("name", TESTED)


def at_rest(database: Database, name: str, caller: Tenant) -> Call:
    """A valid call of an operation, once all is done that follows from what had to be there for it."""
    call = CALLS[name](caller)
    if name in BEGINS:
        settle(database, BEGINS[name])
    return call


@pytest.mark.case("TEN-02")
def test_every_operation_has_a_valid_request() -> None:
    assert CALLS.keys() == ROUTES.keys()


@pytest.mark.case("TEN-02")
@each_operation
def test_the_valid_request_is_valid_and_complete(tenant: Tenants, name: str) -> None:
    caller, route = tenant(), ROUTES[name]
    call = CALLS[name](caller)
    answer = send(caller, route, call)
    assert answer.status == route.status, answer
    given = {(place, slot) for place, slot, _ in call.values()}
    missing = id_slots(route) - given - {("query", "workspaceId")}
    missing |= {("body", path) for path in nested_slots(route) if not list(swapped(call.body, call.body, path))}
    assert not missing, f"the request in tests/support/operations.py says nothing for {missing}"


@pytest.mark.case("KEY-12")
@pytest.mark.figure(no="H6")
@each_operation
def test_without_a_key(tenant: Tenants, database: Database, name: str) -> None:
    caller = tenant()
    public = caller.get(f"/projects/{caller.project_id}").data["publicKey"]
    call = at_rest(database, name, caller)
    with unchanged(database, caller):
        for key in ("", "sk_live_" + "0" * 38, caller.widget_id, public):
            check_problem(send(_with(caller, key), ROUTES[name], call), "unauthorized")


def _with(caller: Tenant, key: str) -> Tenant:
    fields = {**caller.__dict__, "api_key": key}
    return Tenant(**fields)


@pytest.mark.case("TEN-14")
@pytest.mark.figure(no="H6")
@each_operation
def test_without_the_scope(tenant: Tenants, database: Database, name: str) -> None:
    caller, route = tenant(), ROUTES[name]
    call = at_rest(database, name, caller)
    kind, verb = route.scope.split(":")
    # Writing brings reading; nothing brings deleting, and deleting brings nothing.
    sufficient = {route.scope, f"{kind}:write"} if verb == "read" else {route.scope}
    poor = {route.scope: tenant.with_key(caller, scopes=SCOPES - sufficient)}
    poor |= {scope: tenant.with_key(caller, scopes=frozenset(route.scopes) - {scope}) for scope in route.also}
    with unchanged(database, caller):
        for scope, half in poor.items():
            check_problem(send(half, route, call), "forbidden", naming=scope)
    for scope in sorted(sufficient & SCOPES):
        narrow = tenant.with_key(caller, scopes=frozenset({scope, *route.also}))
        assert send(narrow, route, at_rest(database, name, caller)).status == route.status


@pytest.mark.case("TEN-04")
@pytest.mark.figure(no="H6")
@each_operation
def test_by_those_who_may_not(tenant: Tenants, database: Database, name: str) -> None:
    """Members and viewers are refused; strangers are not even told that there is something."""
    owner, route = tenant(), ROUTES[name]
    call = at_rest(database, name, owner)
    if name == "list_workspaces":
        assert send(tenant.colleague(owner, "viewer"), route, call).data == []
        return
    refused = {"member": "forbidden", "viewer": "forbidden", "none": "not_found"}
    others = {role: tenant.colleague(owner, role) for role in refused}
    with unchanged(database, owner):
        for role, code in refused.items():
            error = check_problem(send(others[role], route, call), code)
            assert "Canary" not in str(error)
    assert send(tenant.colleague(owner, "admin"), route, call).status == route.status


@pytest.mark.case("TEN-05")
@pytest.mark.figure(no="H6")
@each_operation
def test_where_the_api_is_switched_off(tenant: Tenants, database: Database, name: str) -> None:
    caller, route = tenant(), ROUTES[name]
    call = at_rest(database, name, caller)
    database.write(lambda tx: workspaces.set_workspace(tx, caller.workspace_id, api_access=False))
    with unchanged(database, caller):
        answer = send(caller, route, call)
        if name == "list_workspaces":
            assert answer.data == []
        else:
            check_problem(answer, "forbidden")


@pytest.mark.case("TEN-01", "TEN-03", "TEN-06", "TEN-07", "GDPR-06")
@pytest.mark.figure(no="H6")
@each_operation
def test_on_what_belongs_to_somebody_else(tenant: Tenants, database: Database, name: str, measured: Measured) -> None:
    """Each id alone swapped for the other tenant's, wherever in the request it stands, then all of them."""
    caller, other, route = tenant(), tenant(), ROUTES[name]
    ours, theirs = at_rest(database, name, caller), at_rest(database, name, other)
    with unchanged(database, caller, other):
        swapped_slots = {
            (place, slot): value for place, slot, value in theirs.values() if (place, slot) in id_slots(route)
        }
        if name == "list_workspaces":
            assert [each["id"] for each in send(caller, route, ours).data] == [caller.workspace_id]
            return
        for (place, slot), value in swapped_slots.items():
            _check_refused(send(caller, route, ours.having(place, slot, value)), name, slot)
        nested = [(path, body) for path in nested_slots(route) for body in swapped(ours.body, theirs.body, path)]
        for path, body in nested:
            answer = send(caller, route, replace(ours, body=body))
            assert answer.status in (400, 404), (path, answer)
            assert b"Canary" not in answer.body
        check_problem(send(caller, route, theirs), "not_found")
    measured(attempts=len(swapped_slots) + len(nested) + 1, found="")


def _check_refused(answer: Response, name: str, slot: str) -> None:
    code = FOREIGN.get((name, slot), "not_found")
    if code is None:
        assert answer.json()["data"] == [], answer
    else:
        check_problem(answer, code)
    assert b"Canary" not in answer.body


@pytest.mark.case("TEN-08")
def test_what_is_not_there_and_what_is_somebody_elses_take_as_long(tenant: Tenants) -> None:
    """And are told in the same words."""
    caller, other = tenant(), tenant()
    paths = {"theirs": f"/feedback/{other.new_feedback()['id']}", "nobody's": f"/feedback/{ids.new('fb')}"}
    took: dict[str, list[float]] = {name: [] for name in paths}
    for _ in range(300):
        said = set()
        for name, path in paths.items():
            began = time.perf_counter()
            answer = caller.get(path)
            took[name].append(time.perf_counter() - began)
            said.add((answer.status, answer.error["code"], answer.error["message"]))
        assert len(said) == 1
        assert {status for status, *_ in said} == {404}
    theirs, nobodys = (statistics.median(times) for times in took.values())
    assert abs(theirs - nobodys) < 0.002


@pytest.mark.case("TEN-18")
def test_requests_of_two_at_once_do_not_cross(tenant: Tenants, client: Client) -> None:
    callers = [tenant(), tenant()]
    items = {caller: caller.new_feedback(f"Canary of {caller.workspace_id}")["id"] for caller in callers}
    for _ in range(20):
        turns = [(caller, path) for caller in callers for path in ("/feedback", f"/feedback/{items[caller]}")] * 5
        calls = [
            client.prepared("GET", target(path, {"workspaceId": caller.workspace_id}), headers=[caller.authorization])
            for caller, path in turns
        ]
        for (caller, _path), answer in zip(turns, client.together(calls), strict=True):
            assert answer.status == 200
            assert f"Canary of {caller.workspace_id}".encode() in answer.body
            assert answer.body.count(b"Canary of") == 1


@pytest.mark.case("TEN-09")
def test_a_ticket_number_counts_in_its_own_workspace(tenant: Tenants) -> None:
    caller, other = tenant(), tenant()
    found, others = caller.new_feedback(), [other.new_feedback() for _ in range(2)]
    assert [item["ticketNumber"] for item in (found, *others)] == [1, 1, 2]
    assert caller.get("/feedback/number/1").data["id"] == found["id"]
    check_problem(caller.get("/feedback/number/2"), "not_found")


def _odd(value: str, caller: Tenant) -> list[Any]:
    prefix, _, rest = value.partition("_")
    return [
        value.upper(),
        f" {value}",
        f"{value} ",
        f"{value}\t",
        f"{prefix}_{rest[::-1]}",
        prefix,
        rest,
        ids.new(prefix),
        caller.key_id,
        "x" * 5000,
        "../" + value,
        "%",
        "🦸",
    ]


@pytest.mark.case("TEN-12")
@pytest.mark.figure(no="H6")
@each_operation
def test_on_ids_that_name_nothing(tenant: Tenants, database: Database, name: str, measured: Measured) -> None:
    caller, route, tried = tenant(), ROUTES[name], 0
    call = at_rest(database, name, caller)
    with unchanged(database, caller):
        for place, slot, value in call.values():
            if (place, slot) not in id_slots(route) or not isinstance(value, str):
                continue
            for odd in _odd(value, caller):
                tried += 1
                answer = send(caller, route, call.having(place, slot, odd))
                if FOREIGN.get((name, slot), "not_found") is None:
                    assert answer.json()["data"] == []
                else:
                    assert answer.status in (400, 404), answer
                    check_problem(answer, answer.error["code"], echoes=True)
    measured(attempts=tried, found="")


@pytest.mark.case("LOG-12")
@pytest.mark.parametrize("name", [name for name in TESTED if ROUTES[name].method == "GET"])
def test_reading_changes_nothing(tenant: Tenants, database: Database, name: str) -> None:
    caller, route = tenant(), ROUTES[name]
    call = at_rest(database, name, caller)
    with unchanged(database, caller):
        assert send(caller, route, call).status == route.status


@pytest.mark.case("IDM-02")
@pytest.mark.parametrize("name", MAKES_OR_CHANGES)
def test_once_is_once(tenant: Tenants, database: Database, name: str) -> None:
    caller, route = tenant(), ROUTES[name]
    call = at_rest(database, name, caller)
    key = [("idempotency-key", "k")]
    first = send(caller, route, call, headers=key)
    assert first.status == route.status, first
    with unchanged(database, caller):
        again = send(caller, route, call, headers=key)
    assert (again.status, again.body) == (first.status, first.body)
    assert again.header("idempotent-replayed") == "true"


@pytest.mark.case("JSON-01", "JSON-04")
@pytest.mark.parametrize("name", MAKES_OR_CHANGES)
@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b"null", b"1", b'{"a":1,"a":2}', b"\xff", b'{"nonsense":1}']
)
def test_with_a_body_that_is_none(tenant: Tenants, database: Database, name: str, body: bytes) -> None:
    caller, route = tenant(), ROUTES[name]
    call = at_rest(database, name, caller)
    path = route.path.format(**call.path)
    if route.body in (None, Input) and not body:
        return
    with unchanged(database, caller):
        answer = caller.request(route.method, path, headers=[("content-type", "application/json")], body=body)
        check_problem(answer, "bad_request")


@each_operation
def test_with_a_parameter_nobody_knows(tenant: Tenants, database: Database, name: str) -> None:
    caller, route = tenant(), ROUTES[name]
    call = at_rest(database, name, caller).having("query", "nonsense", "1")
    with unchanged(database, caller):
        check_problem(send(caller, route, call), "bad_request", field="nonsense")


@pytest.mark.case("TEN-11")
@pytest.mark.figure(no="H6")
@each_operation
def test_on_the_same_workspace_named_twice(tenant: Tenants, database: Database, name: str) -> None:
    caller, other, route = tenant(), tenant(), ROUTES[name]
    twice = at_rest(database, name, caller).having("query", "workspaceId", [caller.workspace_id, other.workspace_id])
    with unchanged(database, caller, other):
        check_problem(send(caller, route, twice), "bad_request", field="workspaceId")
