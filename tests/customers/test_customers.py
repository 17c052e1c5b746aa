"""Customers by hand: made, found, changed, removed; whose an address is, and what a value may be."""

from typing import Any

import pytest
from sqlalchemy import bindparam, select

from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from userhero.kernel.db import Database, Statement
from userhero.kernel.events import events

_KINDS = Statement(
    select(events.c.kind).where(events.c.workspace_id == bindparam("workspace")).order_by(events.c.position)
)


def new(caller: Tenant, **fields: Any) -> Any:
    return caller.post("/customers", fields).data


def change(caller: Tenant, customer: Any, **fields: Any) -> Any:
    return caller.request("PATCH", f"/customers/{customer['id']}", json=fields)


def names(caller: Tenant, **query: Any) -> list[str]:
    return [item["name"] for item in caller.get("/customers", **query).data]


def test_the_example_of_the_reference(tenant: Tenants) -> None:
    caller = tenant()
    made = new(
        caller, name="Jane Smith", primaryEmail="jane@example.com", company="Acme Inc", tags=["enterprise", "beta"]
    )
    assert made == {
        "id": made["id"],
        "workspaceId": caller.workspace_id,
        "name": "Jane Smith",
        "primaryEmail": "jane@example.com",
        "primaryPhone": None,
        "emails": ["jane@example.com"],
        "phones": [],
        "socialHandles": [],
        "company": "Acme Inc",
        "tags": ["enterprise", "beta"],
        "feedbackCount": 0,
        "channels": [],
        "lastSeenAt": None,
        "firstSeenAt": None,
        "createdAt": made["createdAt"],
        "updatedAt": made["createdAt"],
        "notes": None,
        "customFields": {},
        "timezone": None,
        "language": None,
        "mergedCustomerIds": [],
    }
    # The object alone says which workspace it is in.
    assert caller.get(f"/customers/{made['id']}", workspaceId=None).data == made
    profile = ("notes", "customFields", "timezone", "language", "mergedCustomerIds")
    assert caller.get("/customers").data == [{key: value for key, value in made.items() if key not in profile}]


def test_addresses_are_kept_in_one_spelling_with_the_primary_ones_among_them(tenant: Tenants) -> None:
    made = new(
        tenant(),
        primaryEmail=" Jane@EXAMPLE.com ",
        emails=["work@bücher.example", "WORK@bücher.example"],
        phones=["+1 (650) 253-0000", "0650 12"],
    )
    assert made["emails"] == ["jane@example.com", "work@xn--bcher-kva.example"]
    assert (made["phones"], made["primaryPhone"]) == (["+16502530000", "065012"], "+16502530000")


@pytest.mark.parametrize("field", ["primaryEmail", "emails"])
def test_nobody_gets_the_address_of_another(tenant: Tenants, database: Database, field: str) -> None:
    caller, other = tenant(), tenant()
    new(caller, emails=["jane@example.com"], phones=["+16502530000"])
    john = new(caller, name="John")
    value: Any = "JANE@example.com" if field == "primaryEmail" else ["free@example.com", "JANE@example.com"]
    with unchanged(database, caller):
        check_problem(caller.post("/customers", {field: value}), "conflict")
        check_problem(caller.post("/customers", {"primaryPhone": "+1 650 253 0000"}), "conflict")
        check_problem(change(caller, john, **{field: value}), "conflict")
    assert other.post("/customers", {field: value}).status == 201


def test_an_address_that_was_let_go_is_free(tenant: Tenants) -> None:
    caller = tenant()
    jane = new(caller, emails=["a@example.com", "b@example.com"])
    assert change(caller, jane, emails=["b@example.com"]).data["primaryEmail"] == "b@example.com"
    john = new(caller, primaryEmail="a@example.com")
    assert caller.get("/customers", email="a@example.com").data["id"] == john["id"]
    caller.delete(f"/customers/{john['id']}")
    assert change(caller, jane, primaryEmail="a@example.com").data["emails"] == ["a@example.com", "b@example.com"]


