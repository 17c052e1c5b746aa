"""What a create and a change of feedback take: each value, each limit on both sides, and what a removal leaves."""

import socket
from typing import Any

import pytest

from tests.media.samples import picture, upload
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from userhero.kernel.db import Database

URLS = ("screenshotUrl", "attachmentUrl", "audioUrl", "videoUrl")
# The fields that a change takes as well.
CHANGED = ("category", "tags", "priority", "customMetadata")
LONG_URL = "https://example.com/" + "a" * 2028
assert len(LONG_URL) == 2048

GOOD: list[tuple[str, Any]] = [
    ("category", "c" * 64),
    ("tags", []),
    ("tags", [f"tag {number}" for number in range(20)]),
    ("tags", ["t" * 50]),
    ("tags", ["z", "a", "Z"]),
    ("rating", 0),
    ("rating", 10),
    ("rating", 4.5),
    *(("priority", level) for level in ("low", "medium", "high", "urgent")),
    *((name, "https://storage.googleapis.com/...") for name in URLS),
    *((name, LONG_URL) for name in URLS),
    ("screenshotUrl", "http://localhost:8000/a b".replace(" ", "%20")),
    ("context", {"page": "/settings", "browser": "Chrome", "deep": {"list": [1, None, {"a": True}]}}),
    ("customMetadata", {"userId": "usr_123", "deep": {"list": [1, 2.5, None]}, "": 0, "any key ✓": "x", "a.b": 1}),
]
BAD: list[tuple[str, Any, str]] = [
    ("category", "c" * 65, "category"),
    ("category", 1, "category"),
    ("tags", [f"tag {number}" for number in range(21)], "tags"),
    ("tags", ["a", "t" * 51], "tags[1]"),
    ("tags", [" "], "tags[0]"),
    ("tags", "a", "tags"),
    ("tags", [1], "tags"),
    ("rating", -0.1, "rating"),
    ("rating", 10.1, "rating"),
    ("rating", "5", "rating"),
    ("rating", True, "rating"),
    ("priority", "highest", "priority"),
    ("priority", "High", "priority"),
    ("priority", "", "priority"),
    ("userEmail", "nobody", "userEmail"),
    ("userEmail", "", "userEmail"),
    ("context", [], "context"),
    ("context", "page", "context"),
    ("customMetadata", [], "customMetadata"),
    ("customMetadata", "plan", "customMetadata"),
    *(
        (name, wrong, name)
        for name in URLS
        for wrong in (
            LONG_URL + "a", "", "/a.png", "//example.com/a.png", "example.com/a.png", "ftp://example.com/a.png",
            "javascript:alert(1)", "data:image/png;base64,AA==", "https://", "https:///a.png", "https://a b.example/",
            5,
        )
    ),
]  # fmt: skip


@pytest.fixture
def caller(tenant: Tenants) -> Tenant:
    return tenant()


def create(caller: Tenant, **fields: Any) -> Any:
    return caller.post("/feedback", {"projectId": caller.project_id, "message": "x", **fields})


@pytest.mark.parametrize(("name", "value"), GOOD)
def test_a_value_within_its_limits_is_kept(caller: Tenant, name: str, value: Any) -> None:
    made = create(caller, **{name: value})
    assert made.status == 201, made
    assert made.data[name] == value
    if name in CHANGED:
        item = caller.new_feedback()
        changed = caller.patch(f"/feedback/{item['id']}", {name: value})
        assert changed.status == 200, changed
        assert changed.data[name] == value
    assert caller.get("/feedback").data[0][name] == value


@pytest.mark.parametrize(("name", "value", "field"), BAD)
def test_a_value_outside_its_limits_is_refused(
    caller: Tenant, database: Database, name: str, value: Any, field: str
) -> None:
    item = caller.new_feedback()
    with unchanged(database, caller):
        error = check_problem(create(caller, **{name: value}), "bad_request")
        assert error["details"][0]["field"].startswith(field), error
        if name in CHANGED:
            check_problem(caller.patch(f"/feedback/{item['id']}", {name: value}), "bad_request")


