"""A customer as the reference draws one: every field wherever it is shown, and every field that can be written."""

from typing import Any

import pytest

from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.fields import check_fields
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from tests.webhooks.senders import sender
from userhero.kernel.db import Database

SHORT = {
    "id": "string",
    "workspaceId": "string",
    "name": "string?",
    "primaryEmail": "string?",
    "primaryPhone": "string?",
    "emails": "strings",
    "phones": "strings",
    "socialHandles": "objects",
    "company": "string?",
    "tags": "strings",
    "feedbackCount": "integer",
    "channels": "strings",
    "lastSeenAt": "time?",
    "firstSeenAt": "time?",
    "createdAt": "time",
    "updatedAt": "time",
}
PROFILE = SHORT | {
    "notes": "string?",
    "customFields": "object",
    "timezone": "string?",
    "language": "string?",
    "mergedCustomerIds": "strings",
}
NEW: dict[str, Any] = {
    "name": "Jane Smith",
    "primaryEmail": "jane@example.com",
    "primaryPhone": "+12025550175",
    "emails": ["jane@work.example", "jane@example.com"],
    "phones": ["+12025550175", "+442079460958"],
    "company": "Acme Inc",
    "tags": ["enterprise", "beta"],
    "notes": "Met at the fair",
}
CHANGE: dict[str, Any] = {
    "name": "Jane Smith-Rogers",
    "primaryEmail": "rogers@example.com",
    "primaryPhone": "+12025550199",
    "emails": ["rogers@example.com", "jane@example.com"],
    "phones": ["+12025550199"],
    "company": "Rogers Ltd",
    "tags": ["vip"],
    "notes": "Has married",
    "customFields": {"plan": "pro", "seats": 12, "trial": False, "owner": None, "nested": {"list": [1, "two"]}},
    "socialHandles": [
        {"platform": "github", "handle": "jane", "accountId": "583231"},
        {"platform": "x", "handle": "@jane"},
    ],
    "timezone": "Europe/Berlin",
    "language": "de",
}


@pytest.fixture
def caller(tenant: Tenants) -> Tenant:
    return tenant()


def short(profile: Any) -> Any:
    return {name: profile[name] for name in SHORT}


def check_everywhere(caller: Tenant, profile: Any, *, filled: bool) -> None:
    """The customer is the same wherever it is shown, and whole."""
    check_fields(profile, PROFILE, filled=filled)
    assert caller.get(f"/customers/{profile['id']}").data == profile
    assert caller.get(f"/customers/{profile['id']}", workspaceId=None).data == profile
    (listed,) = [each for each in caller.get("/customers").data if each["id"] == profile["id"]]
    check_fields(listed, SHORT, filled=filled)
    assert listed == short(profile)
    by_address = {"email": profile["primaryEmail"], "phone": profile["primaryPhone"]}
    for query in ({name: value} for name, value in by_address.items() if value is not None):
        answer = caller.get("/customers", **query)
        assert answer.json() == {"data": short(profile)}, "a look-up answers one object, as lists show it"


def test_of_nobody_in_particular(caller: Tenant, clock: Clock) -> None:
    """The workspace is all that a new customer needs; whatever else is unset reads as null or as empty."""
    answer = caller.request("POST", "/customers", json={"workspaceId": caller.workspace_id})
    assert answer.status == 201
    made = answer.data
    assert made == {
        **{name: None for name, kind in PROFILE.items() if kind.endswith("?")},
        **{name: [] for name, kind in PROFILE.items() if kind in ("strings", "objects")},
        "id": made["id"],
        "workspaceId": caller.workspace_id,
        "feedbackCount": 0,
        "createdAt": clock.now(),
        "updatedAt": clock.now(),
        "customFields": {},
    }
    check_everywhere(caller, made, filled=False)


def test_null_says_as_little_as_nothing(caller: Tenant) -> None:
    made = caller.post("/customers", dict.fromkeys(NEW)).data
    left_out = caller.post("/customers", {}).data
    own = ("id", "createdAt", "updatedAt")
    assert [made[name] for name in PROFILE if name not in own] == [
        left_out[name] for name in PROFILE if name not in own
    ]


def test_with_everything(caller: Tenant, client: Client, clock: Clock) -> None:
    created_at = clock.now()
    answer = caller.post("/customers", NEW)
    assert answer.status == 201
    made = answer.data
    assert {name: made[name] for name in NEW} == NEW
    check_everywhere(caller, made, filled=False)
    clock.advance(60)
    first_seen = clock.now()
    caller.new_feedback(userEmail="JANE@example.com")
    clock.advance(60)
    sender(caller, client).send({"message": "From a machine", "userEmail": "jane@work.example"})
    old = caller.post("/customers", {"name": "Jane S."}).data["id"]
    assert caller.post(f"/customers/{made['id']}/merge", {"sourceCustomerId": old}).status == 200
    last_seen = clock.now()
    clock.advance(60)
    answer = caller.patch(f"/customers/{made['id']}", CHANGE)
    assert answer.status == 200
    after = answer.data
    assert after == {
        **CHANGE,
        "id": made["id"],
        "workspaceId": caller.workspace_id,
        "feedbackCount": 2,
        "channels": ["api", "webhook"],
        "firstSeenAt": first_seen,
        "lastSeenAt": last_seen,
        "createdAt": created_at,
        "updatedAt": clock.now(),
        "mergedCustomerIds": [old],
    }
    check_everywhere(caller, after, filled=True)


