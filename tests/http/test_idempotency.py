"""A thing is done once, however often it is asked for with the same ``Idempotency-Key``."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from tests.support.client import Client, Headers, Response
from tests.support.clock import Clock
from tests.support.faults import failing_inserts
from tests.support.problems import check_problem, rows_of, unchanged
from tests.support.tenants import Tenant, Tenants
from userhero import workspaces
from userhero.kernel.db import Database, Statement
from userhero.kernel.http import idempotency

DAY = 24 * 3600


def key(value: str = "k") -> list[tuple[str, str]]:
    return [("idempotency-key", value)]


def create(caller: Tenant, headers: Headers, **fields: Any) -> Response:
    """A feedback item, asked for with a key."""
    return caller.post("/feedback", {"projectId": caller.project_id, "message": "Once", **fields}, headers=headers)


def check_replay(answer: Response, first: Response) -> None:
    assert answer.header("idempotent-replayed") == "true", answer
    assert (answer.status, answer.body) == (first.status, first.body)
    assert answer.header("x-request-id") != first.header("x-request-id")


def check_fresh(answer: Response, status: int = 201) -> None:
    assert answer.status == status, answer
    assert answer.header("idempotent-replayed") is None


@pytest.mark.case("IDM-01")
def test_a_retry_gets_the_first_answer(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    first = create(caller, key())
    check_fresh(first)
    with unchanged(database, caller):
        for _ in range(3):
            check_replay(create(caller, key()), first)
    assert caller.count() == 1


def test_another_key_is_another_request(tenant: Tenants) -> None:
    caller = tenant()
    check_fresh(create(caller, key("a")))
    check_fresh(create(caller, key("A")))
    check_fresh(create(caller, []))
    assert caller.count() == 3


@pytest.mark.case("IDM-03")
def test_at_the_same_time_it_happens_once(tenant: Tenants, client: Client) -> None:
    caller = tenant()
    body = {"workspaceId": caller.workspace_id, "projectId": caller.project_id, "message": "x"}
    headers = [caller.authorization, *key()]
    calls = [client.prepared("POST", "/api/v1/feedback", headers=headers, json=body) for _ in range(20)]
    answers = client.together(calls)
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body for answer in answers}) == 1
    assert [answer.header("idempotent-replayed") for answer in answers].count(None) == 1
    assert caller.count() == 1


@pytest.mark.case("IDM-05")
@pytest.mark.parametrize(
    "change",
    [
        {"message": "Twice"},
        {"category": "bug"},
        {"category": None},
        {"tags": []},
        {"context": {"a": 1}},
    ],
)
def test_another_body_is_a_conflict(tenant: Tenants, database: Database, change: dict[str, Any]) -> None:
    caller = tenant()
    first = create(caller, key())
    with unchanged(database, caller):
        error = check_problem(create(caller, key(), **change), "conflict", naming="different request")
    assert first.data["id"] not in error["message"]
    check_replay(create(caller, key()), first)


@pytest.mark.case("IDM-06")
def test_another_path_or_query_is_a_conflict(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    body = {"workspaceId": caller.workspace_id, "projectId": caller.project_id, "message": "x"}
    first = caller.request("POST", "/feedback", json=body, headers=key())
    check_fresh(first)
    with unchanged(database, caller):
        answer = caller.request("POST", "/projects", json=body, headers=key())
        check_problem(answer, "conflict", naming="different request")
        answer = caller.request("PATCH", f"/feedback/{first.data['id']}", json=body, headers=key())
        check_problem(answer, "conflict", naming="different request")
        answer = caller.request("POST", "/feedback", json=body, headers=key(), workspaceId=caller.workspace_id)
        check_problem(answer, "conflict", naming="different request")


@pytest.mark.case("IDM-07")
def test_another_workspace_is_a_conflict_that_tells_nothing(tenant: Tenants, database: Database) -> None:
    """One account, two workspaces, one key."""
    caller, other = tenant(), tenant()
    database.write(lambda tx: workspaces.set_member(tx, other.workspace_id, email=caller.email, role="admin"))
    first = create(caller, key())
    with unchanged(database, caller, other):
        body = {"workspaceId": other.workspace_id, "projectId": other.project_id, "message": "Once"}
        error = check_problem(caller.post("/feedback", body, headers=key()), "conflict")
    assert first.data["id"] not in error["message"]


@pytest.mark.case("IDM-08")
def test_accounts_do_not_share_keys(tenant: Tenants) -> None:
    """Even for the very same request: here both are admins of one workspace."""
    caller = tenant()
    colleague = tenant.colleague(caller, "admin")
    first = create(caller, key())
    second = create(colleague, key())
    check_fresh(second)
    assert first.data["id"] != second.data["id"]


@pytest.mark.case("IDM-09", "IDM-10")
def test_an_account_has_its_keys_whatever_its_api_key(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    renewed = tenant.with_key(caller)
    first = create(caller, key())
    database.write(lambda tx: workspaces.revoke_key(tx, caller.key_id))
    check_replay(create(renewed, key()), first)
    check_problem(create(caller, key()), "unauthorized")


@pytest.mark.case("IDM-11")
def test_a_replay_needs_membership(tenant: Tenants, database: Database) -> None:
    owner = tenant()
    caller = tenant.colleague(owner, "admin")
    first = create(caller, key())

    def be(role: str) -> None:
        database.write(lambda tx: workspaces.set_member(tx, owner.workspace_id, email=caller.email, role=role))

    be("none")
    check_problem(create(caller, key()), "not_found")
    be("viewer")
    check_problem(create(caller, key()), "forbidden")
    be("owner")
    check_replay(create(caller, key()), first)
    database.write(lambda tx: workspaces.set_workspace(tx, owner.workspace_id, api_access=False))
    check_problem(create(caller, key()), "forbidden")


def test_a_replay_needs_the_scope(tenant: Tenants) -> None:
    caller = tenant()
    first = create(caller, key())
    reader = tenant.with_key(caller, scopes=frozenset({"feedback:read"}))
    check_problem(create(reader, key()), "forbidden", naming="feedback:write")
    check_replay(create(caller, key()), first)


@pytest.mark.case("IDM-12")
def test_what_never_ran_leaves_the_key_free(tenant: Tenants) -> None:
    """Refused for its form, its scope or its workspace: the corrected request runs."""
    caller, stranger = tenant(), tenant()
    reader = tenant.with_key(caller, scopes=frozenset({"feedback:read"}))
    check_problem(create(caller, key(), rating=11), "bad_request")
    check_problem(create(caller, key(), nonsense=1), "bad_request")
    check_problem(create(caller, key(), message=" "), "bad_request")
    check_problem(caller.request("POST", "/feedback", body=b"{", headers=key()), "bad_request")
    check_problem(create(reader, key()), "forbidden")
    check_problem(create(stranger, key(), workspaceId=caller.workspace_id), "not_found")
    check_fresh(create(caller, key()))


@pytest.mark.case("IDM-13")
def test_a_rate_limited_request_leaves_the_key_free(tenant: Tenants, limited_client: Client, clock: Clock) -> None:
    caller = tenant(client=limited_client)
    for _ in range(100):
        caller.get("/workspaces")
    refused = create(caller, key())
    check_problem(refused, "rate_limited")
    clock.advance(refused.number("retry-after"))
    check_fresh(create(caller, key()))


@pytest.mark.case("RL-17")
def test_a_replay_counts_against_the_rate_limit(tenant: Tenants, limited_client: Client, clock: Clock) -> None:
    caller = tenant(client=limited_client)
    assert [create(caller, key()).number("x-ratelimit-remaining") for _ in range(3)] == [99, 98, 97]


@pytest.mark.case("IDM-17")
def test_a_business_refusal_is_kept(tenant: Tenants, database: Database) -> None:
    """What the request met is its result; a retry is told the same, marked as a replay."""
    caller = tenant()
    unknown = create(caller, key("a"), projectId="proj_none")
    check_problem(unknown, "not_found")
    with unchanged(database, caller):
        check_replay(create(caller, key("a"), projectId="proj_none"), unknown)


@pytest.mark.case("IDM-14")
def test_a_crash_leaves_the_key_free_and_nothing_behind(
    tenant: Tenants, database: Database, database_address: str
) -> None:
    """The fault strikes after the item was written, before anything is committed."""
    caller = tenant()
    with failing_inserts(database_address, "events", caller.workspace_id), unchanged(database, caller):
        check_problem(create(caller, key()), "internal_error")
        check_problem(create(caller, []), "internal_error")
    answer = create(caller, key())
    check_fresh(answer)
    assert answer.data["ticketNumber"] == 1, "the number was not used up"
    assert caller.count() == 1


@pytest.mark.case("IDM-18")
def test_a_key_lives_for_24_hours(tenant: Tenants, clock: Clock) -> None:
    caller = tenant()
    first = create(caller, key())
    clock.advance(DAY - 1)
    check_replay(create(caller, key()), first)
    clock.advance(2)
    second = create(caller, key(), message="Anew")
    check_fresh(second)
    # The new request has the key for a day of its own.
    clock.advance(DAY - 1)
    check_replay(create(caller, key(), message="Anew"), second)
    check_problem(create(caller, key()), "conflict")
    assert caller.count() == 2


@pytest.mark.case("IDM-19")
def test_the_purge_takes_expired_keys_only(tenant: Tenants, database: Database, clock: Clock) -> None:
    caller = tenant()
    create(caller, key("old"))
    clock.advance(1)
    kept = create(caller, key("young"))
    clock.advance(DAY - 1)
    database.write(idempotency.purge)
    assert len(rows_of(database, caller)["idempotency_keys"]) == 1
    check_replay(create(caller, key("young")), kept)


@pytest.mark.case("IDM-20")
@pytest.mark.parametrize(
    "spelled",
    [
        lambda body: json.dumps(body, indent=3),
        lambda body: json.dumps(dict(reversed(body.items()))),
        lambda body: json.dumps(body).replace("Once", "\\u004fnce"),
        lambda body: json.dumps(body).replace('"b": 1', '"b": 1').replace(": ", ":\t"),
    ],
    ids=["indented", "other order", "escaped", "tabs"],
)
def test_spelling_makes_no_difference(tenant: Tenants, spelled: Any) -> None:
    caller = tenant()
    body = {
        "workspaceId": caller.workspace_id,
        "projectId": caller.project_id,
        "message": "Once",
        "context": {"a": {"b": 1, "c": [1, 2]}, "d": None},
    }
    headers = [("content-type", "application/json"), *key()]
    first = caller.request("POST", "/feedback", body=json.dumps(body).encode(), headers=headers)
    check_fresh(first)
    check_replay(caller.request("POST", "/feedback", body=spelled(body).encode(), headers=headers), first)


@pytest.mark.case("IDM-23")
def test_quotes_around_a_key_make_no_difference(tenant: Tenants) -> None:
    caller = tenant()
    first = create(caller, key('"8e03978e-40d5-43dd-bc93-6894a57f9324"'))
    check_replay(create(caller, key("8e03978e-40d5-43dd-bc93-6894a57f9324")), first)


@pytest.mark.parametrize("value", ["x", "k" * 255, '"' + "k" * 255 + '"', "a b", "~!@#$%^&*()", "'", '"'])
def test_a_key_is_printable_ascii(tenant: Tenants, value: str) -> None:
    caller = tenant()
    first = create(caller, key(value))
    check_fresh(first)
    check_replay(create(caller, key(value)), first)


@pytest.mark.case("IDM-24")
@pytest.mark.parametrize(
    "headers",
    [
        key(""),
        key('""'),
        key("k" * 256),
        key("a\0b"),
        key("a\tb"),
        key("a\r\nb"),
        key("\x7f"),
        key("schlüssel"),
        [("idempotency-key", "🗝".encode())],
        key("a") + key("b"),
        key("a") + key("a"),
    ],
    ids=str,
)
def test_anything_else_is_refused(tenant: Tenants, database: Database, headers: Headers) -> None:
    caller = tenant()
    item = caller.new_feedback()
    with unchanged(database, caller):
        check_problem(create(caller, headers), "bad_request", naming="Idempotency-Key")
        answer = caller.patch(f"/feedback/{item['id']}", {"status": "resolved"}, headers=headers)
        check_problem(answer, "bad_request", naming="Idempotency-Key")


@pytest.mark.case("IDM-25")
def test_reads_and_deletes_know_no_keys(tenant: Tenants) -> None:
    caller = tenant()
    item = caller.new_feedback()
    path = f"/feedback/{item['id']}"
    for _ in range(2):
        check_fresh(caller.get(path, headers=key()), 200)
    assert caller.get(path, headers=key("")).status == 200
    check_fresh(caller.delete(path, headers=key()), 200)
    check_problem(caller.delete(path, headers=key()), "not_found")
    check_problem(caller.get(path, headers=key()), "not_found")


@pytest.mark.case("IDM-26")
def test_a_change_has_the_same_rules(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    path = f"/feedback/{caller.new_feedback()['id']}"
    first = caller.patch(path, {"status": "resolved"}, headers=key())
    check_fresh(first, 200)
    with unchanged(database, caller):
        check_problem(caller.patch(path, {"status": "archived"}, headers=key()), "conflict")
    caller.patch(path, {"status": "reopened"})
    with unchanged(database, caller):
        # The first answer as it was then, and no second effect.
        check_replay(caller.patch(path, {"status": "resolved"}, headers=key()), first)
    assert caller.get(path).data["status"] == "reopened"


def test_a_replay_does_not_need_the_object_any_more(tenant: Tenants) -> None:
    caller = tenant()
    first = create(caller, key())
    caller.delete(f"/feedback/{first.data['id']}")
    check_replay(create(caller, key()), first)
    assert caller.count() == 0


def test_a_refusal_at_the_door_is_not_kept(tenant: Tenants, database: Database) -> None:
    """Whether the key may enter the workspace is somebody else's to mend; then the retry executes."""
    caller, owner = tenant(), tenant()
    named = {"workspaceId": owner.workspace_id, "projectId": owner.project_id}
    with unchanged(database, owner):
        check_problem(create(caller, key(), **named), "not_found")
    database.write(lambda tx: workspaces.set_member(tx, owner.workspace_id, email=caller.email, role="viewer"))
    with unchanged(database, owner):
        check_problem(create(caller, key(), **named), "forbidden")
    database.write(lambda tx: workspaces.set_member(tx, owner.workspace_id, email=caller.email, role="admin"))
    check_fresh(create(caller, key(), **named))


def test_a_stale_precondition_is_kept_too(tenant: Tenants) -> None:
    caller = tenant()
    path = f"/projects/{caller.project_id}"
    stale = [("if-match", '"stale"'), *key()]
    first = caller.patch(path, {"name": "x"}, headers=stale)
    check_problem(first, "precondition_failed")
    check_replay(caller.patch(path, {"name": "x"}, headers=stale), first)


@pytest.mark.case("IDM-27", "KEY-03")
def test_stored_answers_are_sealed(tenant: Tenants, database: Database) -> None:
    """An answer may hold a secret that is shown once; a copy of the database gives none away."""
    caller = tenant()
    create(caller, key(), message="kept-under-seal")
    stored = Statement(text("SELECT body FROM idempotency_keys WHERE account_id = :account"))
    body = database.read(lambda tx: bytes(tx.value(stored, account=caller.user_id)))
    assert b"kept-under-seal" not in body
    assert b"kept-under-seal" in database.keys.unseal(body)
    create(caller, key("again"), message="kept-under-seal")
    bodies = database.read(lambda tx: {bytes(row[0]) for row in tx.all(stored, account=caller.user_id)})
    assert len(bodies) == 2, "sealed anew each time"
