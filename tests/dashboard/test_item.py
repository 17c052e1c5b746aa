"""The page of an item: read, answered, changed; with nothing lost and nothing done twice."""

from typing import Any, NoReturn

import pytest

from tests.dashboard.forms import HOSTILE, inbox_of, inert, opened, page_of, parsed, wrong_on
from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.operations import ROUTES, Call, send
from tests.support.problems import unchanged
from tests.support.tenants import Tenant, Tenants
from tests.support.visitors import Visitor, signed_in, text_of
from tests.support.waiting import held
from tests.ui.pages import text
from userhero.kernel.db import Database
from userhero.kernel.errors import Problem
from userhero.kernel.http.answers import Answer
from userhero.kernel.http.idempotency import Claim, once
from userhero.workspaces.types import ROLES

ACTS = {
    "": {"priority": "urgent"},
    "/reply": {"message": "We are on it."},
    "/note": {"content": "Ask Sam."},
    "/watch": {"watch": "on"},
    "/macro": {"macro": "auto_x"},
}


def comments(jane: Tenant, item: Any) -> list[str]:
    return [each["message"] for each in jane.get(f"/feedback/{item['id']}/comments").data]


def notes(jane: Tenant, item: Any) -> list[str]:
    return [each["content"] for each in jane.get(f"/feedback/{item['id']}/notes").data]


def now(jane: Tenant, item: Any) -> Any:
    return jane.get(f"/feedback/{item['id']}").data


def test_everything_about_an_item(jane: Tenant, visitor: Visitor) -> None:
    fields = [{"id": "cf_plan", "type": "select", "label": "Plan", "required": False, "options": ["Free", "Pro"]}]
    jane.patch(f"/projects/{jane.project_id}", {"customFieldDefinitions": fields})
    uploaded = send(jane, ROUTES["upload_file"], Call(form={"workspaceId": jane.workspace_id})).data
    item = jane.new_feedback(
        "Line one\nline two",
        userEmail="sam@example.org",
        screenshotUrl=uploaded["url"],
        videoUrl="https://videos.example.org/a.mp4",
        context={"page": "/pricing"},
        customMetadata={"name": "Sam Lee", "seats": 12, "customFields": {"cf_plan": "Pro"}},
    )
    jane.patch(f"/feedback/{item['id']}", {"watcherIds": [jane.user_id], "status": "in-progress"})
    file = send(jane, ROUTES["upload_file"], Call(form={"workspaceId": jane.workspace_id, "feedbackId": item["id"]}))
    jane.post(f"/feedback/{item['id']}/comments", {"message": "", "attachments": [file.data]})
    jane.post(f"/feedback/{item['id']}/notes", {"contentHtml": "<p>See <b>this</b></p>"})
    page = opened(visitor, page_of(jane, item)).page
    shown = text(page.by_id("main"))
    for words in (
        "Line one line two",
        "Sam Lee",
        "sam@example.org",
        "PlanPro",
        "seats12",
        "page/pricing",
        "See this",
    ):
        assert words in shown
    assert "Jane Smith : Status New → In Progress" in shown.replace("Jane Smith:", "Jane Smith :")
    assert {uploaded["url"], file.data["url"]} <= {image.get("src") for image in page.all("img")}
    # What lies elsewhere is not loaded by looking at the page.
    assert [each.get("src") for each in page.all("video")] == []
    (link,) = (each for each in page.all("a") if each.get("href") == "https://videos.example.org/a.mp4")
    assert link.get("rel") == "noopener noreferrer nofollow"
    assert f"{inbox_of(jane)}?view=all&customer={item['customerId']}" in [each.get("href") for each in page.all("a")]


def test_a_way_back_of_nothing_but_separators_leads_to_the_inbox(jane: Tenant, visitor: Visitor) -> None:
    item = jane.new_feedback("Broken")
    page = opened(visitor, page_of(jane, item), list="&" * 100).page
    assert inbox_of(jane) in [link.get("href") for link in page.all("a")]
    answer = visitor.post(page_of(jane, item), opened(visitor, page_of(jane, item)).form(), list="&" * 100)
    assert answer.status == 303


def test_a_tag_with_a_comma_stays_beside_one_that_contains_it(jane: Tenant, visitor: Visitor) -> None:
    item = jane.new_feedback("Broken", tags=["a,b", "aa,bb"])
    assert opened(visitor, page_of(jane, item)).send(tags="a,b, aa,bb, new").status == 303
    assert sorted(now(jane, item)["tags"]) == ["a,b", "aa,bb", "new"]
    assert opened(visitor, page_of(jane, item)).send(tags="aa,bb, new").status == 303
    assert sorted(now(jane, item)["tags"]) == ["aa,bb", "new"]