def test_tags_are_trimmed_and_come_once_in_their_order(caller: Tenant) -> None:
    item = caller.new_feedback(tags=[" b ", "a", "b", "\ta\n", "c"])
    assert item["tags"] == ["b", "a", "c"]
    assert caller.patch(f"/feedback/{item['id']}", {"tags": ["c", "b", " c"]}).data["tags"] == ["c", "b"]


@pytest.mark.parametrize("name", ["workspaceId", "projectId", "message"])
def test_what_is_required_may_neither_be_left_out_nor_be_null(caller: Tenant, database: Database, name: str) -> None:
    whole: dict[str, Any] = {"workspaceId": caller.workspace_id, "projectId": caller.project_id, "message": "x"}
    without = {field: value for field, value in whole.items() if field != name}
    with unchanged(database, caller):
        for body in (without, {**without, name: None}):
            check_problem(caller.request("POST", "/feedback", json=body), "bad_request", field=name)
    assert caller.request("POST", "/feedback", json=whole).status == 201, "and nothing else is"


def test_a_project_must_be_one_of_the_workspace(caller: Tenant, tenant: Tenants, database: Database) -> None:
    stranger = tenant()
    with unchanged(database, caller, stranger):
        for project in (stranger.project_id, "proj_nothing"):
            check_problem(create(caller, projectId=project), "not_found")


def test_uploaded_files_go_into_each_of_the_four_fields(caller: Tenant) -> None:
    addresses = {name: upload(caller, picture()).data["url"] for name in URLS}
    made = create(caller, **addresses).data
    assert {name: made[name] for name in URLS} == addresses


@pytest.mark.case("SSRF-13")
def test_addresses_are_never_fetched(caller: Tenant) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/a.png"
        made = create(caller, **dict.fromkeys(URLS, url), context={"page": url}, customMetadata={"page": url})
        assert made.status == 201
        assert caller.get(f"/feedback/{made.data['id']}").status == 200
        with pytest.raises(BlockingIOError):
            listening.accept()


def test_a_due_date_comes_from_the_rules_of_the_project_alone(caller: Tenant, clock: Any) -> None:
    assert caller.new_feedback(priority="urgent")["dueDate"] is None
    caller.patch(f"/projects/{caller.project_id}", {"slaRules": [{"priority": "urgent", "hours": 4}]})
    due = caller.new_feedback(priority="urgent")["dueDate"]
    clock.advance(hours=4)
    assert due == clock.now()
    for unruled in ({"priority": "high"}, {}):
        assert caller.new_feedback(**unruled)["dueDate"] is None
    check_problem(create(caller, dueDate=due), "bad_request", field="dueDate")


# By status: the category that it puts an item into.
CATEGORIES = {
    "new": "open",
    "in-progress": "open",
    "reopened": "open",
    "resolved": "resolved",
    "archived": "closed",
    "waiting": "pending",
    "parked": "closed",
}


@pytest.mark.parametrize("status", CATEGORIES)
def test_a_status_brings_its_category(caller: Tenant, status: str) -> None:
    own = [
        {"id": "waiting", "label": "Waiting", "category": "pending"},
        {"id": "parked", "label": "Parked", "category": "closed"},
    ]
    caller.patch(f"/projects/{caller.project_id}", {"statuses": own})
    path = f"/feedback/{caller.new_feedback()['id']}"
    caller.patch(path, {"status": "resolved" if status == "new" else "new"})
    after = caller.patch(path, {"status": status}).data
    assert (after["status"], after["statusCategory"]) == (status, CATEGORIES[status])
    assert caller.get(path).data["statusCategory"] == CATEGORIES[status]


@pytest.mark.parametrize("status", ["open", "pending", "closed", "New", "in_progress", "", "waiting", None, 1])
def test_an_unknown_status_is_refused(caller: Tenant, database: Database, status: Any) -> None:
    item = caller.new_feedback()
    with unchanged(database, caller):
        answer = caller.patch(f"/feedback/{item['id']}", {"status": status})
        check_problem(answer, "bad_request", field="status")


