"""Pages by number and pages by cursor are the same list, cut in the same places."""

import base64
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.client import Response
from tests.support.clock import frozen
from tests.support.examples import examples
from tests.support.problems import check_problem
from tests.support.tenants import Tenant, Tenants

RANK = {"low": 1, "medium": 2, "high": 3, "urgent": 4}
# What a list can be sorted by, as it stands in an item; None comes last either way.
SORTS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "createdAt": lambda item: item["createdAt"],
    "updatedAt": lambda item: item["updatedAt"],
    "votes": lambda item: item["votes"],
    "dueDate": lambda item: item["dueDate"],
    "priority": lambda item: RANK.get(item["priority"]),
    "ticketNumber": lambda item: item["ticketNumber"],
}
FILTERS: list[dict[str, Any]] = [{}, {"status": "resolved"}, {"category": "bug"}, {"priority": "high", "tag": "a"}]


def page(answer: Response) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    assert answer.status == 200, answer
    found = answer.json()
    assert found.keys() == {"data", "pagination"}
    assert found["pagination"].keys() - {"total"} == {"page", "pageSize", "hasMore", "nextCursor"}
    return found["data"], found["pagination"]


def by_number(caller: Tenant, size: int, **query: Any) -> Iterator[tuple[list[dict[str, Any]], dict[str, Any]]]:
    number = 1
    while True:
        items, where = page(caller.get("/feedback", page=number, pageSize=size, **query))
        yield items, where
        if not where["hasMore"]:
            return
        number += 1


def by_cursor(caller: Tenant, size: int, **query: Any) -> Iterator[tuple[list[dict[str, Any]], dict[str, Any]]]:
    cursor = None
    while True:
        items, where = page(caller.get("/feedback", cursor=cursor, pageSize=size, **query))
        yield items, where
        cursor = where["nextCursor"]
        if cursor is None:
            return


def expected(items: list[dict[str, Any]], sort: str, order: str) -> list[str]:
    """The ids in the order that the list promises."""
    value = SORTS[sort]
    present = sorted((item for item in items if value(item) is not None), key=lambda item: (value(item), item["id"]))
    absent = sorted((item for item in items if value(item) is None), key=lambda item: item["id"])
    if order == "desc":
        present.reverse()
        absent.reverse()
    return [item["id"] for item in present + absent]


def matches(item: dict[str, Any], query: dict[str, Any]) -> bool:
    return all(value in item["tags"] if name == "tag" else item[name] == value for name, value in query.items())


entries = st.fixed_dictionaries(
    {
        "pause": st.sampled_from([0, 0, 0.001, 1]),
        "priority": st.sampled_from([None, *RANK]),
        "category": st.sampled_from([None, "bug", "idea"]),
        "tags": st.sampled_from([[], ["a"], ["b", "a"]]),
        "dueDate": st.sampled_from([None, "2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z"]),
        "status": st.sampled_from(["new", "new", "resolved"]),
    }
)


@given(
    wanted=st.lists(entries, max_size=14),
    size=st.integers(1, 8),
    sort=st.sampled_from(sorted(SORTS)),
    order=st.sampled_from(["asc", "desc"]),
    query=st.sampled_from(FILTERS),
)
@examples(25)
def test_both_ways_give_the_whole_list_in_order(
    tenant: Tenants, wanted: list[dict[str, Any]], size: int, sort: str, order: str, query: dict[str, Any]
) -> None:
    caller = tenant()
    items = _fill(caller, wanted)
    ways = {"sort": sort, "order": order, **query}
    numbered, cursored = list(by_number(caller, size, **ways)), list(by_cursor(caller, size, **ways))
    assert [items for items, _ in numbered] == [items for items, _ in cursored]
    matching = [item for item in items if matches(item, query)]
    assert [item["id"] for items, _ in numbered for item in items] == expected(matching, sort, order)
    assert all(item in items for page_items, _ in numbered for item in page_items)
    for pages in (numbered, cursored):
        for number, (entries_of_page, where) in enumerate(pages, 1):
            assert (where["page"], where["pageSize"]) == (number, size)
            last = number == len(pages)
            assert where["hasMore"] is not last
            assert (where["nextCursor"] is None) is last
            assert len(entries_of_page) == size or last
    assert caller.count(**query) == len(matching)


