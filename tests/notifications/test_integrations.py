"""Integrations, messages in Slack, and what automations pass on."""

import json
from typing import Any

import pytest
from sqlalchemy import update

from tests.automations.macros import ran
from tests.notifications.mails import Mails
from tests.notifications.people import After, heard, written
from tests.support.clock import Clock
from tests.support.problems import check_problem, rows_of
from tests.support.tenants import Tenant, Tenants
from tests.support.web_servers import OK
from tests.support.work import catch_up
from tests.webhooks.receivers import Receiver, answering, receiver
from userhero.kernel.db import Database, Statement
from userhero.notifications.actions.caps import SLACK
from userhero.notifications.actions.integrations import MAX_INTEGRATIONS
from userhero.notifications.actions.post import DELIVER
from userhero.notifications.actions.send import DELAYS
from userhero.notifications.tables import integrations

SECRET = "https://hooks.slack.com/services/T00/B00/abcdefghWXYZ"


def slack(owner: Tenant, url: str, **fields: Any) -> Any:
    return owner.post("/integrations", {"type": "slack", "name": "#support", "target": url, **fields}).data


def bodies(place: Receiver) -> list[Any]:
    return [each.json for each in place.requests]


def test_an_integration_is_what_it_says(jane: Tenant, database: Database) -> None:
    made = slack(jane, SECRET)
    assert made["target"] == "https://hooks.slack.com/…WXYZ"
    assert (made["type"], made["name"], made["isDefault"]) == ("slack", "#support", False)
    assert SECRET not in str(rows_of(database, jane)), "it is sealed where it is stored"
    path = f"/integrations/{made['id']}"
    assert jane.get(path).data == made
    changed = jane.patch(path, {"name": "#dev", "isDefault": True}).data
    assert (changed["name"], changed["isDefault"], changed["target"]) == ("#dev", True, made["target"])
    assert jane.patch(path, {"target": SECRET + "1"}).data["target"] == "https://hooks.slack.com/…XYZ1"
    mail = jane.post("/integrations", {"type": "email", "name": "Team", "target": "Team@Example.com"}).data
    assert mail["target"] == "team@example.com"
    assert [each["id"] for each in jane.get("/integrations").data] == [mail["id"], made["id"]]
    assert [each["id"] for each in jane.get("/integrations", type="slack").data] == [made["id"]]
    assert jane.delete(path).data == {"id": made["id"], "deleted": True}
    check_problem(jane.get(path), "not_found")


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("slack", "http://127.0.0.1/x"), ("slack", "https://[::1]/x"), ("slack", "ftp://example.com/x"),
        ("slack", "https://169.254.169.254/"), ("slack", "team@example.com"), ("slack", ""),
        ("email", "nobody"), ("email", "a@b.com, c@d.com"), ("email", "a@b.com\r\nBcc: c@d.com"), ("email", SECRET),
    ],
)  # fmt: skip
def test_where_nothing_may_lead(jane: Tenant, kind: str, target: str) -> None:
    check_problem(
        jane.post("/integrations", {"type": kind, "name": "x", "target": target}), "bad_request", field="target"
    )
    made = slack(jane, SECRET) if kind == "slack" else jane.post(
        "/integrations", {"type": "email", "name": "x", "target": "a@example.com"}
    ).data  # fmt: skip
    check_problem(jane.patch(f"/integrations/{made['id']}", {"target": target}), "bad_request", field="target")


def test_a_workspace_has_fifty(jane: Tenant) -> None:
    for _ in range(MAX_INTEGRATIONS):
        slack(jane, SECRET)
    check_problem(jane.post("/integrations", {"type": "slack", "name": "x", "target": SECRET}), "forbidden")


def caught_up(mails: Mails) -> None:
    catch_up(mails.database, DELIVER)


