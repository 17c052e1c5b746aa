"""Internal notes, through the API."""

import uuid

import pytest
from sqlalchemy import bindparam, update

from tests.conversations.events import events_of
from tests.media.samples import picture, upload
from tests.support.clock import Clock
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenants
from userhero.conversations.tables import messages
from userhero.kernel.db import Database, Statement

_SPOIL = Statement(update(messages).where(messages.c.id == bindparam("note")).values(html=bindparam("bad")))


def test_a_note_has_the_fields_of_the_reference(tenant: Tenants) -> None:
    someone = tenant()
    path = f"/feedback/{someone.new_feedback()['id']}/notes"
    answer = someone.request("POST", path, json={"content": " Escalated. "})
    assert answer.status == 201
    note = answer.data
    assert note.keys() == {
        "id", "content", "contentHtml", "authorName", "authorEmail", "attachments", "createdAt",
    }  # fmt: skip
    assert uuid.UUID(note["id"]).version == 7
    assert (note["content"], note["contentHtml"]) == ("Escalated.", None)
    assert (note["authorName"], note["authorEmail"]) == ("Jane Smith", someone.email)
    assert someone.request("GET", path).json() == {"data": [note]}


@pytest.mark.case("HTML-07")
def test_html_is_sanitised_and_gives_the_text(tenant: Tenants) -> None:
    """HTML-07."""
    someone = tenant()
    item = someone.new_feedback()
    path = f"/feedback/{item['id']}/notes"
    html = '<p onclick="x()">Seen on <b>Chrome</b> &amp; Edge</p><script>alert(1)</script><p>Twice<br>today</p>'
    note = someone.post(path, {"contentHtml": html}).data
    assert note["contentHtml"] == "<p>Seen on <b>Chrome</b> &amp; Edge</p><p>Twice<br>today</p>"
    assert note["content"] == "Seen on Chrome & Edge\nTwice\ntoday"
    both = someone.post(path, {"content": "As I wrote it", "contentHtml": "<p>As it looks</p>"}).data
    assert (both["content"], both["contentHtml"]) == ("As I wrote it", "<p>As it looks</p>")
    assert someone.get(f"/feedback/{item['id']}").data["internalNotes"] == [note, both]


@pytest.mark.case("HTML-09")
def test_what_is_stored_is_sanitised_again(tenant: Tenants, database: Database) -> None:
    """HTML-09."""
    someone = tenant()
    metadata = {"internalNotes": 1, "big": 12345678901234567890, "contentHtml": "<i>"}
    item = someone.new_feedback(customMetadata=metadata)
    path = f"/feedback/{item['id']}"
    note = someone.post(f"{path}/notes", {"contentHtml": "<p>Fine</p>"}).data
    bad = '<p>Fine</p><img src=x onerror=alert(1)><a href="javascript:alert(1)">x</a>'
    database.write(lambda tx: tx.run(_SPOIL, note=note["id"], bad=bad))
    expected = '<p>Fine</p><a rel="noopener noreferrer nofollow">x</a>'
    assert someone.get(f"{path}/notes").data[0]["contentHtml"] == expected
    found = someone.get(path).data
    assert found["internalNotes"][0]["contentHtml"] == expected
    assert found["customMetadata"] == item["customMetadata"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "content"),
        ({"content": "  "}, "content"),
        ({"content": None, "contentHtml": None}, "content"),
        ({"contentHtml": "<script>alert(1)</script>"}, "content"),
        ({"contentHtml": "<p> &nbsp; </p>"}, "content"),
        ({"content": "x" * 5001}, "content"),
        ({"contentHtml": f"<p>{'x' * 5001}</p>"}, "contentHtml"),
        ({"content": "x", "contentHtml": "x" * 20_001}, "contentHtml"),
        ({"content": "x", "mentions": ["user_none"]}, "mentions"),
        ({"content": "x", "mentions": "user_none"}, "mentions"),
        ({"content": "x", "mentions": ["u"] * 51}, "mentions"),
        ({"content": "x", "attachments": [{"id": "att_1_none"}]}, "attachments[0].id"),
        ({"content": "x", "attachments": [{"id": "a"}] * 4}, "attachments"),
        ({"content": "x", "authorName": "Somebody else"}, "authorName"),
    ],
)
def test_what_breaks_a_rule_is_refused(
    tenant: Tenants, database: Database, body: dict[str, object], field: str
) -> None:
    someone = tenant()
    item = someone.new_feedback()
    with unchanged(database, someone):
        check_problem(someone.post(f"/feedback/{item['id']}/notes", body), "bad_request", field=field)