def test_what_a_change_says_of_addresses(tenant: Tenants) -> None:
    caller = tenant()
    jane = new(caller, emails=["a@example.com", "b@example.com"])
    for said, primary, known in (
        ({"emails": ["c@example.com", "a@example.com"]}, "a@example.com", ["c@example.com", "a@example.com"]),
        ({"primaryEmail": None}, None, ["c@example.com", "a@example.com"]),
        (
            {"primaryEmail": "d@example.com", "emails": ["e@example.com"]},
            "d@example.com",
            ["d@example.com", "e@example.com"],
        ),
        ({"emails": []}, None, []),
    ):
        after = change(caller, jane, **said).data
        assert (after["primaryEmail"], after["emails"]) == (primary, known)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"email": "JANE@example.com"}, None),
        ({"phone": "+1 650-253-0000"}, None),
        ({"email": "jane@example.com", "phone": "+16502530000"}, None),
        ({"email": "nobody@example.com"}, "not_found"),
        ({"email": "jane"}, "not_found"),
        ({"email": ""}, "not_found"),
        ({"email": "jane@example.com", "phone": "123456"}, "not_found"),
        ({"email": "john@example.com", "phone": "+16502530000"}, "conflict"),
        ({"email": "jane@example.com", "tag": "beta"}, "bad_request"),
        ({"email": "jane@example.com", "page": 1}, "bad_request"),
    ],
)
def test_looking_one_up(tenant: Tenants, query: dict[str, Any], code: str | None) -> None:
    caller = tenant()
    jane = new(caller, primaryEmail="jane@example.com", primaryPhone="+16502530000")
    new(caller, primaryEmail="john@example.com")
    answer = caller.get("/customers", **query)
    if code is not None:
        check_problem(answer, code)
        return
    assert answer.json().keys() == {"data"}
    assert answer.data["id"] == jane["id"]


def test_search_is_by_parts_without_case_and_accents(tenant: Tenants) -> None:
    caller, other = tenant(), tenant()
    new(caller, name="Zoë Ångström", emails=["a@example.com", "zo%_e@example.org"])
    new(caller, name="Bob", phones=["+16502530000"])
    new(other, name="Zoë")
    for text in ("ZOE", "ångst", "e ang", "EXAMPLE.ORG", "%_", "  zoë "):
        assert names(caller, search=text) == ["Zoë Ångström"], text
    assert names(caller, search="650253") == ["Bob"]
    for text in ("zoe bob", "%", "_b", "\\", "'", '"', "example.orgx"):
        assert names(caller, search=text) == (["Zoë Ångström"] if text == "%" else []), text
    assert len(names(caller, search=" ")) == 2
    jane = caller.get("/customers", email="a@example.com").data
    change(caller, jane, name="Renamed")
    assert (names(caller, search="zoe"), names(caller, search="renam")) == ([], ["Renamed"])


def test_names_are_sorted_as_people_read_them(tenant: Tenants) -> None:
    caller = tenant()
    for number, name in enumerate(("Zoe", "émile", "bob", "Ann", None, "\u00c5ngström")):
        new(caller, name=name, primaryEmail=f"{number}@example.com")
    in_order = ["\u00c5ngström", "Ann", "bob", "émile", "Zoe", None]
    assert names(caller, sort="name", order="asc") == in_order
    assert names(caller, sort="name", order="desc") == [*reversed(in_order[:-1]), None]
    paged = [names(caller, sort="name", order="asc", pageSize=4, page=page) for page in (1, 2)]
    assert paged == [in_order[:4], in_order[4:]]


def test_a_new_name_is_sorted_anew(tenant: Tenants) -> None:
    caller = tenant()
    ann, bob = (new(caller, name=name, primaryEmail=f"{name}@example.com") for name in ("Ann", "Bob"))
    change(caller, ann, name="zara")
    assert names(caller, sort="name", order="asc") == ["Bob", "zara"]
    change(caller, bob, name=None)
    assert names(caller, sort="name", order="asc") == ["zara", None]


def test_filters_and_sorts(tenant: Tenants) -> None:
    caller = tenant()
    for name, items in (("Ann", 2), ("Bob", 0), ("Cem", 1)):
        new(caller, name=name, primaryEmail=f"{name}@example.com", tags=[name.lower(), "all"])
        for _ in range(items):
            caller.new_feedback(userEmail=f"{name}@example.com")
    assert names(caller) == ["Cem", "Ann", "Bob"]
    assert names(caller, order="asc") == ["Ann", "Cem", "Bob"]
    assert names(caller, sort="firstSeenAt", order="asc") == ["Ann", "Cem", "Bob"]
    assert names(caller, sort="feedbackCount") == ["Ann", "Cem", "Bob"]
    assert names(caller, sort="name", order="asc") == ["Ann", "Bob", "Cem"]
    assert names(caller, channel="api") == ["Cem", "Ann"]
    assert (names(caller, tag="bob"), names(caller, tag="al"), names(caller, channel="widget")) == (["Bob"], [], [])
    assert caller.count("/customers", tag="all") == 3
    cursor = caller.get("/customers", pageSize=2).json()["pagination"]["nextCursor"]
    assert names(caller, pageSize=2, cursor=cursor) == ["Bob"]
    check_problem(caller.get("/customers", sort="email"), "bad_request", field="sort")
    check_problem(caller.get("/customers", workspaceId=None), "bad_request", field="workspaceId")


