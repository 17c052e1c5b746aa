"""Automations that events set off: after the write, in order, never because of themselves, and never for ever."""

import hmac
from collections.abc import Callable
from typing import Any

import pytest

from tests.automations.macros import TAG, condition, saved
from tests.support.tenants import Tenant, Tenants
from tests.support.work import settle
from userhero import workspaces
from userhero.automations.actions.fire import CONTINUE, MAX_CHAIN
from userhero.kernel.db import Database

BUG = condition("category", "equals", "bug")


@pytest.fixture
def after(database: Database) -> Callable[[], None]:
    """Let everything follow from what has happened."""
    return lambda: settle(database, CONTINUE)


def action(kind: str, **params: Any) -> dict[str, Any]:
    return {"type": kind, "params": params}


def on_created(caller: Tenant, *actions: dict[str, Any], **fields: Any) -> Any:
    return saved(caller, *actions, **{"scope": "feedback.created", **fields})


def on_updated(caller: Tenant, *actions: dict[str, Any], **fields: Any) -> Any:
    return saved(caller, *actions, **{"scope": "feedback.updated", **fields})


def item_of(caller: Tenant, item: Any) -> Any:
    return caller.get(f"/feedback/{item['id']}").data


def runs_of(caller: Tenant, automation: Any) -> list[Any]:
    found: list[Any] = caller.get(f"/automations/{automation['id']}/runs").json()["runs"]
    return found


def test_a_new_item_sets_off_what_matches_it(tenant: Tenants, after: Callable[[], None]) -> None:
    caller = tenant()
    fits = on_created(caller, action("set_priority", priority="high"), conditions=BUG)
    other = on_created(caller, action("set_priority", priority="low"), conditions=condition("rating", "is_set"))
    off = on_created(caller, TAG, enabled=False)
    item = caller.new_feedback(category="bug")
    assert item["priority"] is None, "it runs after the write"
    after()
    assert item_of(caller, item)["priority"] == "high"
    (run,) = runs_of(caller, fits)
    assert (run["outcome"], run["feedbackId"]) == ("matched", item["id"])
    assert run["actionsExecuted"] == [{"type": "set_priority", "success": True}]
    assert run["actor"] == {"userId": None, "name": fits["name"], "system": True}
    assert runs_of(caller, other) == runs_of(caller, off) == []
    shown = caller.get(f"/automations/{fits['id']}").json()
    assert (shown["runStats"], shown["lastRunAt"]) == ({"matched7d": 1, "errored7d": 0}, run["runAt"])


def test_a_change_sets_off_what_listens_to_changes(tenant: Tenants, after: Callable[[], None]) -> None:
    caller = tenant()
    on_updated(caller, action("add_tag", tag="done"), conditions=condition("status", "equals", "resolved"))
    item = caller.new_feedback()
    after()
    assert item_of(caller, item)["tags"] == []
    caller.patch(f"/feedback/{item['id']}", {"status": "resolved"})
    after()
    assert item_of(caller, item)["tags"] == ["done"]


def test_every_surface_sets_them_off(tenant: Tenants, after: Callable[[], None]) -> None:
    """A signed delivery is feedback like any other."""
    caller = tenant()
    on_created(caller, TAG, conditions=condition("source", "equals", "webhook"))
    hook = caller.post("/webhooks", {"name": "CI", "projectId": caller.project_id}).data
    body = b'{"message": "From outside"}'
    signature = hmac.new(hook["secret"].encode(), body, "sha256").hexdigest()
    headers = [("content-type", "application/json"), ("x-webhook-signature", f"sha256={signature}")]
    sent = caller.client.request("POST", f"/api/hooks/{hook['slug']}", headers=headers, body=body)
    after()
    assert caller.get(f"/feedback/{sent.json()['feedbackId']}").data["tags"] == ["seen"]


def test_they_run_in_order_and_see_what_those_before_have_done(tenant: Tenants, after: Callable[[], None]) -> None:
    caller = tenant()
    second = on_created(
        caller, action("add_tag", tag="second"), priority=2, conditions=condition("tags", "contains", "first")
    )
    on_created(caller, action("add_tag", tag="first"), priority=1)
    too_early = on_created(
        caller, action("add_tag", tag="early"), priority=0, conditions=condition("tags", "contains", "first")
    )
    item = caller.new_feedback()
    after()
    assert item_of(caller, item)["tags"] == ["first", "second"]
    assert len(runs_of(caller, second)) == 1
    assert runs_of(caller, too_early) == []


def test_only_those_of_the_item_s_project_run(tenant: Tenants, after: Callable[[], None]) -> None:
    caller = tenant()
    other = caller.post("/projects", {"name": "Other"}).data
    on_created(caller, TAG, projectId=other["id"])
    item = caller.new_feedback()
    after()
    assert item_of(caller, item)["tags"] == []