def test_limits_pass(tenant: Tenants) -> None:
    someone = tenant()
    item = someone.new_feedback()
    path = f"/feedback/{item['id']}/notes"
    assert len(someone.post(path, {"content": "x" * 5000}).data["content"]) == 5000
    assert someone.post(path, {"contentHtml": f"<p>{'x' * 5000}</p>"}).status == 201
    files = [upload(someone, picture(), feedbackId=item["id"]).data for _ in range(3)]
    assert someone.post(path, {"attachments": files}).data["attachments"] == files


def test_whom_a_note_mentions_watches(tenant: Tenants, database: Database, clock: Clock) -> None:
    someone = tenant()
    viewer, admin = (tenant.colleague(someone, role) for role in ("viewer", "admin"))
    item = someone.new_feedback()
    path = f"/feedback/{item['id']}"
    someone.patch(path, {"watcherIds": [admin.user_id]})
    clock.advance(60)
    mentions = [viewer.user_id, admin.user_id, viewer.user_id]
    someone.post(f"{path}/notes", {"content": "Please look", "mentions": mentions})
    found = someone.get(path).data
    assert found["watcherIds"] == [admin.user_id, viewer.user_id]
    assert found["updatedAt"] == clock.now()
    kind, data = events_of(database, someone)[-1]
    assert (kind, data["mentions"]) == ("note.created", [viewer.user_id, admin.user_id])


@pytest.mark.case("TEN-06")
def test_strangers_can_not_be_mentioned(tenant: Tenants, database: Database) -> None:
    """TEN-06."""
    someone, stranger = tenant(), tenant()
    item = someone.new_feedback()
    with unchanged(database, someone, stranger):
        body = {"content": "x", "mentions": [someone.user_id, stranger.user_id]}
        check_problem(someone.post(f"/feedback/{item['id']}/notes", body), "bad_request", field="mentions")


@pytest.mark.case("HTML-08")
def test_notes_are_no_comments(tenant: Tenants) -> None:
    someone = tenant()
    path = f"/feedback/{someone.new_feedback()['id']}"
    note = someone.post(f"{path}/notes", {"content": "Internal"}).data
    comment = someone.post(f"{path}/comments", {"message": "Public"}).data
    assert someone.get(f"{path}/comments").data == [comment]
    assert someone.get(f"{path}/notes").data == [note]
    found = someone.get(path).data
    assert (found["customerComments"], found["internalNotes"]) == ([comment], [note])


def test_messages_go_with_their_item(tenant: Tenants, database: Database) -> None:
    someone = tenant()
    path = f"/feedback/{someone.new_feedback()['id']}"
    someone.post(f"{path}/notes", {"content": "Internal"})
    someone.delete(path)
    count = Statement(messages.select().where(messages.c.workspace_id == someone.workspace_id))
    assert database.read(lambda tx: tx.all(count)) == []
    check_problem(someone.get(f"{path}/notes"), "not_found")


def test_scopes(tenant: Tenants) -> None:
    someone = tenant()
    path = f"/feedback/{someone.new_feedback()['id']}/notes"
    reader = tenant.with_key(someone, scopes=frozenset({"feedback:read"}))
    assert reader.get(path).status == 200
    check_problem(reader.post(path, {"content": "x"}), "forbidden", naming="feedback:write")
    blind = tenant.with_key(someone, scopes=frozenset({"projects:read"}))
    check_problem(blind.get(path), "forbidden", naming="feedback:read")
