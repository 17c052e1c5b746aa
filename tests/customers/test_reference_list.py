"""The list of customers and the look-up behind the same address, parameter by parameter."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.client import Client
from tests.support.clock import Clock, frozen
from tests.support.problems import check_problem
from tests.support.tenants import Tenant, Tenants
from tests.webhooks.senders import sender

# By name: how many items they sent, in this order; somebody who sent none was never seen.
SENT = {"Cem": 1, "Ann": 3, "Bob": 2, "Zoë": 0}


@pytest.fixture(scope="module")
def filled(tenant: Tenants) -> Tenant:
    """Four customers, a minute apart. Each sort puts them into another order."""
    caller = tenant()
    with frozen() as clock:
        for name, items in SENT.items():
            clock.advance(minutes=1)
            caller.post("/customers", {"name": name, "primaryEmail": f"{name.lower()}@ex.com".replace("ë", "e")})
            for _ in range(min(items, 1)):
                caller.new_feedback(userEmail=f"{name}@ex.com")
        for name in ("Bob", "Ann", "Ann"):
            clock.advance(minutes=1)
            caller.new_feedback(userEmail=f"{name}@ex.com")
    return caller


def names(caller: Tenant, **query: Any) -> list[str]:
    answer = caller.get("/customers", **query)
    assert answer.json().keys() == {"data", "pagination"}, answer
    return [each["name"] for each in answer.data]


# By sort: the names in rising order, and at the end whoever has no value.
RISING = {
    "lastSeenAt": ["Cem", "Bob", "Ann", "Zoë"],
    "firstSeenAt": ["Cem", "Ann", "Bob", "Zoë"],
    "feedbackCount": ["Zoë", "Cem", "Bob", "Ann"],
    "name": ["Ann", "Bob", "Cem", "Zoë"],
}


@pytest.mark.parametrize("sort", RISING)
def test_sorting(filled: Tenant, sort: str) -> None:
    rising = RISING[sort]
    # Nobody saw Zoë: without a value one comes last either way.
    unseen = ["Zoë"] if sort.endswith("SeenAt") else []
    falling = [name for name in reversed(rising) if name not in unseen] + unseen
    assert names(filled, sort=sort, order="asc") == rising
    assert names(filled, sort=sort, order="desc") == names(filled, sort=sort) == falling


def test_those_seen_last_come_first_unless_asked_otherwise(filled: Tenant) -> None:
    assert names(filled) == names(filled, sort="lastSeenAt", order="desc") == ["Ann", "Bob", "Cem", "Zoë"]
    assert names(filled, order="asc") == ["Cem", "Bob", "Ann", "Zoë"]


@pytest.mark.case("JSON-11")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sort", "email"),
        ("sort", "createdAt"),
        ("sort", "lastseenat"),
        ("sort", ""),
        ("order", "up"),
        ("order", "DESC"),
        ("page", "0"),
        ("page", "x"),
        ("pageSize", "0"),
        ("pageSize", "101"),
        ("company", "Acme"),
        ("search", "x" * 201),
    ],
)
def test_what_the_list_does_not_know(filled: Tenant, name: str, value: Any) -> None:
    check_problem(filled.get("/customers", **{name: value}), "bad_request", field=name)


def test_the_workspace_must_be_named(filled: Tenant) -> None:
    modes: list[dict[str, Any]] = [{}, {"email": "ann@ex.com"}, {"phone": "123"}]
    for query in modes:
        check_problem(filled.get("/customers", workspaceId=None, **query), "bad_request", field="workspaceId")


def test_a_page_holds_20_unless_asked_otherwise_and_100_at_the_most(tenant: Tenants, clock: Clock) -> None:
    caller = tenant()
    for number in range(101):
        clock.advance(1)
        assert caller.post("/customers", {"name": f"{number}"}).status == 201
    first = caller.get("/customers").json()
    mark = first["pagination"]["nextCursor"]
    assert first["pagination"] == {"page": 1, "pageSize": 20, "hasMore": True, "nextCursor": mark}
    assert len(first["data"]) == 20
    assert caller.get("/customers", page=1, pageSize=20).json()["data"] == first["data"]
    last = caller.get("/customers", page=6).json()
    assert last["pagination"] == {"page": 6, "pageSize": 20, "hasMore": False, "nextCursor": None}
    assert [each["name"] for each in last["data"]] == ["0"]
    most = caller.get("/customers", pageSize=100).json()
    assert (len(most["data"]), most["pagination"]["hasMore"]) == (100, True)
    assert caller.count("/customers") == 101


# By channel: how something gets to the workspace through it.
CHANNELS: dict[str, Callable[[Tenant, Client], Any]] = {
    "api": lambda caller, client: caller.new_feedback(userEmail="api@ex.com"),
    "webhook": lambda caller, client: sender(caller, client).send({"message": "x", "userEmail": "webhook@ex.com"}),
}


def test_the_channel_that_somebody_came_through(tenant: Tenants, client: Client) -> None:
    caller = tenant()
    caller.post("/customers", {"name": "By hand"})
    for put in CHANNELS.values():
        put(caller, client)
    for channel in CHANNELS:
        (found,) = caller.get("/customers", channel=channel).data
        assert (found["primaryEmail"], found["channels"]) == (f"{channel}@ex.com", [channel])
    CHANNELS["webhook"](caller, client)
    caller.new_feedback(userEmail="webhook@ex.com")
    both = caller.get("/customers", email="webhook@ex.com").data
    assert both["channels"] == ["webhook", "api"]
    assert caller.count("/customers", channel="api") == 2
    assert caller.get("/customers", channel="ap").data == caller.get("/customers", channel="email").data == []


def test_a_tag_is_a_whole_one(tenant: Tenants) -> None:
    caller = tenant()
    for name, tags in (("Ann", ["vip", "beta"]), ("Bob", ["vip team"]), ("Cem", ["beta"]), ("Dee", [])):
        caller.post("/customers", {"name": name, "tags": tags})
    assert sorted(names(caller, tag="beta")) == ["Ann", "Cem"]
    assert names(caller, tag="vip") == ["Ann"]
    assert names(caller, tag="vip team") == ["Bob"]
    assert names(caller, tag="VIP") == names(caller, tag="vi") == []


@pytest.mark.parametrize(
    "query", [{"tag": "beta"}, {"search": "a"}, {"channel": "api"}, {"tag": "beta", "search": "a"}]
)
def test_filters_hold_on_every_page_and_in_the_total(tenant: Tenants, query: dict[str, Any]) -> None:
    caller = tenant()
    for number in range(5):
        caller.post("/customers", {"name": f"a{number}", "tags": ["beta"], "primaryEmail": f"a{number}@ex.com"})
        caller.new_feedback(userEmail=f"a{number}@ex.com")
        caller.post("/customers", {"name": f"x{number}"})
    found, cursor = [], None
    for _ in range(3):
        answer = caller.get("/customers", pageSize=2, cursor=cursor, **query).json()
        found += [each["name"] for each in answer["data"]]
        cursor = answer["pagination"]["nextCursor"]
    assert (sorted(found), cursor) == ([f"a{number}" for number in range(5)], None)
    assert caller.count("/customers", **query) == 5


def test_a_cursor_goes_with_its_sort_and_filters(filled: Tenant) -> None:
    cursor = filled.get("/customers", pageSize=1, sort="name").json()["pagination"]["nextCursor"]
    assert len(names(filled, pageSize=1, sort="name", cursor=cursor)) == 1
    others: list[dict[str, Any]] = [
        {"sort": "feedbackCount"},
        {"sort": "name", "order": "asc"},
        {"sort": "name", "tag": "beta"},
    ]
    for other in others:
        check_problem(filled.get("/customers", pageSize=1, cursor=cursor, **other), "bad_request", field="cursor")


@pytest.fixture(scope="module")
def known(tenant: Tenants) -> Tenant:
    caller = tenant()
    caller.post(
        "/customers",
        {"name": "Jane", "emails": ["jane@ex.com", "jane@work.ex"], "phones": ["+12025550175", "0301234"]},
    )
    caller.post("/customers", {"name": "John", "primaryEmail": "john@ex.com", "primaryPhone": "+12025550199"})
    return caller


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"email": "jane@ex.com"}, "Jane"),
        ({"email": " JANE@Work.EX "}, "Jane"),
        ({"email": "jane@work.ex"}, "Jane"),
        ({"email": "ane@ex.com"}, "not_found"),
        ({"email": "jane@ex"}, "not_found"),
        ({"phone": "+12025550175"}, "Jane"),
        ({"phone": "030 1234"}, "Jane"),
        ({"phone": "2025550175"}, "not_found"),
        ({"phone": "+1202555017"}, "not_found"),
        ({"email": "jane@work.ex", "phone": "0301234"}, "Jane"),
        ({"email": "john@ex.com", "phone": "+12025550199"}, "John"),
        ({"email": "john@ex.com", "phone": "+12025550175"}, "conflict"),
        ({"email": "jane@ex.com", "phone": "+12025550199"}, "conflict"),
        ({"email": "jane@ex.com", "phone": "+12025550000"}, "not_found"),
        ({"email": "nobody@ex.com", "phone": "+12025550175"}, "not_found"),
        ({"email": "nobody@ex.com", "phone": "+12025550000"}, "not_found"),
    ],
)
def test_looking_up_by_what_is_exactly_it(known: Tenant, query: dict[str, Any], found: str) -> None:
    answer = known.get("/customers", **query)
    if found in ("not_found", "conflict"):
        check_problem(answer, found)
    else:
        assert answer.json().keys() == {"data"}
        assert answer.data["name"] == found


@pytest.mark.case("TEN-09")
def test_nobody_is_found_by_their_address_in_another_workspace(known: Tenant, tenant: Tenants) -> None:
    stranger = tenant()
    check_problem(stranger.get("/customers", email="jane@ex.com"), "not_found")
    check_problem(stranger.get("/customers", phone="+12025550175"), "not_found")
    assert names(stranger, search="jane") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("jane", ["Jane"]),
        ("J", ["Jane", "John"]),
        ("oHn", ["John"]),
        ("work.ex", ["Jane"]),
        ("@EX.com", ["Jane", "John"]),
        ("555019", ["John"]),
        ("0301", ["Jane"]),
        ("doe", []),
    ],
)
def test_searching_in_names_and_in_every_address(known: Tenant, text: str, found: list[str]) -> None:
    assert sorted(names(known, search=text)) == found


def test_who_is_seen_again_moves_up(tenant: Tenants, clock: Clock) -> None:
    caller = tenant()
    for name in ("ann", "bob"):
        caller.new_feedback(userEmail=f"{name}@ex.com")
        clock.advance(1)
    caller.new_feedback(userEmail="ann@ex.com")
    found = caller.get("/customers").data
    assert [each["primaryEmail"] for each in found] == ["ann@ex.com", "bob@ex.com"]
    assert found[0]["firstSeenAt"] < found[1]["firstSeenAt"] < found[0]["lastSeenAt"] == clock.now()