@pytest.mark.parametrize("field", CHANGE)
def test_a_change_of_one_field_leaves_the_others(caller: Tenant, field: str) -> None:
    made = caller.post("/customers", NEW).data
    value: Any = CHANGE[field]
    after = caller.request("PATCH", f"/customers/{made['id']}", json={field: value}).data
    assert after[field] == value
    # The main address and the list of all of them go together.
    together: dict[str, dict[str, Any]] = {
        "primaryEmail": {"emails": ["rogers@example.com", *NEW["emails"]]},
        "primaryPhone": {"phones": ["+12025550199", *NEW["phones"]]},
        "phones": {"primaryPhone": "+12025550199"},
    }
    follows = together.get(field, {})
    assert {name: after[name] for name in follows} == follows
    kept = made.keys() - {field, "updatedAt"} - follows.keys()
    assert {name: after[name] for name in kept} == {name: made[name] for name in kept}


@pytest.mark.parametrize(
    ("field", "taken"), [("primaryPhone", "+1 202 555 0175"), ("phones", ["1234", "+12025550175"])]
)
def test_nobody_gets_the_number_of_another(caller: Tenant, database: Database, field: str, taken: Any) -> None:
    caller.post("/customers", NEW)
    john = caller.post("/customers", {"name": "John"}).data["id"]
    with unchanged(database, caller):
        check_problem(caller.post("/customers", {field: taken}), "conflict")
        check_problem(caller.patch(f"/customers/{john}", {field: taken}), "conflict")


def test_one_who_came_with_feedback_is_somebody_by_then(caller: Tenant, database: Database) -> None:
    caller.new_feedback(userEmail="john@example.com")
    with unchanged(database, caller):
        check_problem(caller.post("/customers", {"primaryEmail": "john@example.com"}), "conflict")


def test_the_workspace_must_be_named_for_a_new_one_only(caller: Tenant, database: Database) -> None:
    with unchanged(database, caller):
        check_problem(caller.request("POST", "/customers", json={"name": "Jane"}), "bad_request", field="workspaceId")
    path = f"/customers/{caller.post('/customers', {'name': 'Jane'}).data['id']}"
    assert caller.request("PATCH", path, json={"company": "Acme Inc"}).data["company"] == "Acme Inc"
    assert caller.request("DELETE", path).data["deleted"] is True


def test_made_again_with_the_same_key_it_is_the_same_one(caller: Tenant, database: Database) -> None:
    key = [("idempotency-key", "jane")]
    first = caller.post("/customers", NEW, headers=key)
    with unchanged(database, caller):
        again = caller.post("/customers", NEW, headers=key)
        check_problem(caller.post("/customers", NEW), "conflict")
    assert (again.status, again.body) == (201, first.body)
    assert caller.count("/customers") == 1


@pytest.mark.parametrize(
    ("handle", "code"),
    [
        ({"platform": "x", "handle": "j"}, None),
        ({"platform": "x", "handle": "j", "accountId": "7"}, None),
        ({"platform": "x", "handle": "j", "accountId": 7}, "bad_request"),
        ({"platform": "x"}, "bad_request"),
        ({"handle": "j"}, "bad_request"),
        ({"platform": "x", "handle": "j", "url": "u"}, "bad_request"),
        ("@j", "bad_request"),
    ],
)
def test_what_a_social_handle_is_made_of(caller: Tenant, database: Database, handle: Any, code: str | None) -> None:
    path = f"/customers/{caller.post('/customers', {}).data['id']}"
    if code is None:
        assert caller.patch(path, {"socialHandles": [handle]}).data["socialHandles"] == [handle]
        return
    with unchanged(database, caller):
        check_problem(caller.patch(path, {"socialHandles": [handle]}), code)


def test_what_the_server_keeps_can_not_be_written(caller: Tenant, database: Database) -> None:
    made = caller.post("/customers", NEW).data
    with unchanged(database, caller):
        for field in PROFILE.keys() - CHANGE.keys() - {"workspaceId"}:
            value = made[field]
            check_problem(caller.patch(f"/customers/{made['id']}", {field: value}), "bad_request", field=field)
        for field in PROFILE.keys() - NEW.keys() - {"workspaceId"}:
            check_problem(caller.post("/customers", {field: made[field]}), "bad_request", field=field)


def test_the_count_is_of_what_is_there(caller: Tenant) -> None:
    """The whole workspace's projects; what is deleted counts no more; what came without an address never did."""
    other = caller.post("/projects", {"name": "Other"}).data["id"]
    items = [caller.new_feedback(userEmail="jane@example.com", projectId=place) for place in (caller.project_id, other)]
    caller.new_feedback()
    path = f"/customers/{items[0]['customerId']}"
    assert caller.get(path).data["feedbackCount"] == 2
    caller.delete(f"/feedback/{items[0]['id']}")
    assert caller.get(path).data["feedbackCount"] == 1
