"""Conditions over HTTP: every field holds what the item shows, and every operator means what it says."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.automations.macros import condition, save, saved
from tests.support.clock import Clock, frozen
from tests.support.problems import check_problem
from tests.support.tenants import Tenant, Tenants

Item = dict[str, Any]

PLAN = {"id": "cf_plan", "type": "select", "label": "Plan", "options": ["Free", "Pro"]}
# By field: what it holds of an item, as the item itself shows it.
FIELDS: dict[str, Callable[[Item], Any]] = {
    **{
        name: lambda item, name=name: item[name]  # type: ignore[misc]
        for name in (
            "category", "priority", "status", "statusCategory", "widgetId", "message", "tags", "rating", "userEmail",
            "assigneeId", "isPublic", "votes", "source", "createdAt", "updatedAt",
        )
    },
    "template": lambda item: "popover",
    "lastCustomerReplyAt": lambda item: item["customerComments"][0]["createdAt"],
    "customField.cf_plan": lambda item: "Pro",
    "metadata.account.plan": lambda item: "gold",
}  # fmt: skip
OPERATORS = {
    "equals", "not_equals", "in", "not_in", "contains", "not_contains", "starts_with", "greater_than", "less_than",
    "is_set", "is_not_set", "older_than", "newer_than",
}  # fmt: skip


class Place:
    """A workspace with an item that has everything, and one that has nothing but a message."""

    def __init__(self, caller: Tenant, clock: Clock) -> None:
        self.caller = caller
        self.clock = clock
        caller.patch(f"/projects/{caller.project_id}", {"customFieldDefinitions": [PLAN]})
        self.empty = caller.new_feedback("Nothing")
        caller.patch(f"/widgets/{caller.widget_id}", {"config": {"type": "popover"}})
        made = caller.new_feedback(
            "The Export fails (a+)",
            widgetId=caller.widget_id,
            category="Bug",
            priority="high",
            tags=["VIP", "beta"],
            rating=4.5,
            userEmail="jane@ex.com",
            customMetadata={"customFields": {"cf_plan": "Pro"}, "account": {"plan": "gold", "seats": 12}},
        )
        path = f"/feedback/{made['id']}"
        caller.patch(path, {"status": "in-progress", "assigneeId": caller.user_id, "isPublic": True})
        clock.advance(hours=1)
        said = {"authorType": "customer", "authorName": "Jane", "authorEmail": "jane@ex.com", "message": "Still fails"}
        assert caller.post(f"{path}/comments", said).status == 201
        clock.advance(hours=9)
        self.item = caller.get(path).data

    def explained(self, item: Item, *rules: dict[str, Any]) -> list[dict[str, Any]]:
        """What each rule finds in an item now."""
        body = {
            "projectId": self.caller.project_id,
            "feedbackId": item["id"],
            "conditions": {"combinator": "and", "rules": list(rules)},
        }
        answer = self.caller.post("/automations/dry-run", body)
        assert answer.status == 200, answer
        found: list[dict[str, Any]] = answer.json()["items"][0]["conditions"]["rules"]
        return found

    def holds(self, field: str, operator: str, *value: Any) -> bool:
        """Whether a rule holds for the item that has everything."""
        (rule,) = condition(field, operator, *value)["rules"]
        found = self.explained(self.item, rule)[0]["holds"]
        assert isinstance(found, bool)
        return found


@pytest.fixture(scope="module")
def place(tenant: Tenants) -> Any:
    with frozen() as clock:
        yield Place(tenant(), clock)


def test_every_field_holds_what_the_item_shows(place: Place) -> None:
    asked = [{"field": field, "operator": "is_set"} for field in FIELDS]
    found = place.explained(place.item, *asked)
    assert {each["field"]: each["actual"] for each in found} == {
        field: value(place.item) for field, value in FIELDS.items()
    }
    assert {each["holds"] for each in found} == {True}
    unset = {each["field"] for each in place.explained(place.empty, *asked) if not each["holds"]}
    always = {
        "status", "statusCategory", "widgetId", "message", "isPublic", "votes", "source", "createdAt", "updatedAt",
    }  # fmt: skip
    assert unset == FIELDS.keys() - always


def test_a_template_is_the_widget_s_own_before_its_type(tenant: Tenants) -> None:
    with frozen() as clock:
        place = Place(tenant(), clock)
    config = {"config": {"type": "modal", "template": "bug-report"}}
    assert place.caller.patch(f"/widgets/{place.caller.widget_id}", config).status == 200
    assert place.holds("template", "equals", "bug-report")


# Field, operator, value, and whether the item above meets it.
MEANINGS: list[tuple[str, str, Any, bool]] = [
    ("category", "equals", "Bug", True),
    ("category", "equals", "bug", False),
    ("category", "equals", "Bu", False),
    ("userEmail", "equals", "JANE@ex.com", True),
    ("rating", "equals", 4.5, True),
    ("rating", "equals", 4, False),
    ("isPublic", "equals", True, True),
    ("isPublic", "equals", False, False),
    ("tags", "equals", "VIP", True),
    ("tags", "equals", "gamma", False),
    ("priority", "not_equals", "low", True),
    ("priority", "not_equals", "high", False),
    ("status", "in", ["new", "in-progress"], True),
    ("status", "in", ["new", "resolved"], False),
    ("statusCategory", "not_in", ["closed", "resolved"], True),
    ("statusCategory", "not_in", ["closed", "open"], False),
    ("source", "in", ["api"], True),
    ("message", "contains", "export", True),
    ("message", "contains", "EXPORT FAILS", True),
    ("message", "contains", "import", False),
    ("message", "contains", ["import", "fails"], True),
    ("message", "contains", ["import", "sync"], False),
    ("message", "contains", "(a+)", True),
    ("message", "contains", "a.*", False),
    ("message", "contains", "%", False),
    ("message", "contains", ".", False),
    ("tags", "contains", "vip", True),
    ("tags", "contains", ["gamma", "BETA"], True),
    ("message", "not_contains", "import", True),
    ("message", "not_contains", ["import", "fails"], False),
    ("tags", "not_contains", "vip", False),
    ("message", "starts_with", "the export", True),
    ("message", "starts_with", "export", False),
    ("rating", "greater_than", 4, True),
    ("rating", "greater_than", 4.5, False),
    ("rating", "less_than", 5, True),
    ("rating", "less_than", 4.5, False),
    ("votes", "less_than", 1, True),
    ("createdAt", "greater_than", "2001-01-01T00:00:00Z", True),
    ("createdAt", "less_than", "2001-01-01T00:00:00Z", False),
    ("metadata.account.seats", "greater_than", 11, True),
    ("metadata.account.seats", "less_than", 12, False),
    ("metadata.account.plan", "equals", "gold", True),
    ("metadata.account.plan", "equals", "Gold", False),
    ("metadata.account", "is_set", ..., True),
    ("metadata.account.nothing", "is_set", ..., False),
    ("metadata.nothing.at.all", "is_not_set", ..., True),
    ("customField.cf_plan", "in", ["Pro", "Free"], True),
    ("customField.cf_plan", "equals", "Free", False),
    ("customField.cf_other", "is_not_set", ..., True),
    ("assigneeId", "is_set", ..., True),
    ("assigneeId", "is_not_set", ..., False),
    # It was made ten hours ago, and its customer wrote nine hours ago.
    ("createdAt", "older_than", 9.9, True),
    ("createdAt", "older_than", 10.1, False),
    ("createdAt", "newer_than", 10.1, True),
    ("createdAt", "newer_than", 9.9, False),
    ("lastCustomerReplyAt", "older_than", 8.9, True),
    ("lastCustomerReplyAt", "older_than", 9.1, False),
    ("lastCustomerReplyAt", "newer_than", 9.1, True),
    ("updatedAt", "newer_than", 9.1, True),
    ("updatedAt", "older_than", 9.1, False),
]


@pytest.mark.parametrize(("field", "operator", "value", "holds"), MEANINGS)
def test_what_an_operator_means(place: Place, field: str, operator: str, value: Any, holds: bool) -> None:
    assert place.holds(field, operator, *([] if value is ... else [value])) is holds


def test_every_operator_was_seen_to_hold_and_not_to() -> None:
    seen = {(operator, holds) for _, operator, _, holds in MEANINGS}
    assert seen == {(operator, holds) for operator in OPERATORS for holds in (True, False)}


@pytest.mark.parametrize("operator", ["matches", "regex", "EQUALS", "", None])
def test_there_are_no_others(place: Place, operator: Any) -> None:
    refused = save(place.caller, conditions=condition("message", operator, "a"))
    check_problem(refused, "bad_request", field="conditions.rules[0].operator")


@pytest.mark.parametrize(
    ("combinator", "first", "second", "matched"),
    [
        ("and", True, True, 1),
        ("and", True, False, 0),
        ("and", False, False, 0),
        ("or", True, False, 1),
        ("or", False, True, 1),
        ("or", False, False, 0),
    ],
)
def test_all_or_any_at_every_depth(place: Place, combinator: str, first: bool, second: bool, matched: int) -> None:
    rules = [{"field": "category", "operator": "equals", "value": "Bug" if each else "x"} for each in (first, second)]
    tree: dict[str, Any] = {"combinator": combinator, "rules": rules}
    body = {"projectId": place.caller.project_id, "feedbackId": place.item["id"]}
    other = {"and": "or", "or": "and"}[combinator]
    for wrapped in (tree, {"combinator": other, "rules": [{"combinator": other, "rules": [tree]}]}):
        assert place.caller.post("/automations/dry-run", {**body, "conditions": wrapped}).json()["matched"] == matched


@pytest.mark.parametrize("combinator", ["and", "or"])
def test_no_rules_match_everything(place: Place, combinator: str) -> None:
    body = {"projectId": place.caller.project_id, "conditions": {"combinator": combinator, "rules": []}}
    found = place.caller.post("/automations/dry-run", body).json()
    assert (found["checked"], found["matched"]) == (2, 2)
    macro = saved(place.caller, conditions=body["conditions"])
    assert macro["conditions"] == body["conditions"]
