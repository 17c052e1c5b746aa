"""The conversation with the customer, through the API."""

import pytest
from sqlalchemy import bindparam, update

from tests.conversations.events import events_of
from tests.media.samples import picture, upload
from tests.support.clock import Clock
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenants
from userhero.feedback.tables import feedback
from userhero.kernel.db import Database, Statement

CUSTOMER = {"authorType": "customer", "authorName": "John Doe", "authorEmail": "john@example.com"}
_SWITCH_OFF = Statement(
    update(feedback).where(feedback.c.id == bindparam("feedback")).values(customer_comments_enabled=False)
)


def test_an_agent_speaks_in_the_name_of_the_key_s_owner(tenant: Tenants) -> None:
    someone = tenant()
    item = someone.new_feedback()
    answer = someone.request("POST", f"/feedback/{item['id']}/comments", json={"message": " We fixed this. "})
    assert answer.status == 201
    comment = answer.data
    assert comment.keys() == {"id", "message", "authorType", "authorName", "attachments", "createdAt"}
    assert comment["id"].startswith("cc_")
    assert comment["id"].split("_")[1].isdecimal()
    assert comment["message"] == "We fixed this."
    assert (comment["authorType"], comment["authorName"], comment["attachments"]) == ("agent", "Jane Smith", [])


def test_a_customer_speaks_for_themselves(tenant: Tenants) -> None:
    someone = tenant()
    item = someone.new_feedback()
    path = f"/feedback/{item['id']}/comments"
    comment = someone.post(path, {"message": "Still broken.", **CUSTOMER}).data
    assert (comment["authorType"], comment["authorName"]) == ("customer", "John Doe")


def test_the_list_is_oldest_first_and_part_of_the_item(tenant: Tenants) -> None:
    someone = tenant()
    item = someone.new_feedback()
    path = f"/feedback/{item['id']}/comments"
    written = [someone.post(path, {"message": f"Number {number}"}).data for number in range(5)]
    assert someone.request("GET", path).json() == {"data": written}
    assert someone.get(f"/feedback/{item['id']}").data["customerComments"] == written
    assert someone.get(f"/feedback/number/{item['ticketNumber']}").data["customerComments"] == written
    patched = someone.patch(f"/feedback/{item['id']}", {"category": "bug"}).data
    assert patched["customerComments"] == written
    assert patched["internalNotes"] == []


def test_a_part_of_the_list_when_asked(tenant: Tenants) -> None:
    someone = tenant()
    item = someone.new_feedback()
    path = f"/feedback/{item['id']}/comments"
    written = [someone.post(path, {"message": f"Number {number}"}).data for number in range(5)]
    page = someone.get(path, page=2, pageSize=2, includeTotal="true").json()
    assert page["data"] == written[2:4]
    assert page["pagination"]["total"] == 5
    read, cursor = [], None
    while True:
        page = someone.get(path, pageSize=2, cursor=cursor).json()
        read += page["data"]
        cursor = page["pagination"]["nextCursor"]
        if cursor is None:
            break
    assert read == written
    assert someone.get(path, order="desc").data == written[::-1]
    for wrong in ({"pageSize": 0}, {"pageSize": 101}, {"page": "abc"}, {"page": 1, "cursor": "x"}, {"order": "up"}):
        check_problem(someone.get(path, **wrong), "bad_request")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "message"),
        ({"message": None}, "message"),
        ({"message": "  \n "}, "message"),
        ({"message": "x" * 2001}, "message"),
        ({"message": "", "attachments": []}, "message"),
        ({"message": 5}, "message"),
        ({"message": "x", "authorType": "robot"}, "authorType"),
        ({"message": "x", "authorType": "customer", "authorEmail": "john@example.com"}, "authorName"),
        ({"message": "x", **CUSTOMER, "authorName": "  "}, "authorName"),
        ({"message": "x", **CUSTOMER, "authorName": "x" * 201}, "authorName"),
        ({"message": "x", "authorType": "customer", "authorName": "John"}, "authorEmail"),
        ({"message": "x", **CUSTOMER, "authorEmail": "nobody"}, "authorEmail"),
        ({"message": "x", "attachments": [{"id": "att_1_none"}]}, "attachments[0].id"),
        ({"message": "x", "attachments": [{}]}, "attachments[0].id"),
        ({"message": "x", "attachments": [{"id": "a"}] * 4}, "attachments"),
        ({"message": "x", "colour": "red"}, "colour"),
    ],
)
def test_what_breaks_a_rule_is_refused(
    tenant: Tenants, database: Database, body: dict[str, object], field: str
) -> None:
    someone = tenant()
    item = someone.new_feedback()
    with unchanged(database, someone):
        check_problem(someone.post(f"/feedback/{item['id']}/comments", body), "bad_request", field=field)