def test_new_feedback_in_slack(mails: Mails) -> None:
    jane = mails.tenant()
    with receiver() as place:
        slack(jane, place.url, isDefault=True)
        item = jane.new_feedback("It <b>fails</b> & I am *angry* <!channel> <https://evil.example|here> @here")
        caught_up(mails)
    (found,) = bodies(place)
    link = f"https://feedback.example.com/feedback/{item['id']}"
    head, words, foot = found["blocks"]
    assert head["text"] == {"type": "mrkdwn", "text": f"*<{link}|New feedback #1 in My App>*", "verbatim": True}
    assert words["text"]["type"] == "plain_text"
    shown = words["text"]["text"]
    assert shown.startswith("It &lt;b&gt;fails&lt;/b&gt; &amp; I am *angry* &lt;!channel&gt;")
    assert "@here" not in shown
    assert foot["elements"][0]["text"] == "Acme Inc"
    assert found["text"] == "New feedback #1 in My App"
    (shown,) = mails.outbox(jane)
    assert (shown["status"], shown["channel"], shown["recipient"]) == ("sent", "slack", "#support")


def test_names_do_not_format_or_call(mails: Mails) -> None:
    jane = mails.tenant()
    jane.patch(f"/projects/{jane.project_id}", {"name": "x>* <!everyone> `@channel` |y"})
    with receiver() as place:
        slack(jane, place.url, isDefault=True)
        jane.new_feedback()
        caught_up(mails)
    text = json.dumps(bodies(place), ensure_ascii=False)
    assert "<!" not in text
    assert "@channel" not in text
    assert bodies(place)[0]["blocks"][0]["text"]["text"].count(">") == 1


def test_a_place_that_is_busy_is_asked_again(mails: Mails, clock: Clock) -> None:
    jane, answers = mails.tenant(), [answering(500), answering(429, Retry_After="600"), OK]
    with receiver(lambda _: answers.pop(0)) as place:
        slack(jane, place.url, isDefault=True)
        jane.new_feedback()
        caught_up(mails)
        (shown,) = mails.outbox(jane)
        assert (shown["status"], shown["attempts"], shown["error"]) == ("waiting", 1, "500")
        clock.advance(60)
        caught_up(mails)
        clock.advance(599)
        caught_up(mails)
        assert len(place.requests) == 2
        clock.advance(1)
        caught_up(mails)
        assert len(place.requests) == 3
    assert [each["status"] for each in mails.outbox(jane)] == ["sent"]


@pytest.mark.parametrize("status", [301, 400, 403, 404, 410])
def test_a_place_that_refuses_is_not_asked_again(mails: Mails, clock: Clock, status: int) -> None:
    jane = mails.tenant()
    with receiver(answering(status, b"no_service")) as place:
        made = slack(jane, place.url)
        shown = jane.post(f"/integrations/{made['id']}/test").data
        assert (shown["kind"], shown["status"], shown["recipient"]) == ("test", "waiting", "#support")
        caught_up(mails)
        clock.advance(days=1)
        caught_up(mails)
    (shown,) = mails.outbox(jane)
    assert (shown["status"], shown["error"]) == ("failed", f"{status} no_service")
    assert len(place.requests) == 1


def test_what_cannot_be_dealt_with_comes_to_an_end(mails: Mails, clock: Clock) -> None:
    """Such as an address that was sealed with another key."""
    jane = mails.tenant()
    made = slack(jane, SECRET, isDefault=True)
    broken = Statement(update(integrations).where(integrations.c.id == made["id"]).values(target=b"x" * 80))
    mails.database.write(lambda tx: tx.run(broken))
    jane.new_feedback()
    caught_up(mails)
    (shown,) = mails.outbox(jane)
    assert (shown["status"], shown["attempts"]) == ("waiting", 1)
    assert shown["error"] == "Something went wrong on our side; the log has more."
    for delay in DELAYS:
        clock.advance(delay)
        caught_up(mails)
    assert [each["status"] for each in mails.outbox(jane)] == ["failed"]