def test_the_way_back_leads_to_the_same_list(jane: Tenant, visitor: Visitor) -> None:
    item = jane.new_feedback("100% broken", tags=["a&b"])
    page = opened(visitor, inbox_of(jane), view="all", tag="a&b").page
    (link,) = (each.get("href", "") for each in page.all("a") if "/feedback/" in each.get("href", ""))
    asked = link.partition("?list=")[2]
    assert asked == "view%3Dall%26tag%3Da%2526b"
    there = opened(visitor, page_of(jane, item), list="view=all&tag=a%26b&evil=1")
    hrefs = [each.get("href") for each in there.page.all("a")]
    assert f"{inbox_of(jane)}?view=all&tag=a%26b" in hrefs
    answer = visitor.post(there.path, there.form() | {"priority": "low"}, list="view=all&tag=a%26b")
    assert answer.header("location") == f"{page_of(jane, item)}?list=view=all%26tag=a%2526b&done=changed"


def test_answering(jane: Tenant, visitor: Visitor) -> None:
    item = jane.new_feedback()
    answer = opened(visitor, page_of(jane, item)).send("/reply", message=" Fixed. ", then="resolved")
    assert answer.header("location") == f"{page_of(jane, item)}?done=reply"
    assert comments(jane, item) == ["Fixed."]
    assert now(jane, item)["status"] == "resolved"
    page = opened(visitor, page_of(jane, item), done="reply").page
    assert "Your reply was sent." in text(page.by_id("main"))
    assert opened(visitor, page_of(jane, item)).send("/note", content="Ask Sam.").status == 303
    assert notes(jane, item) == ["Ask Sam."]


def test_a_form_that_is_sent_twice_counts_once(jane: Tenant, visitor: Visitor, database: Database) -> None:
    item = jane.new_feedback()
    page = opened(visitor, page_of(jane, item))
    for ending, fields in (("/reply", {"message": "Once."}), ("/note", {"content": "Once."})):
        assert page.send(ending, **fields).status == 303
        with unchanged(database, jane):
            assert page.send(ending, **fields).status == 303
            again = page.send(ending, **dict.fromkeys(fields, "Other words."))
        assert again.status == 409
        assert "This form was sent before" in wrong_on(parsed(again))[0]
        assert "Other words.</textarea>" in again.body.decode()
        page = opened(visitor, page_of(jane, item))
    assert (comments(jane, item), notes(jane, item)) == (["Once."], ["Once."])


def test_a_reply_that_crosses_another(jane: Tenant, visitor: Visitor, database: Database) -> None:
    item = jane.new_feedback()
    page = opened(visitor, page_of(jane, item))
    customer = {"authorType": "customer", "authorName": "Sam", "authorEmail": "sam@example.org"}
    jane.post(f"/feedback/{item['id']}/comments", {"message": "It works now!", **customer})
    with unchanged(database, jane):
        answer = page.send("/reply", message="Please wait.\n\nJane")
    assert answer.status == 409
    shown = answer.body.decode()
    assert "There is a new message in the conversation" in shown
    assert "It works now!" in shown
    assert "Please wait.\n\nJane</textarea>" in shown
    again = visitor.post(f"{page.path}/reply", type(page)(visitor, page.path, parsed(answer)).form("/reply"))
    assert again.status == 303
    assert comments(jane, item) == ["It works now!", "Please wait.\n\nJane"]


def test_changing_details(tenant: Tenants, jane: Tenant, visitor: Visitor) -> None:
    john = tenant.colleague(jane, "member")
    item = jane.new_feedback(tags=["one, two", "three"])
    wanted = {"status": "in-progress", "priority": "high", "assignee": john.user_id, "type": "bug"}
    page = opened(visitor, page_of(jane, item))
    answer = page.send(**wanted, tags="one, two, four", due="2030-01-02T03:04")
    assert answer.header("location") == f"{page_of(jane, item)}?done=changed"
    found = now(jane, item)
    assert (found["status"], found["priority"], found["assigneeId"], found["category"], found["tags"]) == (
        *("in-progress", "high", john.user_id, "bug"),
        ["one, two", "four"],
    )
    assert found["dueDate"] == "2030-01-02T03:04:00.000Z"
    opened(visitor, page_of(jane, item)).send(priority="", assignee="", type="", tags="", due="")
    found = now(jane, item)
    assert [found[name] for name in ("priority", "assigneeId", "category", "dueDate")] == [None] * 4
    assert found["tags"] == []