def test_limits_pass(tenant: Tenants) -> None:
    someone = tenant()
    path = f"/feedback/{someone.new_feedback()['id']}/comments"
    assert len(someone.post(path, {"message": "𝄞" * 2000}).data["message"]) == 2000
    assert someone.post(path, {"message": "x", "attachments": None, "authorName": None}).status == 201


@pytest.mark.case("UP-20")
def test_attachments_are_looked_up_by_id(tenant: Tenants) -> None:
    """UP-20: nothing that is sent along is believed."""
    someone = tenant()
    item = someone.new_feedback()
    path = f"/feedback/{item['id']}/comments"
    files = [upload(someone, picture(), name=f"{n}.png", feedbackId=item["id"]).data for n in range(3)]
    lies = {"url": "javascript:alert(1)", "type": "video", "fileName": "x.exe", "fileSize": -1, "mimeType": "text/html"}
    comment = someone.post(path, {"attachments": [{"id": file["id"], **lies} for file in files]}).data
    assert comment["attachments"] == files
    assert comment["message"] == ""
    assert someone.request("GET", path).data == [comment]


@pytest.mark.case("UP-21", "TEN-06")
def test_attachments_of_others_are_refused(tenant: Tenants, database: Database) -> None:
    """UP-19, UP-21."""
    someone, stranger = tenant(), tenant()
    item, other, theirs = someone.new_feedback(), someone.new_feedback(), stranger.new_feedback()
    mine = upload(someone, picture(), feedbackId=item["id"]).data
    elsewhere = upload(someone, picture(), feedbackId=other["id"]).data
    foreign = upload(stranger, picture(), feedbackId=theirs["id"]).data
    with unchanged(database, someone, stranger):
        for attachments in ([mine, mine], [elsewhere], [mine, foreign]):
            for kind in ("comments", "notes"):
                answer = someone.post(f"/feedback/{item['id']}/{kind}", {"attachments": attachments})
                check_problem(answer, "bad_request", field=f"attachments[{len(attachments) - 1}].id")


def test_comments_may_be_switched_off(tenant: Tenants, database: Database) -> None:
    someone = tenant()
    item = someone.new_feedback()
    database.write(lambda tx: tx.run(_SWITCH_OFF, feedback=item["id"]))
    with unchanged(database, someone):
        for body in ({"message": "x"}, {"message": "x", **CUSTOMER}):
            check_problem(someone.post(f"/feedback/{item['id']}/comments", body), "forbidden")
    assert someone.get(f"/feedback/{item['id']}/comments").data == []
    assert someone.post(f"/feedback/{item['id']}/notes", {"content": "Not for customers"}).status == 201


@pytest.mark.parametrize("kind", ["comments", "notes"])
def test_items_of_others_are_not_found(tenant: Tenants, database: Database, kind: str) -> None:
    """TEN-03."""
    someone, stranger = tenant(), tenant()
    theirs = stranger.new_feedback()
    body = {"message": "x"} if kind == "comments" else {"content": "x"}
    with unchanged(database, someone, stranger):
        for item in (theirs["id"], "fb_none"):
            path = f"/feedback/{item}/{kind}"
            check_problem(someone.request("GET", path), "not_found")
            check_problem(someone.request("POST", path, json=body), "not_found")
        check_problem(stranger.get(f"/feedback/{theirs['id']}/{kind}", workspaceId=someone.workspace_id), "not_found")


