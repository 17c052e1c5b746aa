"""What a new item starts as, and what a change of one does and does not."""

from typing import Any

import pytest

from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from userhero.kernel.db import Database


def change(caller: Tenant, item: Any, **fields: Any) -> Any:
    return caller.patch(f"/feedback/{item['id']}", fields)


def test_nullable_fields_accept_null_on_create(tenant: Tenants) -> None:
    names = (
        "category", "rating", "tags", "userEmail", "screenshotUrl", "attachmentUrl", "audioUrl", "videoUrl",
        "priority", "context", "customMetadata", "widgetId",
    )  # fmt: skip
    caller = tenant()
    body = {"projectId": caller.project_id, "message": "x", **dict.fromkeys(names)}
    item = caller.post("/feedback", body).data
    assert (item["tags"], item["context"], item["widgetId"]) == ([], {}, "api")
    assert all(item[name] is None for name in names if name not in ("tags", "context", "widgetId"))


@pytest.mark.parametrize("field", ["status", "tags", "isPublic", "watcherIds", "message"])
def test_what_is_never_null_can_not_be_cleared(tenant: Tenants, database: Database, field: str) -> None:
    caller = tenant()
    item = caller.new_feedback(tags=["a"])
    with unchanged(database, caller):
        check_problem(change(caller, item, **{field: None}), "bad_request", field=field)


def test_null_clears_and_absent_keeps(tenant: Tenants) -> None:
    caller = tenant()
    item = caller.new_feedback(category="bug", priority="low", customMetadata={"a": 1})
    change(caller, item, assigneeId=caller.user_id)
    cleared = ("category", "priority", "assigneeId", "customMetadata", "dueDate")
    kept = change(caller, item, isPublic=True).data
    assert kept["category"] == "bug"
    found = change(caller, item, **dict.fromkeys(cleared)).data
    assert [found[name] for name in cleared] == [None] * 5
    assert found["isPublic"] is True


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  two words \n", "two words"),
        ("\u3000全角\u3000", "全角"),
        ("a" * 5000, "a" * 5000),
        ("👩‍👧 e\u0301", "👩‍👧 e\u0301"),
    ],
)
def test_messages_are_trimmed_and_otherwise_kept(tenant: Tenants, given: str, kept: str) -> None:
    caller = tenant()
    item = caller.new_feedback(given)
    assert item["message"] == kept
    assert change(caller, item, message=given + " ").data["message"] == kept


@pytest.mark.parametrize("message", ["", "  \n\t", "\u2003", "a" * 5001])
def test_messages_of_the_wrong_length_are_refused(tenant: Tenants, database: Database, message: str) -> None:
    caller = tenant()
    item = caller.new_feedback()
    with unchanged(database, caller):
        body = {"projectId": caller.project_id, "message": message}
        check_problem(caller.post("/feedback", body), "bad_request", field="message")
        check_problem(change(caller, item, message=message), "bad_request", field="message")


@pytest.mark.parametrize(
    ("portal", "public"),
    [
        (None, False),
        ({"enabled": False, "requireModeration": False}, False),
        ({"enabled": True}, False),
        ({"enabled": True, "requireModeration": False}, True),
    ],
)
def test_new_items_are_public_where_the_portal_asks_for_no_moderation(
    tenant: Tenants, portal: Any, public: bool
) -> None:
    caller = tenant()
    caller.patch(f"/projects/{caller.project_id}", {"publicPortal": portal})
    assert caller.new_feedback()["isPublic"] is public


def test_new_items_take_the_projects_word_on_comments(tenant: Tenants) -> None:
    caller = tenant()
    caller.patch(f"/projects/{caller.project_id}", {"customerCommentsEnabled": False})
    assert caller.new_feedback()["customerCommentsEnabled"] is False


def test_a_widget_must_be_one_of_the_project(tenant: Tenants, database: Database) -> None:
    caller, stranger = tenant(), tenant()
    assert caller.new_feedback(widgetId=caller.widget_id)["widgetId"] == caller.widget_id
    other = caller.post("/projects", {"name": "Other"}).data["id"]
    theirs = caller.get("/widgets", projectId=other).data[0]["id"]
    body = {"projectId": caller.project_id, "message": "x"}
    with unchanged(database, caller, stranger):
        check_problem(caller.post("/feedback", {**body, "widgetId": theirs}), "bad_request", field="widgetId")
        check_problem(caller.post("/feedback", {**body, "widgetId": stranger.widget_id}), "not_found")
        check_problem(caller.post("/feedback", {**body, "widgetId": "w_nothing"}), "not_found")


def test_a_rating_of_minus_zero_is_zero(tenant: Tenants) -> None:
    caller = tenant()
    answer = caller.post("/feedback", {"projectId": caller.project_id, "message": "x", "rating": -0.0})
    assert answer.data["rating"] == 0
    assert b'"rating":-' not in answer.body


