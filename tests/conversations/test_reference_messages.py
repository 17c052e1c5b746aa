"""Comments and notes as the reference draws them: every field, who speaks as whom, and what follows from a comment."""

import re
import uuid
from typing import Any

import pytest
from sqlalchemy import bindparam, select

from tests.media.samples import picture, upload
from tests.support.clock import Clock
from tests.support.fields import check_fields
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from userhero.conversations.tables import messages
from userhero.feedback import NewNote, add_note
from userhero.kernel.db import Database, Statement, Transaction
from userhero.workspaces import act_as

COMMENT = {
    "id": "string",
    "message": "string",
    "authorType": "string",
    "authorName": "string",
    "attachments": "objects",
    "createdAt": "time",
}
NOTE = {
    "id": "string",
    "content": "string",
    "contentHtml": "string?",
    "authorName": "string",
    "authorEmail": "string",
    "attachments": "objects",
    "createdAt": "time",
}
ATTACHMENT = {
    "id": "string",
    "url": "string",
    "type": "string",
    "fileName": "string",
    "fileSize": "integer",
    "mimeType": "string",
}
CUSTOMER = {"authorType": "customer", "authorName": "John Doe", "authorEmail": "john@example.com"}
WAITING = {"id": "waiting", "label": "Waiting", "category": "pending"}
DONE = {"id": "done", "label": "Done", "category": "resolved"}
GONE = {"id": "gone", "label": "Gone", "category": "closed"}
_HTML = Statement(select(messages.c.html).where(messages.c.id == bindparam("note")))
each_kind = pytest.mark.parametrize(("kind", "text", "member"), [
    ("comments", "message", "customerComments"),
    ("notes", "content", "internalNotes"),
])  # fmt: skip


@pytest.fixture
def caller(tenant: Tenants) -> Tenant:
    return tenant()


def new_path(caller: Tenant, **fields: Any) -> str:
    """The path of a new item."""
    return f"/feedback/{caller.new_feedback(**fields)['id']}"


def new_file(caller: Tenant, path: str) -> Any:
    """The attachment object of a picture for an item."""
    return upload(caller, picture(), name="screenshot.png", feedbackId=path.removeprefix("/feedback/")).data


def set_up(caller: Tenant, **settings: Any) -> None:
    assert caller.patch(f"/projects/{caller.project_id}", settings).status == 200


@each_kind
def test_a_thread_starts_empty_and_takes_nothing_empty(caller: Tenant, kind: str, text: str, member: str) -> None:
    path = new_path(caller)
    answer = caller.request("GET", f"{path}/{kind}")
    assert (answer.status, answer.json()) == (200, {"data": []})
    assert caller.get(path).data[member] == []
    check_problem(caller.post(f"{path}/{kind}", {"attachments": []}), "bad_request", field=text)


def test_every_field_of_a_comment(caller: Tenant, clock: Clock) -> None:
    path = new_path(caller)
    file = new_file(caller, path)
    bodies: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"message": "We're looking into this issue."}, {"authorType": "agent", "authorName": "Jane Smith"}),
        ({"message": "Here.", **CUSTOMER, "attachments": [file]}, {"authorType": "customer", "authorName": "John Doe"}),
        ({"attachments": [{"id": new_file(caller, path)["id"]}]}, {"authorType": "agent", "authorName": "Jane Smith"}),
    ]
    made = []
    for body, expected in bodies:
        clock.advance(1)
        answer = caller.request("POST", f"{path}/comments", json=body)
        assert (answer.status, answer.json().keys()) == (201, {"data"})
        comment = answer.data
        check_fields(comment, COMMENT, filled=True)
        assert re.fullmatch(rf"cc_{int(clock.seconds)}_[0-9A-Za-z]+", comment["id"])
        assert comment["createdAt"] == clock.now()
        told = {"message": body.get("message", ""), **expected}
        assert {name: comment[name] for name in told} == told
        for attachment in comment["attachments"]:
            check_fields(attachment, ATTACHMENT, filled=True)
        made.append(comment)
    assert [len(comment["attachments"]) for comment in made] == [0, 1, 1]
    assert made[1]["attachments"] == [file]
    assert caller.request("GET", f"{path}/comments").json() == {"data": made}
    assert caller.get(path).data["customerComments"] == made


