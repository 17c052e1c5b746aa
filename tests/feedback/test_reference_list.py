"""Every filter of the list gives the items that a plain reading of the items gives, newest first."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.clock import frozen
from tests.support.problems import check_problem
from tests.support.tenants import Tenant, Tenants

STATUSES = ["new", "in-progress", "reopened", "resolved", "archived", "waiting"]
PLAN = {"id": "cf_plan", "type": "select", "label": "Plan", "options": ["Free", "Pro"]}
NOTES = {"id": "cf_notes", "type": "text", "label": "Notes"}
ADDRESSES = ["ann@example.com", "joann@example.com", "ann@example.com.au", "ann+x@example.com", None, "ann@example.com"]


class Filled:
    """A workspace with twelve items of two projects, a minute apart, no two of them alike."""

    def __init__(self, caller: Tenant, others: str, viewer: str) -> None:
        self.caller = caller
        self.others = others
        self.viewer = viewer
        self.items: list[dict[str, Any]] = []

    def add(self, number: int) -> None:
        """One more item, made and changed."""
        elsewhere = number % 4 == 3
        fields: dict[str, Any] = {
            "projectId": self.others if elsewhere else self.caller.project_id,
            "widgetId": self.caller.widget_id if number in (0, 4) else None,
            "category": ["bug", "bugs", "Bug", None][number % 4],
            "priority": ["low", "medium", "high", "urgent", None][number % 5],
            "tags": [["a"], ["a", "b"], ["ab"], []][number % 4],
            "userEmail": ADDRESSES[number % 6],
            "customMetadata": None if elsewhere else {"customFields": {"cf_plan": ["Free", "Pro"][number % 2]}},
        }
        item = self.caller.new_feedback(f"Item {number}", **fields)
        status = STATUSES[number % 5 if elsewhere else number % 6]
        change: dict[str, Any] = {"status": status, "isPublic": number % 3 == 0}
        change["assigneeId"] = [self.caller.user_id, self.viewer, None][number % 3]
        change["dueDate"] = "2020-01-01" if number in (0, 1) else None
        self.items.insert(0, self.caller.patch(f"/feedback/{item['id']}", change).data)

    def listed(self, **query: Any) -> list[str]:
        """The messages that the list gives."""
        answer = self.caller.get("/feedback", **query)
        assert answer.status == 200, answer
        return [item["message"] for item in answer.data]

    def matching(self, fits: Callable[[dict[str, Any]], bool]) -> list[str]:
        """The messages of the items that fit, newest first."""
        return [item["message"] for item in self.items if fits(item)]


@pytest.fixture(scope="module")
def filled(tenant: Tenants) -> Filled:
    caller = tenant()
    waiting = {"id": "waiting", "label": "Waiting", "category": "pending"}
    caller.patch(f"/projects/{caller.project_id}", {"statuses": [waiting], "customFieldDefinitions": [PLAN, NOTES]})
    other = caller.post("/projects", {"name": "Other"}).data["id"]
    made = Filled(caller, other, tenant.colleague(caller, "viewer").user_id)
    with frozen() as clock:
        for number in range(12):
            made.add(number)
            clock.advance(minutes=1)
    return made


# By name: the parameter, the values tried, and which items a value means.
FILTERS: dict[str, tuple[list[Any], Callable[[dict[str, Any], Any], bool]]] = {
    "status": (STATUSES, lambda item, value: item["status"] == value),
    "category": (["bug", "bugs", "Bug"], lambda item, value: item["category"] == value),
    "priority": (["low", "medium", "high", "urgent"], lambda item, value: item["priority"] == value),
    "tag": (["a", "b", "ab"], lambda item, value: value in item["tags"]),
    "isPublic": (["true", "false"], lambda item, value: item["isPublic"] is (value == "true")),
    "slaBreached": (["true", "false"], lambda item, value: item["slaBreached"] is (value == "true")),
    "userEmail": (
        ["ann@example.com", "joann@example.com", "ann@example.com.au", "ann+x@example.com", "ANN@Example.COM"],
        lambda item, value: item["userEmail"] == value.lower(),
    ),
    "customField.cf_plan": (
        ["Free", "Pro"],
        lambda item, value: (item["customMetadata"] or {}).get("customFields", {}).get("cf_plan") == value,
    ),
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, (values, _) in FILTERS.items() for value in values]
)
def test_a_filter_by_a_value(filled: Filled, name: str, value: Any) -> None:
    fits = FILTERS[name][1]
    expected = filled.matching(lambda item: fits(item, value))
    assert 0 < len(expected) < len(filled.items), "the value tells items apart"
    assert filled.listed(**{name: value}) == expected


@pytest.mark.parametrize(
    ("name", "of"),
    [
        ("projectId", lambda filled: [filled.caller.project_id, filled.others]),
        ("widgetId", lambda filled: ["api", filled.caller.widget_id]),
        ("assigneeId", lambda filled: [filled.caller.user_id, filled.viewer]),
        ("customerId", lambda filled: sorted({item["customerId"] for item in filled.items if item["customerId"]})),
    ],
)
def test_a_filter_by_an_id(filled: Filled, name: str, of: Callable[[Filled], list[str]]) -> None:
    values = of(filled)
    assert len(values) > 1
    for value in values:
        expected = [item["message"] for item in filled.items if item[name] == value]
        assert 0 < len(expected) < len(filled.items)
        assert filled.listed(**{name: value}) == expected


def test_items_that_nobody_is_assigned_to(filled: Filled) -> None:
    assert filled.listed(assigneeId="none") == filled.matching(lambda item: item["assigneeId"] is None)
    assert len(filled.listed(assigneeId="none")) == 4


@pytest.mark.parametrize("number", [0, 5, 11])
def test_filters_by_time_leave_the_moment_itself_out(filled: Filled, number: int) -> None:
    moment = filled.items[number]["createdAt"]
    older, younger = filled.items[number + 1 :], filled.items[:number]
    assert filled.listed(createdBefore=moment) == [item["message"] for item in older]
    assert filled.listed(createdAfter=moment) == [item["message"] for item in younger]
    same_elsewhere = moment.replace("Z", "+00:00")
    assert filled.listed(createdAfter=same_elsewhere, createdBefore=moment) == []


def test_items_that_were_changed_since(tenant: Tenants, clock: Any) -> None:
    caller = tenant()
    items = [caller.new_feedback(f"Item {number}") for number in range(3)]
    moment = clock.now()
    clock.advance(1)
    caller.patch(f"/feedback/{items[1]['id']}", {"category": "bug"})
    assert [item["message"] for item in caller.get("/feedback", updatedAfter=moment).data] == ["Item 1"]
    assert caller.get("/feedback", updatedAfter=clock.now()).data == []


def test_filters_combine(filled: Filled) -> None:
    query = {"priority": "low", "category": "Bug", "isPublic": "false"}
    expected = filled.matching(
        lambda item: (item["priority"], item["category"], item["isPublic"]) == ("low", "Bug", False)
    )
    assert len(expected) == 1
    assert filled.listed(**query) == expected
    assert filled.listed(search="item", **query) == expected
    assert filled.listed(**query, projectId=filled.others) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "nowhere"),
        ("status", "New"),
        ("category", "BUG"),
        ("tag", "A"),
        ("userEmail", "ann"),
        ("userEmail", "@example.com"),
        ("userEmail", "example.com"),
        ("userEmail", "%@example.com"),
        ("userEmail", "nobody@example.com"),
        ("assigneeId", "user_nobody"),
        ("customField.cf_plan", "Gold"),
    ],
)
def test_a_value_that_no_item_has_gives_an_empty_page(filled: Filled, name: str, value: str) -> None:
    assert filled.listed(**{name: value}) == []


@pytest.mark.parametrize("field", ["cf_notes", "cf_nothing", "df_name"])
def test_only_select_fields_filter(filled: Filled, field: str) -> None:
    query: dict[str, Any] = {f"customField.{field}": "x"}
    check_problem(filled.caller.get("/feedback", **query), "bad_request", field=f"customField.{field}")


@pytest.mark.parametrize("name", ["projectId", "widgetId", "customerId"])
def test_a_filter_by_what_is_not_there_is_404(filled: Filled, name: str) -> None:
    query: dict[str, Any] = {name: "proj_nothing"}
    check_problem(filled.caller.get("/feedback", **query), "not_found")


def test_a_page_has_20_items_unless_the_request_says_otherwise_and_100_at_the_most(tenant: Tenants) -> None:
    caller = tenant()
    for number in range(101):
        caller.new_feedback(f"Item {number}")
    sizes = {size: len(caller.get("/feedback", pageSize=size).data) for size in (None, 1, 100)}
    assert sizes == {None: 20, 1: 1, 100: 100}
    check_problem(caller.get("/feedback", pageSize=101), "bad_request", field="pageSize")
    first, second = (caller.get("/feedback", page=page).data for page in (None, 2))
    assert [item["message"] for item in first + second] == [f"Item {number}" for number in range(100, 60, -1)]
    assert caller.get("/feedback", page=1).data == first
