"""Routing rules and default integrations: who hears of new feedback."""

from typing import Any

import pytest

from tests.notifications.people import After, heard, mails_to, written
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from userhero.kernel.db import Database
from userhero.notifications.actions.rules import MAX_RULES

TEAM = "team@example.com"


def email(to: str) -> dict[str, Any]:
    return {"type": "email", "to": to}


def integration(owner: Tenant, kind: str = "slack", **fields: Any) -> str:
    target = "https://hooks.example.invalid/slack" if kind == "slack" else TEAM
    return str(owner.post("/integrations", {"type": kind, "name": "Team", "target": target, **fields}).data["id"])


def rule(owner: Tenant, condition: Any, *actions: dict[str, Any], **fields: Any) -> Any:
    body = {"projectId": owner.project_id, "name": "Rule", "condition": condition, "actions": list(actions), **fields}
    return owner.post("/routing-rules", body).data


def when(field: str, operator: str, value: Any) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


FITTING = [
    (when("category", "equals", "BUG"), {"category": "bug"}, {"category": "idea"}),
    (when("category", "not_equals", "bug"), {}, {"category": "Bug"}),
    (when("rating", "equals", 4), {"rating": 4.0}, {"rating": 5}),
    (when("rating", "less_than", 3), {"rating": 2.5}, {"rating": 3}),
    (when("rating", "greater_than", 3), {"rating": 4}, {}),
    (when("pageUrl", "contains", "/Checkout"), {"context": {"pageUrl": "https://x.com/checkout/1"}}, {"context": {}}),
    (when("pageUrl", "starts_with", "/a"), {"context": {"page": "/abc"}}, {"context": {"page": "/xa"}}),
    (when("pageUrl", "equals", "/a"), {"context": {"url": "/a"}}, {"context": {"url": "/a/b"}}),
    (when("message", "contains", "REFUND"), {"message": "I want a refund"}, {"message": "Thanks"}),
    (when("metadata.plan", "equals", "pro"), {"customMetadata": {"plan": "Pro"}}, {"customMetadata": {"plan": 1}}),
    (when("metadata.a.b", "equals", 2), {"customMetadata": {"a": {"b": 2}}}, {"customMetadata": {"a": "b"}}),
    (when("metadata.vip", "equals", True), {"customMetadata": {"vip": True}}, {"customMetadata": {"vip": 1}}),
    (when("metadata.tags", "contains", "x"), {"customMetadata": {"tags": ["AXB"]}}, {"customMetadata": {"tags": 3}}),
    (None, {}, None),
]


@pytest.mark.parametrize(("condition", "fits", "other"), FITTING, ids=str)
def test_each_field_and_operator(
    jane: Tenant, database: Database, after: After, condition: Any, fits: dict[str, Any], other: dict[str, Any] | None
) -> None:
    rule(jane, condition, email(TEAM))
    jane.new_feedback(**{"message": "Hello", **fits})
    if other is not None:
        jane.new_feedback(**{"message": "Hello", **other})
    after()
    assert mails_to(database, jane, TEAM) == [("new_feedback", "New feedback #1 in My App")]


def test_the_first_that_fits_decides(jane: Tenant, john: Tenant, database: Database, after: After) -> None:
    rule(jane, None, email("late@example.com"), priority=5)
    rule(jane, None, email("off@example.com"), priority=0, enabled=False)
    rule(jane, when("rating", "less_than", 3), email(TEAM), email(john.user_id), priority=1)
    integration(jane, "email", target="default@example.com", isDefault=True)
    jane.new_feedback(rating=1)
    jane.new_feedback(rating=5)
    after()
    assert [each["recipient"] for each in written(database, jane)] == [TEAM, john.email, "late@example.com"]
    assert [each["title"] for each in heard(john)] == ["New feedback #1 in My App"]


def test_where_none_fits_the_defaults_hear_of_it(jane: Tenant, database: Database, after: After) -> None:
    rule(jane, when("category", "equals", "bug"), email("bugs@example.com"))
    slack, mail = integration(jane, isDefault=True), integration(jane, "email", isDefault=True)
    integration(jane, "email", target="other@example.com")
    jane.new_feedback(category="idea")
    after()
    assert {(each["channel"], each["recipient"]) for each in written(database, jane)} == {
        ("slack", slack), ("email", TEAM)
    }  # fmt: skip
    jane.patch(f"/integrations/{mail}", {"isDefault": False})
    jane.delete(f"/integrations/{slack}")
    jane.new_feedback()
    after()
    assert [each["recipient"] for each in written(database, jane)] == [TEAM]