def test_a_comment_changes_the_item_s_time_and_says_so(tenant: Tenants, database: Database, clock: Clock) -> None:
    someone = tenant()
    item = someone.new_feedback()
    clock.advance(60)
    comment = someone.post(f"/feedback/{item['id']}/comments", {"message": "x", **CUSTOMER}).data
    assert someone.get(f"/feedback/{item['id']}").data["updatedAt"] == clock.now()
    kind, data = events_of(database, someone)[-1]
    assert kind == "comment.created"
    assert data["id"] == comment["id"]
    assert data["feedbackId"] == item["id"]
    assert (data["authorType"], data["authorEmail"], data["message"]) == ("customer", "john@example.com", "x")


def test_a_customer_reopens_within_the_window(tenant: Tenants, database: Database, clock: Clock) -> None:
    someone = tenant()
    item = someone.new_feedback()
    path = f"/feedback/{item['id']}"
    someone.patch(path, {"status": "resolved"})
    clock.advance(days=13)
    someone.post(f"{path}/comments", {"message": "Thanks for your patience."})
    assert someone.get(path).data["status"] == "resolved"
    clock.advance(days=1)
    someone.post(f"{path}/comments", {"message": "Broken again.", **CUSTOMER})
    found = someone.get(path).data
    assert (found["status"], found["statusCategory"]) == ("reopened", "open")
    assert [kind for kind, _ in events_of(database, someone)][-2:] == ["comment.created", "feedback.updated"]


def test_later_a_comment_only_stays(tenant: Tenants, clock: Clock) -> None:
    someone = tenant()
    path = f"/feedback/{someone.new_feedback()['id']}"
    someone.patch(path, {"status": "resolved"})
    clock.advance(days=10)
    someone.patch(path, {"category": "bug"})
    clock.advance(days=4, seconds=1)
    assert someone.post(f"{path}/comments", {"message": "Hello?", **CUSTOMER}).status == 201
    assert someone.get(path).data["status"] == "resolved"


def test_what_is_closed_stays_closed(tenant: Tenants) -> None:
    someone = tenant()
    path = f"/feedback/{someone.new_feedback()['id']}"
    someone.patch(path, {"status": "archived"})
    assert someone.post(f"{path}/comments", {"message": "Hello?", **CUSTOMER}).status == 201
    assert someone.get(path).data["status"] == "archived"


def test_a_customer_who_comments_was_seen(tenant: Tenants, clock: Clock) -> None:
    someone = tenant()
    item = someone.new_feedback(userEmail="john@example.com")
    clock.advance(3600)
    someone.post(
        f"/feedback/{item['id']}/comments", {"message": "Hello?", **CUSTOMER, "authorEmail": "John@Example.com"}
    )
    found = someone.get("/customers", email="john@example.com").data
    assert (found["lastSeenAt"], found["feedbackCount"]) == (clock.now(), 1)


def test_a_repeated_comment_is_one_comment(tenant: Tenants) -> None:
    someone = tenant()
    path = f"/feedback/{someone.new_feedback()['id']}/comments"
    key = [("idempotency-key", "once")]
    first, second = (someone.post(path, {"message": "x"}, headers=key) for _ in range(2))
    assert first.body == second.body
    assert len(someone.get(path).data) == 1


def test_a_thousand_comments_come_whole_and_more_in_pages(tenant: Tenants, database: Database) -> None:
    someone = tenant()
    path = f"/feedback/{someone.new_feedback()['id']}/comments"
    for number in range(1000):
        someone.post(path, {"message": f"{number}"})
    whole = someone.get(path).json()
    assert whole.keys() == {"data"}
    assert [comment["message"] for comment in whole["data"]] == [str(number) for number in range(1000)]
    someone.post(path, {"message": "1000"})
    more = someone.get(path).json()
    assert len(more["data"]) == 1000
    rest = someone.get(path, cursor=more["pagination"]["nextCursor"]).data
    assert [comment["message"] for comment in rest] == ["1000"]
