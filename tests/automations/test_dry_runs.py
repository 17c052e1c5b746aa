"""A dry run says what would match and why, and does nothing."""

from tests.automations.macros import TAG, condition, saved
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenants
from userhero.kernel.db import Database


def test_it_explains_each_rule(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    tree = {
        "combinator": "and",
        "rules": [
            {"field": "category", "operator": "equals", "value": "bug"},
            {
                "combinator": "or",
                "rules": [
                    {"field": "rating", "operator": "less_than", "value": 3},
                    {"field": "priority", "operator": "is_set"},
                ],
            },
        ],
    }
    automation = saved(caller, TAG, scope="feedback.created", conditions=tree, enabled=False)
    other = caller.new_feedback(category="idea", rating=1)
    bug = caller.new_feedback(category="bug", rating=2)
    with unchanged(database, caller):
        found = caller.post(f"/automations/{automation['id']}/dry-run", {}).json()
    assert (found["checked"], found["matched"]) == (2, 1)
    assert [(each["feedbackId"], each["outcome"]) for each in found["items"]] == [
        (bug["id"], "matched"),
        (other["id"], "no-match"),
    ]
    assert found["items"][1]["ticketNumber"] == other["ticketNumber"]
    assert found["items"][1]["conditions"] == {
        "combinator": "and",
        "holds": False,
        "rules": [
            {"field": "category", "operator": "equals", "value": "bug", "actual": "idea", "holds": False},
            {
                "combinator": "or",
                "holds": True,
                "rules": [
                    {"field": "rating", "operator": "less_than", "value": 3, "actual": 1, "holds": True},
                    {"field": "priority", "operator": "is_set", "value": None, "actual": None, "holds": False},
                ],
            },
        ],
    }
    assert caller.get(f"/automations/{automation['id']}/runs").json() == {"runs": []}


def test_it_looks_at_the_newest_items_or_at_one(tenant: Tenants) -> None:
    caller = tenant()
    items = [caller.new_feedback() for _ in range(3)]
    path = f"/automations/{saved(caller)['id']}/dry-run"
    newest = caller.post(path, {"limit": 2}).json()["items"]
    assert [each["feedbackId"] for each in newest] == [items[2]["id"], items[1]["id"]]
    (one,) = caller.post(path, {"feedbackId": items[0]["id"]}).json()["items"]
    assert one["feedbackId"] == items[0]["id"]


def test_conditions_can_be_tried_before_they_are_saved(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    item = caller.new_feedback("The export crashes")
    body = {"projectId": caller.project_id, "conditions": condition("message", "contains", ["crash", "freeze"])}
    with unchanged(database, caller):
        found = caller.post("/automations/dry-run", body).json()
    assert (found["checked"], found["matched"], found["items"][0]["feedbackId"]) == (1, 1, item["id"])


def test_bad_input(tenant: Tenants) -> None:
    caller, stranger = tenant(), tenant()
    path = f"/automations/{saved(caller)['id']}/dry-run"
    check_problem(caller.post(path, {"limit": 0}), "bad_request", naming="limit")
    check_problem(caller.post(path, {"limit": 101}), "bad_request", naming="limit")
    check_problem(caller.post(path, {"feedbackId": stranger.new_feedback()["id"]}), "not_found")
    bad = {"projectId": caller.project_id, "conditions": condition("colour", "equals", "red")}
    check_problem(caller.post("/automations/dry-run", bad), "bad_request", naming="conditions.rules[0].field")
