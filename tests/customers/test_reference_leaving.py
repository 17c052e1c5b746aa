"""What the reference says of merging and deleting customers, with something on both sides of everything."""

from typing import Any

import pytest
from sqlalchemy import bindparam, select

from tests.support.client import Client, Response
from tests.support.clock import Clock
from tests.support.problems import check_problem, rows_of, unchanged
from tests.support.tenants import Tenant, Tenants
from tests.webhooks.senders import sender
from userhero.customers import customers
from userhero.kernel.db import Database, Statement

_STORED = Statement(select(customers).where(customers.c.id == bindparam("customer")))
SCALARS = {
    "name": ("Jane", "Jane S."),
    "primaryEmail": ("jane@ex.com", "old@ex.com"),
    "primaryPhone": ("+12025550175", "+12025550199"),
    "company": ("Acme Inc", "Rogers Ltd"),
    "notes": ("First", "Second"),
    "timezone": ("Europe/Berlin", "Asia/Tokyo"),
    "language": ("de", "ja"),
}


@pytest.fixture
def caller(tenant: Tenants) -> Tenant:
    return tenant()


def profile(caller: Tenant, **fields: Any) -> str:
    """A customer with these fields, whichever request takes them; returns the id."""
    made = caller.post("/customers", {}).data["id"]
    assert caller.patch(f"/customers/{made}", fields).status == 200
    return str(made)


def get(caller: Tenant, customer_id: str) -> Any:
    return caller.get(f"/customers/{customer_id}").data


def merge(caller: Tenant, target: str, source: str) -> Response:
    return caller.request("POST", f"/customers/{target}/merge", json={"sourceCustomerId": source})


def test_lists_are_united(caller: Tenant, client: Client) -> None:
    here, there = {"platform": "x", "handle": "jane"}, {"platform": "github", "handle": "jane"}
    both = {"platform": "web", "handle": "jane.example", "accountId": "7"}
    target = profile(
        caller,
        emails=["jane@ex.com", "jane@work.ex"],
        phones=["+12025550175"],
        socialHandles=[here, both],
        tags=["vip", "beta"],
    )
    source = profile(
        caller,
        emails=["old@ex.com"],
        phones=["+12025550199", "1234"],
        socialHandles=[both, there],
        tags=["beta", "new"],
    )
    sender(caller, client).send({"message": "From a machine", "userEmail": "jane@ex.com"})
    caller.new_feedback(userEmail="old@ex.com")
    assert (get(caller, target)["channels"], get(caller, source)["channels"]) == (["webhook"], ["api"])
    merge(caller, target, source)
    after = get(caller, target)
    assert after["emails"] == ["jane@ex.com", "jane@work.ex", "old@ex.com"]
    assert after["phones"] == ["+12025550175", "+12025550199", "1234"]
    assert after["socialHandles"] == [here, both, there]
    assert after["tags"] == ["vip", "beta", "new"]
    assert after["channels"] == ["webhook", "api"]
    assert (after["primaryEmail"], after["primaryPhone"]) == ("jane@ex.com", "+12025550175")
    known: list[dict[str, Any]] = [
        {"email": "old@ex.com"},
        {"phone": "1234"},
        {"email": "jane@work.ex", "phone": "+12025550199"},
    ]
    for query in known:
        assert caller.get("/customers", **query).data["id"] == target


@pytest.mark.parametrize("field", SCALARS)
def test_a_single_field_that_is_missing_is_filled(caller: Tenant, field: str) -> None:
    ours = {name: values[0] for name, values in SCALARS.items() if name != field}
    theirs = {field: SCALARS[field][1]}
    target = profile(caller, **ours)
    merge(caller, target, profile(caller, **theirs))
    assert {name: get(caller, target)[name] for name in SCALARS} == {**ours, **theirs}


def test_a_single_field_that_is_there_is_kept(caller: Tenant) -> None:
    ours, theirs = ({name: values[side] for name, values in SCALARS.items()} for side in (0, 1))
    target = profile(caller, **ours)
    merge(caller, target, profile(caller, **theirs))
    assert {name: get(caller, target)[name] for name in SCALARS} == ours


def test_custom_fields_of_the_target_come_first(caller: Tenant) -> None:
    target = profile(caller, customFields={"plan": "pro"})
    source = profile(caller, customFields={"plan": "free", "seats": 3})
    merge(caller, target, source)
    assert get(caller, target)["customFields"] == {"plan": "pro", "seats": 3}


