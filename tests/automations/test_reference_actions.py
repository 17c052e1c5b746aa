"""Actions and the placeholders in their texts, one by one: saved as given, done as said."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.automations.macros import ran, save, saved
from tests.conversations.events import events_of
from tests.support.fields import check_fields
from tests.support.problems import check_problem
from tests.support.tenants import Tenant, Tenants
from userhero.kernel.db import Database

STATUS = {"id": "waiting", "label": "Waiting", "category": "pending"}


@pytest.fixture
def caller(tenant: Tenants) -> Tenant:
    made = tenant()
    made.patch(f"/projects/{made.project_id}", {"statuses": [STATUS]})
    return made


def action(kind: str, **params: Any) -> dict[str, Any]:
    return {"type": kind, "params": params}


def item_of(caller: Tenant, item: Any) -> Any:
    return caller.get(f"/feedback/{item['id']}").data


def after(caller: Tenant, item: Any, *actions: dict[str, Any]) -> Any:
    """The item after a macro with these actions, each of which succeeds."""
    result = ran(caller, item, *actions)
    assert result["outcome"] == "matched", result
    assert result["actionsExecuted"] == [{"type": each["type"], "success": True} for each in actions]
    return item_of(caller, item)


# Type, params, the field of the item that shows it, its value before and its value after.
CHANGES: list[tuple[str, dict[str, Any], str, Any, Any]] = [
    ("set_status", {"status": "resolved"}, "status", "new", "resolved"),
    ("set_status", {"status": "waiting"}, "statusCategory", "open", "pending"),
    ("set_category", {"category": "bug"}, "category", "idea", "bug"),
    ("set_category", {"category": None}, "category", "idea", None),
    ("set_priority", {"priority": "urgent"}, "priority", "low", "urgent"),
    ("set_priority", {"priority": None}, "priority", "low", None),
    ("add_tag", {"tag": "new"}, "tags", ["old", "kept"], ["old", "kept", "new"]),
    ("add_tag", {"tag": "kept"}, "tags", ["old", "kept"], ["old", "kept"]),
    ("remove_tag", {"tag": "old"}, "tags", ["old", "kept"], ["kept"]),
    ("remove_tag", {"tag": "none"}, "tags", ["old", "kept"], ["old", "kept"]),
    ("set_public", {"isPublic": True}, "isPublic", False, True),
]


@pytest.mark.parametrize(("kind", "params", "field", "before", "then"), CHANGES)
def test_what_changes_the_item(
    caller: Tenant, kind: str, params: dict[str, Any], field: str, before: Any, then: Any
) -> None:
    item = caller.new_feedback(category="idea", priority="low", tags=["old", "kept"])
    assert item[field] == before
    changed = after(caller, item, action(kind, **params))
    assert changed[field] == then
    may_follow = {field, "updatedAt", "status", "statusCategory"}
    assert {name for name in item if changed[name] != item[name]} <= may_follow


def test_assigning_to_a_member_of_any_role_and_to_nobody(caller: Tenant, tenant: Tenants) -> None:
    item = caller.new_feedback()
    viewer = tenant.colleague(caller, "viewer")
    assert after(caller, item, action("assign_agent", userId=viewer.user_id))["assigneeId"] == viewer.user_id
    assert after(caller, item, action("assign_agent", userId=None))["assigneeId"] is None


def test_what_adds_to_the_conversation(caller: Tenant) -> None:
    item = caller.new_feedback()
    changed = after(caller, item, action("add_note", content="For us"), action("send_reply", message="For you"))
    (note,), (reply,) = changed["internalNotes"], changed["customerComments"]
    assert (note["content"], reply["message"], reply["authorType"]) == ("For us", "For you", "agent")


def test_hiding_what_was_public(caller: Tenant) -> None:
    item = caller.new_feedback()
    caller.patch(f"/feedback/{item['id']}", {"isPublic": True})
    assert after(caller, item, action("set_public", isPublic=False))["isPublic"] is False


def slack_of(caller: Tenant) -> str:
    body = {"type": "slack", "name": "#support", "target": "https://hooks.example.invalid/slack"}
    return str(caller.post("/integrations", body).data["id"])


def endpoint_of(caller: Tenant) -> str:
    body = {"url": "https://hooks.example.invalid/a", "events": ["vote.deleted"]}
    return str(caller.post("/webhook-endpoints", body).data["id"])


@pytest.mark.parametrize(
    ("channel", "recipient"), [("email", lambda _: "jane@ex.com"), ("slack", slack_of), ("webhook", endpoint_of)]
)
def test_telling_somebody_by_each_channel(
    caller: Tenant, database: Database, channel: str, recipient: Callable[[Tenant], str]
) -> None:
    item, to = caller.new_feedback(), recipient(caller)
    after(caller, item, action("send_notification", channel=channel, to=to, message="#{{feedback.ticketNumber}}"))
    asked = dict(events_of(database, caller))["automation.notification_requested"]
    assert (asked["feedbackId"], asked["channel"], asked["to"], asked["message"]) == (item["id"], channel, to, "#1")


def test_actions_are_done_in_their_order(caller: Tenant) -> None:
    item = caller.new_feedback()
    tags = [action("add_tag", tag="a"), action("add_tag", tag="b"), action("remove_tag", tag="a")]
    assert after(caller, item, *tags)["tags"] == ["b"]
    assert after(caller, item, *reversed(tags))["tags"] == ["b", "a"]


# By placeholder: what stands for it, as the item shows it.
WORDS: dict[str, Any] = {
    "feedback.id": lambda item: item["id"],
    "feedback.ticketNumber": lambda item: str(item["ticketNumber"]),
    "feedback.message": lambda item: "The export fails",
    "feedback.category": lambda item: "bug",
    "feedback.priority": lambda item: "high",
    "feedback.status": lambda item: "new",
    "feedback.rating": lambda item: "4.5",
    "feedback.userEmail": lambda item: "jane@ex.com",
    "feedback.userName": lambda item: "Jane",
    "feedback.createdAt": lambda item: item["createdAt"],
    "automation.name": lambda item: "Triage",
}


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("kind", ["add_note", "send_reply", "send_notification"])
def test_a_placeholder_in_each_text(caller: Tenant, database: Database, kind: str, word: str) -> None:
    item = caller.new_feedback(
        "The export fails", category="bug", priority="high", rating=4.5, userEmail="jane@ex.com",
        customMetadata={"name": "Jane"},
    )  # fmt: skip
    text = f"<{{{{{word}}}}}|{{{{ {word} }}}}>"
    params: dict[str, dict[str, Any]] = {
        "add_note": {"content": text},
        "send_reply": {"message": text},
        "send_notification": {"channel": "email", "to": caller.user_id, "message": text},
    }
    ran(caller, item, action(kind, **params[kind]), name="Triage")
    shown = item_of(caller, item)
    found = {
        "add_note": lambda: shown["internalNotes"][0]["content"],
        "send_reply": lambda: shown["customerComments"][0]["message"],
        "send_notification": lambda: dict(events_of(database, caller))["automation.notification_requested"]["message"],
    }[kind]()
    assert found == "<{0}|{0}>".format(WORDS[word](item))


@pytest.mark.parametrize(
    "text", ["{{feedback.context}}", "{{feedback}}", "{{1+1}}", "{{}}", "{{ feedback.id | upper }}"]
)
@pytest.mark.parametrize("kind", ["add_note", "send_reply", "send_notification"])
def test_there_are_no_other_placeholders(caller: Tenant, kind: str, text: str) -> None:
    field = "content" if kind == "add_note" else "message"
    more = {"channel": "slack", "to": "#support"} if kind == "send_notification" else {}
    refused = save(caller, action(kind, **more, **{field: text}))
    check_problem(refused, "bad_request", field=f"actions[0].params.{field}")


def test_single_braces_are_only_text(caller: Tenant) -> None:
    text = "{feedback.id} {% if %} {{ open ${feedback.id} #{x} }}"
    changed = after(caller, caller.new_feedback(), action("add_note", content=text))
    assert changed["internalNotes"][0]["content"] == text


def test_an_action_is_shown_as_it_was_saved(caller: Tenant) -> None:
    given = [action(kind, **params) for kind, params, *_ in CHANGES]
    given += [
        action("assign_agent", userId=None),
        action("add_note", content="#{{feedback.ticketNumber}}"),
        action("send_reply", message="Thanks"),
        action("send_notification", channel="email", to=caller.user_id, message="Look"),
    ]
    made = saved(caller, *given)
    assert made["actions"] == given
    for each in made["actions"]:
        check_fields(each, {"type": "string", "params": "object"})