def test_without_rules_nobody_hears_of_it(jane: Tenant, database: Database, after: After) -> None:
    jane.new_feedback()
    after()
    assert written(database, jane) == heard(jane) == []


def test_an_address_of_a_member_is_the_member(jane: Tenant, database: Database, after: After) -> None:
    mail = integration(jane, "email", target=jane.email)
    rule(jane, None, email(jane.email.upper()), email(jane.user_id), email(mail))
    jane.new_feedback()
    after()
    assert len(heard(jane)) == 1
    assert [each["user_id"] for each in written(database, jane)] == [jane.user_id]


def test_a_rule_is_what_it_says(jane: Tenant) -> None:
    slack = integration(jane)
    condition = when("rating", "less_than", 3)
    made = rule(jane, condition, email(TEAM), {"type": "slack", "integrationId": slack}, name=" Unhappy ", priority=7)
    assert made["condition"] == condition
    assert made["actions"] == [email(TEAM), {"type": "slack", "integrationId": slack}]
    assert (made["name"], made["priority"], made["enabled"]) == ("Unhappy", 7, True)
    first = rule(jane, None, email(TEAM))
    path = f"/routing-rules/{made['id']}"
    assert jane.get(path).data == made
    assert [each["id"] for each in jane.get("/routing-rules", projectId=jane.project_id).data] == [
        first["id"], made["id"]
    ]  # fmt: skip
    changed = jane.patch(path, {"condition": None, "enabled": False}).data
    assert (changed["condition"], changed["enabled"], changed["actions"]) == (None, False, made["actions"])
    assert jane.delete(path).data == {"id": made["id"], "deleted": True}
    check_problem(jane.get(path), "not_found")


WRONG = [
    ({"condition": when("rating", "less_than", "3")}, "condition.value"),
    ({"condition": when("rating", "contains", 3)}, "condition.operator"),
    ({"condition": when("message", "equals", "x")}, "condition.operator"),
    ({"condition": when("metadata", "equals", "x")}, "condition.field"),
    ({"condition": when("metadata.", "equals", "x")}, "condition.field"),
    ({"condition": when("status", "equals", "x")}, "condition.field"),
    ({"condition": when("category", "equals", "")}, "condition.value"),
    ({"condition": when("metadata.a", "contains", True)}, "condition.value"),
    ({"actions": []}, "actions"),
    ({"actions": [email("nobody")]}, "actions[0].to"),
    ({"actions": [email(TEAM), email("a@b\r\nBcc: c@d.com")]}, "actions[1].to"),
    ({"actions": [{"type": "slack", "integrationId": "int_1"}]}, "actions[0].integrationId"),
    ({"actions": [{"type": "fax"}]}, "actions[0]"),
    ({"name": "  "}, "name"),
]


@pytest.mark.parametrize(("fields", "field"), WRONG, ids=str)
def test_what_is_refused(jane: Tenant, database: Database, fields: dict[str, Any], field: str) -> None:
    body = {"projectId": jane.project_id, "name": "Rule", "condition": None, "actions": [email(TEAM)]}
    with unchanged(database, jane):
        refused = jane.post("/routing-rules", {**body, **fields})
        check_problem(refused, "bad_request")
        assert field in refused.error["details"][0]["field"], refused


def test_others_integrations_and_members_are_unknown(jane: Tenant, tenant: Tenants) -> None:
    other = tenant()
    slack, mail = integration(other), integration(jane, "email")
    body = {"projectId": jane.project_id, "name": "Rule"}
    for action in (
        email(other.user_id), email(slack), {"type": "slack", "integrationId": slack},
        {"type": "slack", "integrationId": mail},
    ):  # fmt: skip
        check_problem(jane.post("/routing-rules", {**body, "actions": [action]}), "bad_request")


def test_an_integration_that_a_rule_names_stays(jane: Tenant, database: Database) -> None:
    slack = integration(jane)
    made = rule(jane, None, {"type": "slack", "integrationId": slack}, name="Everything")
    with unchanged(database, jane):
        check_problem(jane.delete(f"/integrations/{slack}"), "conflict", naming="Everything")
    jane.delete(f"/routing-rules/{made['id']}")
    assert jane.delete(f"/integrations/{slack}").status == 200


def test_a_project_has_a_hundred_rules(jane: Tenant) -> None:
    for _ in range(MAX_RULES):
        rule(jane, None, email(TEAM))
    body = {"projectId": jane.project_id, "name": "Rule", "actions": [email(TEAM)]}
    check_problem(jane.post("/routing-rules", body), "forbidden")