def test_what_others_changed_is_not_undone(jane: Tenant, visitor: Visitor, database: Database) -> None:
    item = jane.new_feedback()
    page = opened(visitor, page_of(jane, item))
    jane.patch(f"/feedback/{item['id']}", {"priority": "urgent", "status": "in-progress"})
    # Another field was edited here: both changes hold.
    assert page.send(tags="mine").status == 303
    assert (now(jane, item)["priority"], now(jane, item)["tags"]) == ("urgent", ["mine"])
    with unchanged(database, jane):
        answer = page.send(priority="low", status="resolved", type="bug")
    assert answer.status == 409
    back = parsed(answer)
    assert "It is “urgent” now." in text(back.by_id("priority-wrong"))
    assert "It is “In Progress” now." in text(back.by_id("status-wrong"))
    refilled = type(page)(visitor, page.path, back).form()
    assert (refilled["priority"], refilled["status"], refilled["type"]) == ("low", "resolved", "bug")
    assert visitor.post(page.path, refilled).status == 303
    assert (now(jane, item)["priority"], now(jane, item)["status"]) == ("low", "resolved")


@pytest.mark.parametrize(
    ("ending", "fields", "field"),
    [
        ("", {"status": HOSTILE}, "status"), ("", {"priority": "x"}, "priority"),
        ("", {"assignee": "user_x"}, "assignee"), ("", {"type": "x" * 65}, "type"),
        ("", {"tags": "x" * 51}, "tags"), ("", {"due": "soon"}, "due"),
        ("/reply", {"message": "  "}, "message"), ("/reply", {"message": "x" * 2001}, "message"),
        ("/note", {"content": " "}, "content"), ("/note", {"content": "x" * 5001}, "content"),
        ("/macro", {"macro": ""}, "macro"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_it(
    jane: Tenant, visitor: Visitor, database: Database, ending: str, fields: dict[str, str], field: str
) -> None:
    item = jane.new_feedback()
    jane.post("/automations", macro(jane))
    page = opened(visitor, page_of(jane, item))
    with unchanged(database, jane):
        answer = page.send(ending, **fields)
    assert answer.status == 422
    back = parsed(answer)
    assert text(back.by_id(f"{field}-wrong"))
    assert back.by_id(field).get("aria-describedby") == f"{field}-wrong"
    inert(back)
    if back.by_id(field).tag != "select":
        assert type(page)(visitor, page.path, back).form(ending)[field] == fields[field]


def test_a_status_that_is_none_sends_no_reply(jane: Tenant, visitor: Visitor, database: Database) -> None:
    item = jane.new_feedback()
    page = opened(visitor, page_of(jane, item))
    with unchanged(database, jane):
        answer = page.send("/reply", message="Done.", then="nonsense")
    assert answer.status == 422
    assert "Done.</textarea>" in answer.body.decode()


def test_where_comments_are_off(jane: Tenant, visitor: Visitor, database: Database) -> None:
    jane.patch(f"/projects/{jane.project_id}", {"customerCommentsEnabled": False})
    item = jane.new_feedback()
    page = opened(visitor, page_of(jane, item))
    assert "Conversation is switched off" in text(page.page.by_id("main"))
    with unchanged(database, jane):
        assert page.send("/reply", message="Anyway").status == 403


def test_watching(jane: Tenant, visitor: Visitor) -> None:
    item = jane.new_feedback()
    for is_watching in (True, False):
        assert opened(visitor, page_of(jane, item)).send("/watch").status == 303
        assert (jane.user_id in now(jane, item)["watcherIds"]) == is_watching


def macro(jane: Tenant) -> dict[str, Any]:
    steps = [{"type": "assign_agent", "params": {"userId": jane.user_id}}]
    return {"projectId": jane.project_id, "name": "Take it <b>", "scope": "manual", "actions": steps}


def test_macros(jane: Tenant, visitor: Visitor) -> None:
    item = jane.new_feedback()
    saved = jane.post("/automations", macro(jane)).json()["id"]
    jane.post("/automations", {**macro(jane), "name": "Off", "enabled": False})
    page = opened(visitor, page_of(jane, item))
    assert [text(each) for each in page.page.by_id("macro").iter("option")] == ["Choose…", "Take it <b>"]
    assert page.send("/macro", macro=saved).header("location") == f"{page_of(jane, item)}?done=macro"
    assert now(jane, item)["assigneeId"] == jane.user_id
    assert page.send("/macro", macro="auto_unknown").status in (404, 409)


def test_hostile_text_stays_text(jane: Tenant, visitor: Visitor) -> None:
    item = jane.new_feedback(
        HOSTILE,
        category=HOSTILE[:64],
        tags=[HOSTILE[:50]],
        context={HOSTILE: HOSTILE},
        customMetadata={"name": HOSTILE, HOSTILE: {"a": HOSTILE}},
    )
    customer = {"authorType": "customer", "authorName": HOSTILE, "authorEmail": "sam@example.org"}
    jane.post(f"/feedback/{item['id']}/comments", {"message": HOSTILE, **customer})
    jane.post(f"/feedback/{item['id']}/notes", {"content": HOSTILE})
    jane.post(f"/feedback/{item['id']}/notes", {"contentHtml": f"<a href='javascript:alert(1)'>x</a>{HOSTILE}"})
    jane.patch(f"/feedback/{item['id']}", {"category": HOSTILE[5:60], "tags": [HOSTILE[3:50]]})
    page = opened(visitor, page_of(jane, item)).page
    inert(page)
    assert [text(each) for each in page.with_class("text")][:2] == [HOSTILE, HOSTILE]


@pytest.mark.parametrize("ending", ACTS)
def test_who_may_do_what(
    tenant: Tenants, jane: Tenant, client: Client, database: Database, clock: Clock, ending: str
) -> None:
    item = jane.new_feedback()
    fields = ACTS[ending]
    if ending == "/macro":
        fields = {"macro": jane.post("/automations", macro(jane)).json()["id"]}
    for role in ROLES:
        visitor = signed_in(database, client, tenant.colleague(jane, role))
        page = opened(visitor, page_of(jane, item))
        has_form = any(each.get("action", "").partition("?")[0] == page.path + ending for each in page.page.all("form"))
        assert has_form == (role != "viewer")
        token = {"csrf": visitor.token_on("/app/account")}
        sent = (page.form(ending) if has_form else token) | fields
        if role == "viewer":
            with unchanged(database, jane):
                assert visitor.post(page.path + ending, sent).status == 403
        else:
            assert visitor.post(page.path + ending, sent).status == 303, role


def test_another_workspaces_item_is_not_there(
    tenant: Tenants, jane: Tenant, visitor: Visitor, database: Database
) -> None:
    other = tenant()
    item = other.new_feedback()
    token = visitor.token_on("/app/account")
    paths = (page_of(jane, item), page_of(other, item))
    with unchanged(database, jane, other):
        for path in paths:
            assert visitor.get(path).status == 404
            for ending, fields in ACTS.items():
                assert visitor.post(path + ending, {"csrf": token, "form_id": "form_1", **fields}).status == 404


def test_a_reply_without_the_forms_own_id(jane: Tenant, visitor: Visitor, database: Database) -> None:
    item = jane.new_feedback()
    page = opened(visitor, page_of(jane, item))
    for form_id in ("", "x" * 65):
        with unchanged(database, jane):
            assert page.send("/reply", message="Hello", form_id=form_id).status == 409
    assert "Hello" not in text_of(visitor.get(page.path))


def test_a_form_without_its_id_is_not_said_to_have_been_sent_before(
    jane: Tenant, visitor: Visitor, database: Database
) -> None:
    item = jane.new_feedback()
    page = opened(visitor, page_of(jane, item))
    with unchanged(database, jane):
        answer = page.send("/note", content="Ask Sam.", form_id="")
    assert answer.status == 409
    assert wrong_on(parsed(answer)) == ["Load the page again, and send this once more."]
    assert "Ask Sam.</textarea>" in answer.body.decode()


def test_a_form_that_is_being_sent_is_not_said_to_have_other_words(
    jane: Tenant, visitor: Visitor, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database.engine == "sqlite":
        pytest.skip("units run one after the other there, so nobody waits")
    monkeypatch.setattr("userhero.kernel.http.idempotency._WAIT_SECONDS", 1)
    item = jane.new_feedback()
    page = opened(visitor, page_of(jane, item))
    form = page.form("/note") | {"content": "Ask Sam."}
    claim = Claim(jane.user_id, f"form {form['form_id']}", "any", item["id"])
    with held(database, lambda tx: once(tx, claim, lambda: Answer(303, b""), stop, lambda tenant: None), kept=False):
        answer = visitor.post(f"{page.path}/note", form)
    assert answer.status == 409
    assert wrong_on(parsed(answer)) == ["This form is being sent already. Wait a moment, then load the page again."]
    assert visitor.post(f"{page.path}/note", form).status == 303
    assert notes(jane, item) == ["Ask Sam."]


def stop(problem: Problem) -> NoReturn:
    raise problem