def test_categories_are_trimmed_and_a_blank_one_is_none(tenant: Tenants) -> None:
    caller = tenant()
    assert caller.new_feedback(category="  bug ")["category"] == "bug"
    item = caller.new_feedback(category="  ")
    assert item["category"] is None
    path = f"/feedback/{item['id']}"
    assert caller.patch(path, {"category": " idea\n"}).data["category"] == "idea"
    assert caller.patch(path, {"category": ""}).data["category"] is None


def test_a_removal_takes_no_body(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    path = f"/feedback/{caller.new_feedback()['id']}"
    with unchanged(database, caller):
        check_problem(caller.request("DELETE", path, json={"workspaceId": "ws_other"}), "bad_request")
    assert caller.delete(path).status == 200


def test_metadata_says_who_sent_an_item_only_while_nobody_knows(tenant: Tenants) -> None:
    caller = tenant()
    anonymous = caller.new_feedback()
    assert anonymous["customerId"] is None
    known = change(caller, anonymous, customMetadata={"email": "A@Example.com", "name": "Alice"}).data
    assert (known["userEmail"], known["userName"]) == ("a@example.com", "Alice")
    assert known["customerId"]
    same = change(caller, known, customMetadata={"email": "b@example.com", "name": "Bob"}).data
    assert [same[name] for name in ("userEmail", "userName", "customerId")] == [
        known[name] for name in ("userEmail", "userName", "customerId")
    ]
    second = caller.new_feedback(userEmail="a@example.com")
    assert second["customerId"] == known["customerId"]


@pytest.mark.parametrize(
    ("metadata", "sender"),
    [
        ({"userName": "B", "name": "A"}, ("A", None, None)),
        ({"name": 5, "customer_name": "C"}, ("C", None, None)),
        ({"user_email": "X@Example.COM"}, (None, "x@example.com", None)),
        ({"email": "nobody", "userEmail": "y@example.com"}, (None, "y@example.com", None)),
        ({"phone_number": "+1 202 555 0175"}, (None, None, "+1 202 555 0175")),
        ({"email": "x@example.com", "customFields": {"df_email": "d@example.com"}}, (None, "d@example.com", None)),
        ({"nested": {"email": "x@example.com"}}, (None, None, None)),
    ],
)
def test_promotion_takes_the_first_match(tenant: Tenants, metadata: Any, sender: Any) -> None:
    item = tenant().new_feedback(customMetadata=metadata)
    assert (item["userName"], item["userEmail"], item["userPhone"]) == sender


def test_an_explicit_address_comes_before_all_others(tenant: Tenants) -> None:
    metadata = {"email": "x@example.com", "customFields": {"df_email": "d@example.com"}}
    item = tenant().new_feedback(userEmail="E@example.com", customMetadata=metadata)
    assert item["userEmail"] == "e@example.com"


def test_what_is_sent_may_be_as_large_as_16_kib(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    fits = {"a": "x" * (16 * 1024 - len('{"a":""}'))}
    item = caller.new_feedback(context=fits, customMetadata=fits)
    assert (item["context"], item["customMetadata"]) == (fits, fits)
    body = {"projectId": caller.project_id, "message": "x"}
    with unchanged(database, caller):
        for field in ("context", "customMetadata"):
            answer = caller.post("/feedback", {**body, field: {"a": fits["a"] + "x"}})
            check_problem(answer, "bad_request", field=field)


def test_it_is_what_is_sent_that_counts_not_what_is_kept(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    city = {"ip": "::1", "city": "x" * (16 * 1024 - len('{"ip":"::1","city":""}'))}
    assert caller.new_feedback(context=city)["context"].keys() == {"ip"}
    note = {"ip": "::1", "note": city["city"]}
    kept = caller.new_feedback(context=note)["context"]
    assert (len(kept["ip"]), kept["note"]) == (24, note["note"])
    with unchanged(database, caller):
        answer = caller.post(
            "/feedback",
            {"projectId": caller.project_id, "message": "x", "context": {**city, "city": city["city"] + "x"}},
        )
        check_problem(answer, "bad_request", field="context")


def test_what_is_too_large_is_not_looked_into(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    path = f"/feedback/{caller.new_feedback()['id']}"
    metadata = {"customFields": {f"cf_{number}": "x" for number in range(10_000)}}
    with unchanged(database, caller):
        for answer in (
            caller.post("/feedback", {"projectId": caller.project_id, "message": "x", "customMetadata": metadata}),
            caller.patch(path, {"customMetadata": metadata}),
        ):
            check_problem(answer, "bad_request", field="customMetadata")
            assert len(answer.body) < 1000
