"""A customer who is merged or deleted is gone at once; their feedback follows, however much there is."""

from typing import Any

import pytest

from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from userhero.customers.actions import leave
from userhero.kernel.db import Database
from userhero.kernel.jobs import Runner
from userhero.server.composition import job_table


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two items follow in a unit of work."""
    monkeypatch.setattr(leave, "_PART", 2)


def customer(caller: Tenant, name: str, items: int = 0) -> str:
    """A customer with some feedback; returns the id."""
    made = caller.post("/customers", {"name": name, "primaryEmail": f"{name}@example.com"}).data
    for number in range(items):
        caller.new_feedback(f"{name} {number}", userEmail=f"{name}@example.com")
    return str(made["id"])


def merge(caller: Tenant, target: str, source: str) -> Any:
    return caller.request("POST", f"/customers/{target}/merge", json={"sourceCustomerId": source})


def count(caller: Tenant, customer_id: str) -> int:
    found = caller.get(f"/customers/{customer_id}").data["feedbackCount"]
    assert found == caller.count(customerId=customer_id)
    return int(found)


def owners(caller: Tenant) -> set[str | None]:
    return {item["customerId"] for item in caller.get("/feedback", pageSize=100).data}


def test_a_merge_combines_the_two(tenant: Tenants) -> None:
    caller = tenant()
    target, source = customer(caller, "jane", 1), customer(caller, "old", 2)
    handle = {"platform": "x", "handle": "y"}
    caller.patch(f"/customers/{target}", {"tags": ["a"], "customFields": {"k": 1}})
    caller.patch(
        f"/customers/{source}",
        {"tags": ["b", "a"], "company": "Acme", "phones": ["+16502530000"], "socialHandles": [handle], "notes": "N",
         "customFields": {"k": 2, "l": 3}, "timezone": "Europe/Berlin"},
    )  # fmt: skip
    before = caller.get(f"/customers/{source}").data
    answer = merge(caller, target, source)
    assert answer.status == 200
    assert answer.data == {"id": target, "mergedSourceId": source, "mergedFeedbackCount": 2}
    after = caller.get(f"/customers/{target}").data
    expected = {
        "name": "jane",
        "primaryEmail": "jane@example.com",
        "primaryPhone": "+16502530000",
        "emails": ["jane@example.com", "old@example.com"],
        "phones": ["+16502530000"],
        "socialHandles": [handle],
        "company": "Acme",
        "tags": ["a", "b"],
        "feedbackCount": 3,
        "channels": ["api"],
        "notes": "N",
        "customFields": {"k": 1, "l": 3},
        "timezone": "Europe/Berlin",
        "mergedCustomerIds": [source],
        "lastSeenAt": before["lastSeenAt"],
    }
    assert {name: after[name] for name in expected} == expected
    check_problem(caller.get(f"/customers/{source}"), "not_found")
    assert caller.get("/customers", email="old@example.com").data["id"] == target
    assert caller.count("/customers") == caller.count("/customers", search="old@") == 1
    assert (owners(caller), count(caller, target)) == ({target}, 3)
    caller.new_feedback(userEmail="old@example.com")
    assert (owners(caller), count(caller, target)) == ({target}, 4)


@pytest.mark.case("ABU-08")
def test_who_can_not_be_merged(tenant: Tenants, database: Database) -> None:
    caller, other = tenant(), tenant()
    jane, gone, foreign = customer(caller, "jane", 1), customer(caller, "gone"), customer(other, "foreign", 1)
    merge(caller, jane, gone)
    with unchanged(database, caller, other):
        check_problem(merge(caller, jane, jane), "bad_request", field="sourceCustomerId")
        for target, source in ((jane, gone), (gone, jane), (jane, foreign), (foreign, jane), (gone, gone)):
            check_problem(merge(caller, target, source), "not_found")
        check_problem(caller.get("/feedback", customerId=gone), "not_found")


def test_a_long_move_is_not_to_be_seen(tenant: Tenants, database: Database, slowly: None) -> None:
    caller = tenant()
    target, source = customer(caller, "target", 1), customer(caller, "source", 7)
    page = caller.get("/feedback", customerId=target, pageSize=1).json()
    assert merge(caller, target, source).data["mergedFeedbackCount"] == 7
    assert (owners(caller), count(caller, target)) == ({target}, 8)
    first = caller.get("/feedback", customerId=target, pageSize=5).json()
    assert page["pagination"]["nextCursor"] is None
    item = first["data"][-1]
    assert caller.get(f"/feedback/{item['id']}").data["customerId"] == target
    assert len(caller.get("/feedback", customerId=target, search="source").data) == 7
    # What happens meanwhile counts for the target.
    oldest = caller.get("/feedback", customerId=target, order="asc").data[1]
    caller.delete(f"/feedback/{oldest['id']}")
    assert count(caller, target) == 7
    Runner(database, job_table()).run_due()
    assert (owners(caller), count(caller, target)) == ({target}, 7)
    rest = caller.get("/feedback", customerId=target, cursor=first["pagination"]["nextCursor"]).data
    assert len(rest) == 2


@pytest.mark.case("ABU-08")
def test_merges_in_a_row_end_with_the_last(tenant: Tenants, database: Database, slowly: None) -> None:
    caller = tenant()
    first, second, third = (customer(caller, name, 5) for name in ("first", "second", "third"))
    merge(caller, second, first)
    merge(caller, third, second)
    assert (owners(caller), count(caller, third)) == ({third}, 15)
    assert caller.get(f"/customers/{third}").data["mergedCustomerIds"] == [second, first]
    Runner(database, job_table()).run_due()
    assert (owners(caller), count(caller, third)) == ({third}, 15)


def test_a_deleted_customer_leaves_the_feedback(tenant: Tenants, database: Database, slowly: None) -> None:
    caller = tenant()
    merged, jane = customer(caller, "merged", 3), customer(caller, "jane", 3)
    merge(caller, jane, merged)
    assert caller.delete(f"/customers/{jane}").data == {"id": jane, "deleted": True}
    assert owners(caller) == {None}
    check_problem(caller.delete(f"/customers/{jane}"), "not_found")
    caller.new_feedback(userEmail="jane@example.com")
    assert len(owners(caller)) == 2
    Runner(database, job_table()).run_due()
    assert len(owners(caller)) == 2
    assert caller.count() == 7
    assert jane not in owners(caller)


@pytest.mark.case("IDM-30")
def test_a_merge_again_with_the_same_key_is_the_same_merge(tenant: Tenants) -> None:
    caller = tenant()
    target, source = customer(caller, "target", 1), customer(caller, "source", 2)
    key = [("idempotency-key", "k")]
    answers = [
        caller.request("POST", f"/customers/{target}/merge", headers=key, json={"sourceCustomerId": source})
        for _ in range(2)
    ]
    assert answers[0].body == answers[1].body
    assert count(caller, target) == 3


def test_counts_hold_when_everything_happens_at_once(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    target, source = customer(caller, "target", 3), customer(caller, "source", 3)
    client: Any = caller.client
    sent = [caller.authorization]
    body = {"workspaceId": caller.workspace_id, "projectId": caller.project_id, "message": "x"}
    calls = [
        client.prepared("POST", f"/api/v1/customers/{target}/merge", headers=sent, json={"sourceCustomerId": source})
    ]
    for number, item in enumerate(caller.get("/feedback", pageSize=100).data):
        email = f"{('source', 'target')[number % 2]}@example.com"
        calls.append(client.prepared("POST", "/api/v1/feedback", headers=sent, json={**body, "userEmail": email}))
        if number % 2:
            calls.append(client.prepared("DELETE", f"/api/v1/feedback/{item['id']}", headers=sent))
    assert {answer.status for answer in client.together(calls)} <= {200, 201}
    Runner(database, job_table()).run_due()
    assert (owners(caller), count(caller, target)) == ({target}, 9)