@pytest.mark.parametrize("role", ["owner", "admin", "member", "viewer"])
def test_members_of_every_role_may_be_assigned_and_watch(caller: Tenant, tenant: Tenants, role: str) -> None:
    agent = tenant.colleague(caller, role)
    path = f"/feedback/{caller.new_feedback()['id']}"
    after = caller.patch(path, {"assigneeId": agent.user_id, "watcherIds": [agent.user_id]}).data
    assert (after["assigneeId"], after["assigneeEmail"]) == (agent.user_id, agent.email)
    assert after["watcherIds"] == [agent.user_id]
    assert caller.patch(path, {"watcherIds": [caller.user_id] * 2}).data["watcherIds"] == [caller.user_id]
    assert caller.patch(path, {"watcherIds": []}).data["watcherIds"] == []


@pytest.mark.parametrize("field", ["assigneeId", "watcherIds"])
def test_nobody_else_may(caller: Tenant, tenant: Tenants, database: Database, field: str) -> None:
    left, stranger = tenant.colleague(caller, "none"), tenant()
    item = caller.new_feedback()
    with unchanged(database, caller):
        for person in (left.user_id, stranger.user_id, "user_nobody", caller.email, ""):
            value: Any = person if field == "assigneeId" else [caller.user_id, person]
            answer = caller.patch(f"/feedback/{item['id']}", {field: value})
            check_problem(answer, "bad_request", field=field)


@pytest.mark.case("JSON-07")
@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2030-01-31", "2030-01-31T00:00:00.000Z"),
        ("2030-01-31T12:30:00Z", "2030-01-31T12:30:00.000Z"),
        ("2030-01-31T12:30:00.123456+02:00", "2030-01-31T10:30:00.123Z"),
        ("2030-01-31T12:30", "2030-01-31T12:30:00.000Z"),
    ],
)
def test_a_due_date_is_any_iso_8601_time(caller: Tenant, given: str, kept: str) -> None:
    item = caller.new_feedback()
    assert caller.patch(f"/feedback/{item['id']}", {"dueDate": given}).data["dueDate"] == kept


def test_an_item_may_be_shown_and_hidden(caller: Tenant) -> None:
    path = f"/feedback/{caller.new_feedback()['id']}"
    for public in (True, False):
        assert caller.patch(path, {"isPublic": public}).data["isPublic"] is public
        assert caller.get(path).data["isPublic"] is public


def test_metadata_is_replaced_whole(caller: Tenant) -> None:
    path = f"/feedback/{caller.new_feedback(customMetadata={'a': 1, 'b': {'c': 2}})['id']}"
    assert caller.patch(path, {"customMetadata": {"b": {"d": 3}}}).data["customMetadata"] == {"b": {"d": 3}}
    assert caller.patch(path, {"customMetadata": {}}).data["customMetadata"] is None


@pytest.mark.parametrize("field", ["rating", "userEmail", "context", "projectId", "widgetId", *URLS, "votes"])
def test_a_change_takes_nothing_else(caller: Tenant, database: Database, field: str) -> None:
    item = caller.new_feedback()
    with unchanged(database, caller):
        answer = caller.patch(f"/feedback/{item['id']}", {field: item[field]})
        check_problem(answer, "bad_request", field=field)


def test_what_is_removed_is_gone_with_all_that_hung_on_it(caller: Tenant) -> None:
    item, kept = caller.new_feedback(userEmail="a@example.com"), caller.new_feedback(userEmail="a@example.com")
    path = f"/feedback/{item['id']}"
    caller.post(f"{path}/comments", {"message": "Hello"})
    answer = caller.delete(path)
    assert (answer.status, answer.json()) == (200, {"data": {"id": item["id"], "deleted": True}})
    for gone in (path, f"{path}/comments", f"{path}/notes", f"/feedback/number/{item['ticketNumber']}"):
        check_problem(caller.get(gone), "not_found")
    check_problem(caller.patch(path, {"category": "bug"}), "not_found")
    check_problem(caller.delete(path), "not_found")
    assert [each["id"] for each in caller.get("/feedback").data] == [kept["id"]]
    assert caller.get(f"/customers/{item['customerId']}").data["feedbackCount"] == 1
    assert caller.new_feedback()["ticketNumber"] == 3, "no number is given twice"


def test_a_look_up_by_number_names_its_workspace(caller: Tenant) -> None:
    caller.new_feedback()
    check_problem(caller.get("/feedback/number/1", workspaceId=None), "bad_request", field="workspaceId")
    check_problem(caller.get("/feedback/number/1", workspaceId="ws_nothing"), "not_found")