def test_every_field_of_a_note(caller: Tenant, clock: Clock) -> None:
    path = new_path(caller)
    file = new_file(caller, path)
    bodies: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"content": "Escalated."}, {"content": "Escalated.", "contentHtml": None, "attachments": []}),
        (
            {"content": "Escalated.", "contentHtml": "<p>Escalated.</p>", "attachments": [file]},
            {"content": "Escalated.", "contentHtml": "<p>Escalated.</p>", "attachments": [file]},
        ),
        ({"attachments": [{"id": new_file(caller, path)["id"]}]}, {"content": "", "contentHtml": None}),
    ]
    made = []
    for body, expected in bodies:
        clock.advance(1)
        answer = caller.request("POST", f"{path}/notes", json=body)
        assert (answer.status, answer.json().keys()) == (201, {"data"})
        note = answer.data
        check_fields(note, NOTE)
        assert str(uuid.UUID(note["id"])) == note["id"]
        assert (note["authorName"], note["authorEmail"], note["createdAt"]) == (
            "Jane Smith", caller.email, clock.now(),
        )  # fmt: skip
        assert {name: note[name] for name in expected} == expected
        for attachment in note["attachments"]:
            check_fields(attachment, ATTACHMENT, filled=True)
        made.append(note)
    check_fields(made[1], NOTE, filled=True)
    assert caller.request("GET", f"{path}/notes").json() == {"data": made}
    assert caller.get(path).data["internalNotes"] == made


@each_kind
def test_what_may_be_left_out_may_be_null(caller: Tenant, kind: str, text: str, member: str) -> None:
    others = {
        "comments": ("authorName", "authorEmail", "attachments"),
        "notes": ("contentHtml", "mentions", "attachments"),
    }
    path = new_path(caller)
    made = caller.post(f"{path}/{kind}", {text: "x", **dict.fromkeys(others[kind])})
    assert (made.status, made.data[text], made.data["attachments"]) == (201, "x", [])
    attachments = [{"id": new_file(caller, path)["id"]}]
    assert caller.post(f"{path}/{kind}", {text: None, "attachments": attachments}).data[text] == ""
    assert len(caller.get(path).data[member]) == 2


def test_an_agent_is_whose_key_it_is_whatever_the_request_says(caller: Tenant, tenant: Tenants) -> None:
    path = new_path(caller)
    claimed = {"authorName": "Mallory", "authorEmail": "mallory@example.com"}
    for author, name in ((caller, "Jane Smith"), (tenant.colleague(caller, "admin"), "John Doe")):
        for body in ({}, {"authorType": "agent"}, {"authorType": "agent", **claimed}, claimed):
            comment = author.post(f"{path}/comments", {"message": "x", **body}).data
            assert (comment["authorType"], comment["authorName"]) == ("agent", name)
        note = author.post(f"{path}/notes", {"content": "x"}).data
        assert (note["authorName"], note["authorEmail"]) == (name, author.email)


@pytest.mark.parametrize("missing", ["authorName", "authorEmail"])
@pytest.mark.parametrize("null", [False, True])
def test_a_customer_needs_a_name_and_an_address(caller: Tenant, database: Database, missing: str, null: bool) -> None:
    path = new_path(caller)
    body = {"message": "x", **{name: value for name, value in CUSTOMER.items() if name != missing}}
    with unchanged(database, caller):
        answer = caller.post(f"{path}/comments", body | ({missing: None} if null else {}))
        check_problem(answer, "bad_request", field=missing)


def test_the_project_says_whether_new_items_take_comments(caller: Tenant, database: Database) -> None:
    first = new_path(caller)
    set_up(caller, customerCommentsEnabled=False)
    closed = new_path(caller)
    assert caller.get(closed).data["customerCommentsEnabled"] is False
    with unchanged(database, caller):
        for body in ({"message": "x"}, {"message": "x", **CUSTOMER}):
            check_problem(caller.post(f"{closed}/comments", body), "forbidden")
    assert caller.post(f"{first}/comments", {"message": "x", **CUSTOMER}).status == 201, "an item keeps what it has"
    set_up(caller, customerCommentsEnabled=True)
    check_problem(caller.post(f"{closed}/comments", {"message": "x"}), "forbidden")
    assert caller.post(f"{new_path(caller)}/comments", {"message": "x"}).status == 201