def test_a_change_takes_what_the_reference_names(tenant: Tenants) -> None:
    caller = tenant()
    jane = new(caller, name="Jane Smith", tags=["enterprise", "beta"])
    fields = {
        "name": "Jane Smith-Rogers",
        "tags": ["enterprise", "beta", "vip"],
        "customFields": {"plan": "pro", "accountManager": "alex"},
        "socialHandles": [{"platform": "github", "handle": "jane"}, {"platform": "x", "handle": "j", "accountId": "7"}],
        "company": "Acme Inc",
        "notes": " As it came\n",
        "timezone": "Europe/Berlin",
        "language": "pt-BR",
    }
    after = change(caller, jane, **fields).data
    assert {name: after[name] for name in fields} == fields
    cleared = change(
        caller, jane, **dict.fromkeys(("name", "company", "notes", "timezone", "language", "customFields"))
    )
    assert [cleared.data[name] for name in ("name", "notes", "timezone", "customFields")] == [None, None, None, {}]


def test_a_change_to_what_is_there_changes_nothing(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    jane = new(caller, name="Jane", primaryEmail="jane@example.com")
    with unchanged(database, caller):
        assert change(caller, jane, name=" Jane ", primaryEmail="JANE@example.com", tags=[]).data == jane


@pytest.mark.case("JSON-08")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "x" * 201),
        ("company", "x" * 201),
        ("notes", "x" * 10_001),
        ("primaryEmail", "jane"),
        ("primaryPhone", "call me"),
        ("emails", [f"a{number}@example.com" for number in range(51)]),
        ("phones", [str(1000 + number) for number in range(51)]),
        ("tags", ["x" * 51]),
        ("tags", [str(number) for number in range(21)]),
        ("customFields", {"x": "y" * 16 * 1024}),
        ("socialHandles", [{"platform": "x"}]),
        ("socialHandles", [{"platform": "x", "handle": "y", "id": "z"}]),
        ("emails", None),
        *(
            ("timezone", zone)
            for zone in ("", "Mars/Base", "../UTC", "/etc/passwd", "europe/berlin", "x" * 5000, "localtime")
        ),
        *(
            ("language", tag)
            for tag in ("", "e", "english language", "en_US", "en-", "-en", "x" * 5000, "\u0435n", "en\n")
        ),
    ],
)
def test_a_value_that_breaks_a_rule_is_refused(tenant: Tenants, database: Database, field: str, value: Any) -> None:
    caller = tenant()
    jane = new(caller, name="Jane", primaryEmail="jane@example.com")
    with unchanged(database, caller):
        check_problem(change(caller, jane, **{field: value}), "bad_request")
        if field not in ("customFields", "socialHandles", "timezone", "language") and value is not None:
            check_problem(caller.post("/customers", {field: value}), "bad_request")


@pytest.mark.parametrize("tag", ["en", "de-AT", "zh-Hant-TW", "es-419", "sl-rozaj-biske", "en-x-private"])
def test_languages(tenant: Tenants, tag: str) -> None:
    caller = tenant()
    assert change(caller, new(caller, name="Jane"), language=tag).data["language"] == tag


@pytest.mark.case("ABU-09")
def test_the_same_address_twice_at_once_makes_one_customer(tenant: Tenants) -> None:
    caller = tenant()
    body = {"workspaceId": caller.workspace_id, "primaryEmail": "jane@example.com", "primaryPhone": "+16502530000"}
    client: Any = caller.client
    calls = [client.prepared("POST", "/api/v1/customers", headers=[caller.authorization], json=body) for _ in range(8)]
    assert sorted(answer.status for answer in client.together(calls)) == [201] + [409] * 7
    assert caller.count("/customers") == 1


def kinds(caller: Tenant, database: Database) -> list[str]:
    return [row for row in _events(database, caller.workspace_id) if row.startswith("customer")]


def _events(database: Database, workspace_id: str) -> list[str]:
    return database.read(lambda tx: tx.texts(_KINDS, workspace=workspace_id))


def test_every_change_is_announced(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    caller.new_feedback(userEmail="john@example.com")
    caller.new_feedback(userEmail="john@example.com")
    john = caller.get("/customers", email="john@example.com").data
    caller.new_feedback(userEmail="john@example.com", customMetadata={"name": "John"})
    jane = new(caller, name="Jane")
    change(caller, jane, company="Acme Inc")
    caller.post(f"/customers/{jane['id']}/merge", {"sourceCustomerId": john["id"]})
    caller.delete(f"/customers/{jane['id']}")
    told = ["created", "updated", "created", "updated", "merged", "deleted"]
    assert kinds(caller, database) == [f"customer.{verb}" for verb in told]