def test_a_storm_in_slack_is_folded(mails: Mails, clock: Clock) -> None:
    clock.set("2030-01-01T10:05:00Z")
    jane, most = mails.tenant(), SLACK.hour
    with receiver() as place:
        slack(jane, place.url, isDefault=True)
        for _ in range(most + 3):
            jane.new_feedback()
        caught_up(mails)
        assert len(place.requests) == most
        clock.set("2030-01-01T11:00:00Z")
        caught_up(mails)
        assert len(place.requests) == most + 1
    assert "3 things happened" in bodies(place)[-1]["text"]


def notify(channel: str, to: str) -> dict[str, Any]:
    params = {"channel": channel, "to": to, "message": "Look at #{{feedback.ticketNumber}}"}
    return {"type": "send_notification", "params": params}


def test_what_an_automation_says(jane: Tenant, john: Tenant, database: Database, after: After) -> None:
    made = slack(jane, "https://hooks.example.invalid/x")
    item = jane.new_feedback("Broken")
    mail = jane.post("/integrations", {"type": "email", "name": "Team", "target": "team@example.com"}).data
    ran(
        jane, item, notify("email", john.user_id), notify("email", john.email), notify("email", "out@example.com"),
        notify("slack", made["id"]), notify("email", mail["id"]),
    )  # fmt: skip
    after()
    # The two to John are two things that were asked for.
    assert [(each["kind"], each["excerpt"]) for each in heard(john)] == [("automation", "Look at #1")] * 2
    assert [each["recipient"] for each in written(database, jane)] == [
        john.email, john.email, "out@example.com", made["id"], "team@example.com"
    ]  # fmt: skip
    assert {each["content"]["quote"] for each in written(database, jane)} == {"Look at #1"}


def test_an_automation_and_a_slack_address(mails: Mails, clock: Clock) -> None:
    """It is as secret in the outbox as that of an integration."""
    jane = mails.tenant()
    ran(jane, jane.new_feedback(), notify("slack", SECRET))
    catch_up(mails.database, "notifications.fold")
    (shown,) = mails.outbox(jane)
    assert (shown["channel"], shown["recipient"], shown["kind"]) == ("slack", "Slack", "automation")
    assert SECRET not in str(jane.get(f"/outbox/{shown['id']}").data)


def test_an_automation_and_a_webhook_endpoint(mails: Mails) -> None:
    jane = mails.tenant()
    with receiver() as place:
        made = jane.post("/webhook-endpoints", {"url": place.url, "events": ["vote.deleted"]}).data
        item = jane.new_feedback()
        ran(jane, item, notify("webhook", made["id"]))
        catch_up(mails.database, "webhooks.deliver")
    (found,) = place.requests
    assert found.json["event"] == "automation.notification_requested"
    data = found.json["data"]
    assert (data["feedbackId"], data["message"], data["to"]) == (item["id"], "Look at #1", made["id"])


@pytest.mark.parametrize(
    ("channel", "to"),
    [
        ("slack", "#support"), ("slack", "https://example.com/x"), ("slack", "https://hooks.slack.com:22/x"),
        ("slack", "whe_1"), ("webhook", "https://example.com/x"), ("webhook", "whe_1"), ("email", "int_1"),
        ("email", "nobody"), ("email", "user_1"),
    ],
)  # fmt: skip
def test_whom_no_automation_can_tell(jane: Tenant, channel: str, to: str) -> None:
    body = {"projectId": jane.project_id, "name": "A", "scope": "manual", "actions": [notify(channel, to)]}
    check_problem(jane.post("/automations", body), "bad_request", field="actions[0].params.to")


def test_others_places_are_unknown(jane: Tenant, tenant: Tenants) -> None:
    other = tenant()
    made = slack(other, SECRET)
    hook = other.post("/webhook-endpoints", {"url": "https://hooks.example.invalid/x"}).data
    for action in (notify("slack", made["id"]), notify("webhook", hook["id"]), notify("email", other.user_id)):
        body = {"projectId": jane.project_id, "name": "A", "scope": "manual", "actions": [action]}
        check_problem(jane.post("/automations", body), "bad_request", field="actions[0].params.to")