def _fill(caller: Tenant, wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Make items as wanted; returns them as the API shows them."""
    with frozen() as clock:
        made = []
        for entry in wanted:
            clock.advance(entry["pause"])
            fields = {name: entry[name] for name in ("priority", "category", "tags")}
            item = caller.new_feedback(**fields)
            clock.advance(entry["pause"])
            change = {name: entry[name] for name in ("dueDate", "status") if entry[name] not in (None, "new")}
            if change:
                caller.patch(f"/feedback/{item['id']}", change)
            made.append(item["id"])
    listed, _ = page(caller.get("/feedback", pageSize=100))
    by_id = {item["id"]: item for item in listed}
    return [by_id[item_id] for item_id in made]


@pytest.fixture(scope="module")
def full(tenant: Tenants) -> Tenant:
    """A tenant with 25 items and 25 projects more."""
    caller = tenant()
    for number in range(25):
        caller.new_feedback(f"Item {number}", category="bug" if number % 2 else None)
        caller.post("/projects", {"name": f"Project {number}"})
    return caller


def test_the_newest_come_first_20_at_a_time(full: Tenant) -> None:
    items, where = page(full.get("/feedback"))
    assert [item["message"] for item in items] == [f"Item {number}" for number in range(24, 4, -1)]
    assert where == {"page": 1, "pageSize": 20, "hasMore": True, "nextCursor": where["nextCursor"]}
    assert [item["name"] for item in page(full.get("/projects"))[0]][:2] == ["Project 24", "Project 23"]


def test_a_page_past_the_end_is_empty(full: Tenant) -> None:
    for number in (3, 1_000, 1_000_000_000):
        items, where = page(full.get("/feedback", page=number))
        assert items == []
        assert where == {"page": number, "pageSize": 20, "hasMore": False, "nextCursor": None}


def test_a_page_that_ends_with_the_list_is_the_last(full: Tenant) -> None:
    for size, number in ((25, 1), (5, 5)):
        items, where = page(full.get("/feedback", pageSize=size, page=number))
        assert len(items) == size
        assert where["hasMore"] is False
        assert where["nextCursor"] is None


def test_the_total_is_told_when_asked_for(full: Tenant) -> None:
    assert "total" not in page(full.get("/feedback"))[1]
    assert "total" not in page(full.get("/feedback", includeTotal="false"))[1]
    assert page(full.get("/feedback", includeTotal="true", pageSize=1, page=99))[1]["total"] == 25
    assert page(full.get("/feedback", includeTotal="true", category="bug"))[1]["total"] == 12
    assert page(full.get("/projects", includeTotal="true"))[1]["total"] == 26
    cursor = page(full.get("/feedback", pageSize=20))[1]["nextCursor"]
    assert page(full.get("/feedback", includeTotal="true", cursor=cursor))[1]["total"] == 25


def test_a_cursor_may_change_the_size_of_the_page(full: Tenant) -> None:
    cursor = page(full.get("/feedback", pageSize=3))[1]["nextCursor"]
    items, _ = page(full.get("/feedback", pageSize=5, cursor=cursor))
    assert [item["message"] for item in items] == [f"Item {number}" for number in range(21, 16, -1)]


def test_a_cursor_holds_its_place_while_the_list_grows(tenant: Tenants) -> None:
    caller = tenant()
    for number in range(4):
        caller.new_feedback(f"Item {number}")
    first, where = page(caller.get("/feedback", pageSize=2))
    caller.new_feedback("Later")
    caller.delete(f"/feedback/{first[-1]['id']}")
    second, _ = page(caller.get("/feedback", pageSize=2, cursor=where["nextCursor"]))
    assert [item["message"] for item in first + second] == ["Item 3", "Item 2", "Item 1", "Item 0"]


@pytest.mark.case("TEN-10")
def test_a_cursor_belongs_to_its_list(full: Tenant, tenant: Tenants) -> None:
    """Other filters, another sort, another list, another tenant: refused, and nothing shown."""
    cursor = page(full.get("/feedback", pageSize=2))[1]["nextCursor"]
    for query in (
        {"status": "new"},
        {"category": "bug"},
        {"order": "asc"},
        {"sort": "updatedAt"},
        {"sort": "votes"},
        {"page": 2},
    ):
        check_problem(full.get("/feedback", cursor=cursor, **query), "bad_request", field="cursor")
    check_problem(full.get("/projects", cursor=cursor), "bad_request", field="cursor")
    other = tenant()
    other.new_feedback()
    check_problem(other.get("/feedback", cursor=cursor), "bad_request", field="cursor")
    # Within its own list it is good for whoever may see that.
    assert page(tenant.colleague(full, "admin").get("/feedback", cursor=cursor))[0]


@pytest.mark.parametrize(
    "damaged",
    [
        lambda cursor: "",
        lambda cursor: "x",
        lambda cursor: cursor[:-1],
        lambda cursor: cursor[1:],
        lambda cursor: cursor + "A",
        lambda cursor: cursor + "====",
        lambda cursor: cursor.swapcase(),
        lambda cursor: " " + cursor,
        lambda cursor: cursor * 2,
        lambda cursor: "A" * 5000,
        lambda cursor: "2",
        lambda cursor: "null",
        lambda cursor: base64.urlsafe_b64encode(b'[2,null,""]').decode(),
        lambda cursor: "ü🦸",
        lambda cursor: "//8=",
    ],
)
def test_a_damaged_cursor_is_refused(full: Tenant, damaged: Callable[[str], str]) -> None:
    cursor = page(full.get("/feedback", pageSize=2))[1]["nextCursor"]
    check_problem(full.get("/feedback", cursor=damaged(cursor)), "bad_request", field="cursor")


@pytest.mark.case("TEN-10")
@given(place=st.integers(0, 10_000), put=st.sampled_from("ABab01-_"))
def test_no_cursor_can_be_made_up(full: Tenant, place: int, put: str) -> None:
    cursor = page(full.get("/feedback", pageSize=2))[1]["nextCursor"]
    at = place % len(cursor)
    forged = cursor[:at] + put + cursor[at + 1 :]
    answer = full.get("/feedback", cursor=forged)
    # The last character may differ in bits that stand for nothing: then the cursor is the same one.
    if answer.status == 200:
        assert _bytes(forged) == _bytes(cursor)
    else:
        check_problem(answer, "bad_request", field="cursor")


def _bytes(cursor: str) -> bytes:
    return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