def test_feedback_and_its_count_go_along(caller: Tenant, clock: Clock) -> None:
    target, source = profile(caller, primaryEmail="jane@ex.com"), profile(caller, primaryEmail="old@ex.com")
    first = clock.now()
    theirs = [caller.new_feedback(userEmail="old@ex.com")["id"] for _ in range(3)]
    clock.advance(60)
    ours = [caller.new_feedback(userEmail="jane@ex.com")["id"] for _ in range(2)]
    other = caller.new_feedback(userEmail="john@ex.com")
    answer = merge(caller, target, source)
    assert answer.status == 200
    assert answer.json() == {"data": {"id": target, "mergedSourceId": source, "mergedFeedbackCount": 3}}
    after = get(caller, target)
    assert (after["feedbackCount"], after["mergedCustomerIds"]) == (5, [source])
    assert (after["firstSeenAt"], after["lastSeenAt"]) == (first, clock.now())
    assert {each["id"] for each in caller.get("/feedback", customerId=target).data} == {*ours, *theirs}
    assert all(caller.get(f"/feedback/{each}").data["customerId"] == target for each in theirs)
    assert caller.get(f"/feedback/{other['id']}").data["customerId"] == other["customerId"]


def test_the_source_is_gone_for_every_request(caller: Tenant, database: Database) -> None:
    target, source, other = (profile(caller, name=name) for name in ("Jane", "Old", "Other"))
    merge(caller, target, source)
    path = f"/customers/{source}"
    with unchanged(database, caller):
        for answer in (
            caller.get(path),
            caller.patch(path, {"name": "Back"}),
            caller.delete(path),
            merge(caller, source, other),
            merge(caller, other, source),
            caller.get("/feedback", customerId=source),
        ):
            check_problem(answer, "not_found")
    assert [each["name"] for each in caller.get("/customers", sort="name", order="asc").data] == ["Jane", "Other"]
    assert caller.get("/customers", search="Old").data == []


def test_a_tombstone_says_into_whom_and_nothing_else(caller: Tenant, database: Database) -> None:
    target = profile(caller, name="Jane")
    fields = {name: theirs for name, (_, theirs) in SCALARS.items()}
    source = profile(
        caller,
        **fields,
        tags=["tag1"],
        customFields={"k": "value1"},
        socialHandles=[{"platform": "x", "handle": "handle1"}],
    )
    caller.new_feedback(userEmail="old@ex.com")
    merge(caller, target, source)
    row = database.read(lambda tx: tx.one(_STORED, customer=source))
    assert row is not None
    assert target in row
    assert not {*fields.values()} & {*row}
    assert {each[1] for each in rows_of(database, caller)["customer_search"]} == {target}
    assert not [value for value in ("old@ex.com", "+12025550199", "tag1", "value1", "handle1") if value in repr(row)]


def test_the_source_must_be_named(caller: Tenant, database: Database) -> None:
    path = f"/customers/{profile(caller, name='Jane')}/merge"
    with unchanged(database, caller):
        check_problem(caller.request("POST", path, json={}), "bad_request", field="sourceCustomerId")
        for wrong in (None, 7, [], ["cust_1"]):
            answer = caller.request("POST", path, json={"sourceCustomerId": wrong})
            check_problem(answer, "bad_request", field="sourceCustomerId")
        check_problem(caller.request("POST", path, json={"sourceCustomerId": "cust_nobody"}), "not_found")


def test_a_deleted_one_leaves_the_feedback_and_their_addresses(caller: Tenant) -> None:
    jane = profile(caller, primaryEmail="jane@ex.com", primaryPhone="+12025550175")
    items = [caller.new_feedback(userEmail="jane@ex.com")["id"] for _ in range(3)]
    assert {caller.get(f"/feedback/{each}").data["customerId"] for each in items} == {jane}
    assert caller.delete(f"/customers/{jane}").json() == {"data": {"id": jane, "deleted": True}}
    for each in items:
        left = caller.get(f"/feedback/{each}").data
        assert (left["customerId"], left["userEmail"]) == (None, "jane@ex.com")
    check_problem(caller.get(f"/customers/{jane}"), "not_found")
    check_problem(caller.get("/customers", email="jane@ex.com"), "not_found")
    check_problem(caller.get("/feedback", customerId=jane), "not_found")
    assert caller.get("/customers").data == []
    assert caller.post("/customers", {"primaryEmail": "jane@ex.com", "primaryPhone": "+12025550175"}).status == 201