@pytest.mark.case("ABU-03")
def test_none_sets_itself_off(tenant: Tenants, after: Callable[[], None]) -> None:
    caller = tenant()
    flips = [
        on_updated(caller, action("set_priority", priority=priority), conditions=condition("priority", "equals", other))
        for priority, other in (("low", "high"), ("high", "low"))
    ]
    item = caller.new_feedback()
    caller.patch(f"/feedback/{item['id']}", {"priority": "high"})
    after()
    assert [len(runs_of(caller, flip)) for flip in flips] == [1, 1]
    assert item_of(caller, item)["priority"] == "high"


@pytest.mark.case("ABU-03", "WHO-19")
def test_a_chain_ends_after_five_and_says_so(tenant: Tenants, after: Callable[[], None]) -> None:
    caller = tenant()
    links = [
        on_updated(
            caller,
            action("add_tag", tag=f"{number + 1}"),
            conditions={
                "combinator": "and",
                "rules": [
                    {"field": "tags", "operator": "contains", "value": f"{number}"},
                    {"field": "tags", "operator": "not_contains", "value": f"{number + 1}"},
                ],
            },
        )
        for number in range(MAX_CHAIN + 2)
    ]
    item = caller.new_feedback()
    caller.patch(f"/feedback/{item['id']}", {"tags": ["0"]})
    after()
    assert item_of(caller, item)["tags"] == [f"{number}" for number in range(MAX_CHAIN + 1)]
    assert [len(runs_of(caller, link)) for link in links] == [1] * (MAX_CHAIN + 1) + [0]
    (last,) = runs_of(caller, links[MAX_CHAIN])
    assert last["outcome"] == "error"
    assert "5" in last["actionsExecuted"][0]["error"]


def test_a_failing_action_leaves_the_others(tenant: Tenants, after: Callable[[], None], database: Database) -> None:
    caller = tenant()
    member = tenant()
    database.write(lambda tx: workspaces.set_member(tx, caller.workspace_id, email=member.email, role="member"))
    failing = on_created(caller, action("assign_agent", userId=member.user_id), TAG)
    database.write(lambda tx: workspaces.set_member(tx, caller.workspace_id, email=member.email, role="none"))
    item = caller.new_feedback()
    after()
    (run,) = runs_of(caller, failing)
    assert run["outcome"] == "error"
    assert [each["success"] for each in run["actionsExecuted"]] == [False, True]
    assert item_of(caller, item)["tags"] == ["seen"]
    shown = caller.get(f"/automations/{failing['id']}").json()
    assert shown["runStats"] == {"matched7d": 0, "errored7d": 1}


def test_an_item_that_is_gone_by_then_is_left_alone(tenant: Tenants, after: Callable[[], None]) -> None:
    caller = tenant()
    automation = on_created(caller, action("add_note", content="Hello"))
    item = caller.new_feedback()
    caller.delete(f"/feedback/{item['id']}")
    after()
    assert runs_of(caller, automation) == []


def test_more_than_one_unit_can_hold(tenant: Tenants, after: Callable[[], None]) -> None:
    """Each in its order, none left out, none twice, however often others are let in between."""
    caller = tenant()
    for number in range(60):
        on_created(caller, action("add_note", content=f"{number}"), priority=number)
    item = caller.new_feedback()
    after()
    assert [note["content"] for note in item_of(caller, item)["internalNotes"]] == [f"{each}" for each in range(60)]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Sam Lee", "Sam Lee"), ("Zoë O\u2019Hara-Smith", "Zoë O\u2019Hara-Smith"), ("J. Doe", "J. Doe"),
        ("evil.example", ""), ("You won 500", ""), ("http://evil.example", ""), ("a" * 41, ""), ("Sam\nwon", ""),
    ],
)  # fmt: skip
def test_a_form_carries_no_words_to_others(tenant: Tenants, after: Callable[[], None], name: str, shown: str) -> None:
    """Whoever fills in a form can give anybody's address: an automatic reply must not repeat what they wrote."""
    caller = tenant()
    text = (
        "Hi {{feedback.userName}}, thanks for #{{feedback.ticketNumber}} ({{feedback.category}}): {{feedback.message}}"
    )
    on_created(caller, action("send_reply", message=text))
    metadata = {"name": name}
    item = caller.new_feedback(
        "Buy at evil.example", category="evil.example", userEmail="victim@example.com", customMetadata=metadata
    )
    after()
    (comment,) = item_of(caller, item)["customerComments"]
    assert comment["message"] == f"Hi {shown}, thanks for #{item['ticketNumber']} ():"


def test_a_reply_speaks_for_the_project(tenant: Tenants, after: Callable[[], None]) -> None:
    caller = tenant()
    on_created(caller, action("send_reply", message="Thanks for #{{feedback.ticketNumber}}"), name="Internal name")
    project = caller.get(f"/projects/{caller.project_id}").data
    item = caller.new_feedback(userEmail="john@example.com")
    after()
    (comment,) = item_of(caller, item)["customerComments"]
    assert comment["message"] == f"Thanks for #{item['ticketNumber']}"
    assert (comment["authorType"], comment["authorName"]) == ("agent", project["name"])
