"""The feedback item as the reference draws it: every field, its type, whether it may be null, wherever it is shown."""

from typing import Any

import pytest

from tests.media.samples import MP3, mp4, picture, upload
from tests.support.fields import check_fields
from tests.support.tenants import Tenant, Tenants

# As the reference has them.
REFERENCE = {
    "id": "string",
    "ticketNumber": "integer?",
    "workspaceId": "string",
    "projectId": "string",
    "widgetId": "string",
    "message": "string",
    "category": "string?",
    "rating": "number?",
    "status": "string",
    "statusCategory": "string",
    "tags": "strings",
    "priority": "string?",
    "assigneeId": "string?",
    "assigneeName": "string?",
    "assigneeEmail": "string?",
    "watcherIds": "strings",
    "dueDate": "time?",
    "slaBreached": "boolean",
    "userEmail": "string?",
    "screenshotUrl": "string?",
    "attachmentUrl": "string?",
    "audioUrl": "string?",
    "videoUrl": "string?",
    "context": "object",
    "customMetadata": "object?",
    "votes": "integer",
    "isPublic": "boolean",
    "createdAt": "time",
    "updatedAt": "time",
}
# What it speaks of elsewhere, and what was added to it.
LISTED = REFERENCE | {
    "userName": "string?",
    "userPhone": "string?",
    "customerId": "string?",
    "customerCommentsEnabled": "boolean",
    "source": "string",
}
SINGLE = LISTED | {"customerComments": "objects", "internalNotes": "objects"}


def everywhere(caller: Tenant, item: Any) -> list[Any]:
    """The item as each of the reads shows it: the list's first, then those of the single item."""
    (listed,) = [each for each in caller.get("/feedback").data if each["id"] == item["id"]]
    number = item["ticketNumber"]
    singles = [
        caller.get(f"/feedback/{item['id']}").data,
        caller.get(f"/feedback/number/{number}").data,
        caller.get(f"/feedback/number/%23{number}").data,
    ]
    assert singles[1:] == singles[:1] * 2, "a look-up by number answers what a look-up by id does"
    check_fields(listed, LISTED)
    check_fields(singles[0], SINGLE)
    assert {name: singles[0][name] for name in listed} == listed, "list and item say the same"
    return [listed, singles[0]]


@pytest.fixture
def caller(tenant: Tenants) -> Tenant:
    return tenant()


def test_an_item_with_nothing_but_a_message(caller: Tenant) -> None:
    item = caller.new_feedback("Something is broken")
    check_fields(item, SINGLE)
    assert {name: value for name, value in item.items() if name not in ("id", "createdAt", "updatedAt")} == {
        **dict.fromkeys(name for name, kind in LISTED.items() if kind.endswith("?")),
        "ticketNumber": 1,
        "workspaceId": caller.workspace_id,
        "projectId": caller.project_id,
        "widgetId": "api",
        "message": "Something is broken",
        "status": "new",
        "statusCategory": "open",
        "tags": [],
        "watcherIds": [],
        "slaBreached": False,
        "context": {},
        "votes": 0,
        "isPublic": False,
        "customerCommentsEnabled": True,
        "source": "api",
        "customerComments": [],
        "internalNotes": [],
    }
    assert item["createdAt"] == item["updatedAt"]
    assert everywhere(caller, item)[1] == item


def filled(caller: Tenant, tenant: Tenants) -> tuple[dict[str, Any], dict[str, Any]]:
    """Every field that a create takes, and every one that a change takes."""
    agent = tenant.colleague(caller, "member")
    sent = {
        "projectId": caller.project_id,
        "widgetId": caller.widget_id,
        "message": "Checkout is broken",
        "category": "bug",
        "rating": 4.5,
        "tags": ["critical", "checkout"],
        "priority": "high",
        "userEmail": "user@example.com",
        "screenshotUrl": upload(caller, picture()).data["url"],
        "attachmentUrl": "https://storage.googleapis.com/...",
        "audioUrl": upload(caller, MP3).data["url"],
        "videoUrl": upload(caller, mp4()).data["url"],
        "context": {"page": "/settings", "browser": "Chrome"},
        "customMetadata": {
            "plan": "enterprise",
            "customFields": {"df_name": "Alice", "df_phone": "+12025550175"},
        },
    }
    changed = {
        "status": "in-progress",
        "category": "idea",
        "tags": ["later"],
        "priority": "urgent",
        "assigneeId": agent.user_id,
        "dueDate": "2026-01-02T03:04:05.678Z",
        "isPublic": True,
        "watcherIds": [caller.user_id, agent.user_id],
        "customMetadata": {"userId": "usr_123"},
        "message": "Checkout is still broken",
    }
    return sent, changed


def test_an_item_with_everything(caller: Tenant, tenant: Tenants) -> None:
    sent, changed = filled(caller, tenant)
    made = caller.post("/feedback", sent)
    assert made.status == 201
    item = made.data
    check_fields(item, SINGLE)
    assert {name: item[name] for name in sent} == sent
    assert (item["userName"], item["userPhone"]) == ("Alice", "+12025550175")
    assert item["customerId"].startswith("cust_")
    assert everywhere(caller, item)[1] == item
    answer = caller.patch(f"/feedback/{item['id']}", changed)
    assert answer.status == 200
    after = answer.data
    check_fields(after, SINGLE, filled=True)
    assert {name: after[name] for name in changed} == changed
    assert (after["statusCategory"], after["slaBreached"]) == ("open", True), "the deadline is past"
    people = {each["userId"]: each for each in caller.get(f"/workspace/{caller.workspace_id}").data["members"]}
    agent = people[changed["assigneeId"]]
    assert (after["assigneeName"], after["assigneeEmail"]) == (agent["name"], agent["email"])
    untouched = sent.keys() - changed.keys()
    assert {name: after[name] for name in untouched} == {name: sent[name] for name in untouched}
    assert everywhere(caller, item)[1] == after


def test_a_single_item_brings_its_conversation_and_notes_with_their_files(caller: Tenant) -> None:
    item = caller.new_feedback()
    path = f"/feedback/{item['id']}"
    files = [upload(caller, picture(), feedbackId=item["id"]).data for _ in range(2)]
    comment = caller.post(f"{path}/comments", {"message": "Here is a picture", "attachments": files[:1]}).data
    note = caller.post(f"{path}/notes", {"content": "Here is another", "attachments": files[1:]}).data
    shown = everywhere(caller, item)[1]
    assert (shown["customerComments"], shown["internalNotes"]) == ([comment], [note])
    assert (comment["attachments"], note["attachments"]) == (files[:1], files[1:])
    assert {frozenset(file) for file in files} == {frozenset({"id", "url", "type", "fileName", "fileSize", "mimeType"})}


def test_ticket_numbers_count_up_in_the_workspace_across_its_projects(caller: Tenant) -> None:
    other = caller.post("/projects", {"name": "Other"}).data["id"]
    numbers = [caller.new_feedback(projectId=project)["ticketNumber"] for project in (caller.project_id, other) * 3]
    assert numbers == [1, 2, 3, 4, 5, 6]
    assert caller.get("/feedback/number/2").data["projectId"] == other


def test_the_time_of_a_change_is_told(caller: Tenant, clock: Any) -> None:
    item = caller.new_feedback()
    assert item["createdAt"] == clock.now()
    clock.advance(60)
    after = caller.patch(f"/feedback/{item['id']}", {"category": "bug"}).data
    assert (after["createdAt"], after["updatedAt"]) == (item["createdAt"], clock.now())