@pytest.mark.parametrize(("days", "window"), [(1, 1), (14, None), (90, 90)])
def test_the_window_in_which_a_customer_reopens(caller: Tenant, clock: Clock, days: int, window: int | None) -> None:
    if window is not None:
        set_up(caller, reopenWindowDays=window)
    for late, status in ((0, "reopened"), (0.001, "resolved")):
        path = new_path(caller)
        caller.patch(path, {"status": "resolved"})
        clock.advance(days=days, seconds=late)
        assert caller.post(f"{path}/comments", {"message": "Broken again.", **CUSTOMER}).status == 201
        found = caller.get(path).data
        assert (found["status"], len(found["customerComments"])) == (status, 1)


@pytest.mark.parametrize(
    ("status", "after"),
    [
        ("new", "new"),
        ("in-progress", "in-progress"),
        ("waiting", "waiting"),
        ("resolved", "reopened"),
        ("done", "reopened"),
        ("archived", "archived"),
        ("gone", "gone"),
    ],
)
def test_a_customer_s_comment_reopens_what_is_resolved_and_nothing_else(
    caller: Tenant, status: str, after: str
) -> None:
    set_up(caller, statuses=[WAITING, DONE, GONE])
    path = new_path(caller)
    caller.patch(path, {"status": status})
    assert caller.post(f"{path}/comments", {"message": "We look into it."}).status == 201
    assert caller.get(path).data["status"] == status, "an agent's comment changes nothing"
    assert caller.post(f"{path}/comments", {"message": "Hello?", **CUSTOMER}).status == 201
    assert caller.get(path).data["status"] == after


def test_what_is_stored_of_a_note_is_clean_already(caller: Tenant, database: Database) -> None:
    html = '<p onclick="x()">Seen</p><script>alert(1)</script><a href="javascript:x()">here</a><img src=x onerror=x()>'
    note = caller.post(f"{new_path(caller)}/notes", {"contentHtml": html}).data
    stored = database.read(lambda tx: tx.value(_HTML, note=note["id"]))
    assert stored == note["contentHtml"] == '<p>Seen</p><a rel="noopener noreferrer nofollow">here</a>'


@pytest.mark.parametrize("role", ["owner", "admin", "member", "viewer"])
def test_every_member_may_be_mentioned_and_watches(caller: Tenant, tenant: Tenants, role: str) -> None:
    path = new_path(caller)
    someone = tenant.colleague(caller, role)
    assert caller.post(f"{path}/notes", {"content": "Look", "mentions": [someone.user_id]}).status == 201
    assert caller.get(path).data["watcherIds"] == [someone.user_id]
    assert caller.post(f"{path}/notes", {"content": "Look", "mentions": []}).status == 201
    assert caller.get(path).data["watcherIds"] == [someone.user_id]


def test_a_thousand_notes_come_whole_and_more_in_pages(caller: Tenant, database: Database) -> None:
    path = new_path(caller)

    def write(*numbers: int) -> None:
        def unit(tx: Transaction) -> None:
            actor = act_as(tx, caller.email)
            for number in numbers:
                add_note(tx, actor, path.removeprefix("/feedback/"), NewNote(content=f"{number}"))

        database.write(unit)

    write(*range(1000))
    whole = caller.get(f"{path}/notes").json()
    assert whole.keys() == {"data"}
    assert [note["content"] for note in whole["data"]] == [f"{number}" for number in range(1000)]
    write(1000)
    more = caller.get(f"{path}/notes").json()
    assert [note["content"] for note in more["data"]] == [f"{number}" for number in range(1000)]
    rest = caller.get(f"{path}/notes", cursor=more["pagination"]["nextCursor"]).json()
    assert [note["content"] for note in rest["data"]] == ["1000"]
    assert caller.get(f"{path}/notes", page=51).data == rest["data"], "20 a page where nothing is said"
