"""Deliveries to webhook endpoints: signed, once, on schedule, and over when they are over."""

import json
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import pairwise
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.support.clock import Clock
from tests.support.faults import failing_inserts
from tests.support.live import free_port
from tests.support.problems import check_problem
from tests.support.tenants import Tenant
from tests.support.work import finish
from tests.webhooks.receivers import Endpoint, Hooks, Received, answering, endpoint, receiver, submit_many
from userhero.kernel import clock as product_clock
from userhero.kernel.db import Statement
from userhero.kernel.events import events
from userhero.webhooks.actions.lane import CHUNK
from userhero.webhooks.actions.redeliver import REDELIVER

# Seconds between two attempts, as the reference for operators has them.
SCHEDULE = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
DOWN = answering(500)


def between(first: str, second: str) -> float:
    return product_clock.unix(second) - product_clock.unix(first)


def notices(hooks: Hooks, caller: Tenant, kind: str) -> list[Any]:
    """What was written down for those who notify people."""
    clause = events.select().where(events.c.workspace_id == caller.workspace_id, events.c.kind == kind)
    names = [column.name for column in events.c]
    rows = hooks.database.read(lambda tx: tx.all(Statement(clause)))
    return [json.loads(dict(zip(names, row, strict=True))["data"]) for row in rows]


def through_the_schedule(hooks: Hooks, clock: Clock, told: Endpoint) -> Any:
    """Let time pass from attempt to attempt until the one delivery waits for none."""
    hooks.catch_up()
    while (found := told.only())["nextAttemptAt"] is not None:
        clock.set(found["nextAttemptAt"])
        hooks.catch_up()
    return found


@pytest.mark.case("WHO-01")
def test_an_event_is_delivered_once_and_signed(hooks: Hooks) -> None:
    """WHO-01."""
    caller = hooks.tenant()
    with receiver() as server:
        told = endpoint(caller, server.url)
        item = caller.new_feedback()
        hooks.catch_up()
        hooks.catch_up()
    (received,) = server.of("feedback.created")
    assert received.subject == item["id"]
    assert Webhook(told.secret).verify(received.body, received.headers) == received.json
    assert received.signatures == [received.signature(told.secret)]
    assert received.headers["x-userhero-signature"] == received.plain_signature(told.secret)
    assert received.headers["content-type"] == "application/json"
    assert "x-userhero-signature-previous" not in received.headers
    delivery = told.only()
    assert delivery["eventId"] == received.id
    assert (delivery["status"], delivery["attempt"], delivery["responseStatus"]) == ("delivered", 1, 200)
    assert (delivery["error"], delivery["nextAttemptAt"]) == (None, None)


@pytest.mark.parametrize(("rating", "sent"), [(4, b"4"), (4.0, b"4"), (0, b"0"), (4.5, b"4.5")])
def test_a_body_that_javascript_writes_again_is_the_one_that_was_signed(
    hooks: Hooks, rating: float, sent: bytes
) -> None:
    """Receivers may sign what they have parsed: JavaScript gives whole numbers no fraction."""
    caller = hooks.tenant()
    with receiver() as server:
        endpoint(caller, server.url)
        caller.new_feedback(rating=rating)
        hooks.catch_up()
    (received,) = server.of("feedback.created")
    assert b'"rating":' + sent + b"," in received.body
    assert json.dumps(received.json, separators=(",", ":"), ensure_ascii=False).encode() == received.body


def test_what_is_sent_is_signed_as_published() -> None:
    """WHO-01: the example of the Standard Webhooks specification."""
    body = b'{"test": 2432232314}'
    message = Received("", {"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330"}, body, "")
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert message.signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") == expected


@pytest.mark.case("WHO-02")
def test_a_receiver_that_is_down_is_tried_on_schedule_then_given_up(hooks: Hooks, clock: Clock) -> None:
    """WHO-02: ten attempts over about three days; then somebody is told, once."""
    caller = hooks.tenant()
    told = endpoint(caller, f"http://127.0.0.1:{free_port()}/hook")
    caller.new_feedback()
    start = clock.now()
    found = through_the_schedule(hooks, clock, told)
    assert (found["status"], found["attempt"], found["responseStatus"]) == ("failed", 10, None)
    assert found["error"] == "No connection to the host could be made."
    assert [each["attempt"] for each in found["attempts"]] == list(range(1, 11))
    times = [each["at"] for each in found["attempts"]]
    assert times[0] == start
    for delay, (before, after) in zip(SCHEDULE, pairwise(times), strict=True):
        assert 0.8 * delay <= between(before, after) <= 1.2 * delay, (delay, times)
    assert len({round(between(*pair) / delay, 4) for delay, pair in zip(SCHEDULE, pairwise(times), strict=True)}) > 1
    (notice,) = notices(hooks, caller, "webhook_endpoint.failing")
    assert (notice["id"], notice["eventId"], notice["failingSince"]) == (told.id, found["eventId"], start)
    assert told.shown()["enabled"] is True
    clock.advance(hours=30)
    hooks.catch_up()
    assert told.only()["attempt"] == 10
    caller.new_feedback()
    hooks.catch_up()
    assert len(notices(hooks, caller, "webhook_endpoint.failing")) == 1


@pytest.mark.case("WHO-03")
def test_retries_are_the_same_but_for_the_time(hooks: Hooks, clock: Clock) -> None:
    """WHO-03."""
    caller = hooks.tenant()
    with receiver(DOWN) as server:
        told = endpoint(caller, server.url)
        item = caller.new_feedback()
        hooks.catch_up()
        caller.patch(f"/feedback/{item['id']}", {"message": "Changed since"})
        clock.advance(minutes=1)
        hooks.catch_up()
        clock.advance(minutes=10)
        hooks.catch_up()
    tries = server.of("feedback.created")
    assert len(tries) == 3
    assert len({(each.id, each.body) for each in tries}) == 1
    assert tries[0].json["data"]["message"] == item["message"]
    stamps = [int(each.headers["webhook-timestamp"]) for each in tries]
    assert stamps == [int(product_clock.unix(each.at)) for each in tries]
    assert len(set(stamps)) == 3
    assert all(each.signatures == [each.signature(told.secret)] for each in tries)
    assert len({each.headers["webhook-signature"] for each in tries}) == 3


@pytest.mark.case("WHO-04")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_failure_and_not_followed(hooks: Hooks, status: int) -> None:
    """WHO-04."""
    caller = hooks.tenant()
    with receiver() as elsewhere, receiver() as server:
        server.answer = answering(status, Location=elsewhere.url)
        told = endpoint(caller, server.url)
        caller.new_feedback()
        hooks.catch_up()
    assert len(server.requests) == 1
    assert elsewhere.server.connections == 0
    found = told.only()
    assert (found["status"], found["responseStatus"]) == ("pending", status)
    assert "redirects are not followed" in found["error"]


@pytest.mark.case("WHO-05")
def test_gone_means_gone(hooks: Hooks, clock: Clock) -> None:
    """WHO-05: the endpoint is switched off at once, with all that waits for it, and somebody is told."""
    caller = hooks.tenant()
    with receiver(DOWN) as server:
        told = endpoint(caller, server.url)
        caller.new_feedback("first")
        hooks.catch_up()
        server.answer = answering(410)
        caller.new_feedback("second")
        hooks.catch_up()
        assert told.shown()["enabled"] is False
        assert told.shown()["updatedAt"] == clock.now()
        assert [(each["status"], each["error"]) for each in told.deliveries()] == [
            ("failed", "The endpoint is switched off."),
            ("failed", "The receiver answered 410."),
        ]
        caller.new_feedback("third")
        clock.advance(days=4)
        hooks.catch_up()
        assert len(server.requests) == 2
        assert len(told.deliveries()) == 2, "who is switched off hears of nothing"
    (notice,) = notices(hooks, caller, "webhook_endpoint.disabled")
    assert (notice["id"], notice["reason"], notice["url"]) == (told.id, "gone", server.url)
    (act,) = caller.get("/audit-log", act="webhook_endpoint.updated").data
    assert (act["actor"]["via"], act["subject"]["id"]) == ("system", told.id)
    assert (act["before"], act["after"]) == ({"enabled": True}, {"enabled": False})


@pytest.mark.case("WHO-06")
@pytest.mark.parametrize(("status", "seconds", "as_date"), [(429, 120, False), (503, 3600, True), (503, 90, False)])
def test_receivers_may_ask_for_patience(hooks: Hooks, clock: Clock, status: int, seconds: int, as_date: bool) -> None:
    """WHO-06: in seconds or as a date. Other deliveries wait as well, for five minutes at the most."""
    caller = hooks.tenant()
    until = format_datetime(datetime.fromtimestamp(clock.seconds + seconds, UTC), usegmt=True)
    with receiver(answering(status, Retry_After=until if as_date else str(seconds))) as server:
        told = endpoint(caller, server.url)
        caller.new_feedback()
        hooks.catch_up()
        (first,) = told.deliveries()
        assert seconds <= between(clock.now(), first["nextAttemptAt"]) <= 1.2 * seconds
        server.answer = answering(200)
        caller.new_feedback()
        clock.advance(seconds=min(seconds, 300) - 1)
        hooks.catch_up()
        assert len(server.requests) == 1
        clock.advance(seconds=1)
        hooks.catch_up()
        assert [each["status"] for each in told.deliveries()][1] == "delivered"
        clock.set(first["nextAttemptAt"])
        hooks.catch_up()
        assert {each["status"] for each in told.deliveries()} == {"delivered"}


@pytest.mark.case("WHO-06")
@pytest.mark.parametrize("asked", ["315360000", "Tue, 01 Jan 2036 00:00:00 GMT", "9" * 400])
def test_absurd_patience_is_bounded_by_the_schedule(hooks: Hooks, clock: Clock, asked: str) -> None:
    """WHO-06: a day at the most, and five minutes for everything else."""
    caller = hooks.tenant()
    with receiver(answering(429, Retry_After=asked)) as server:
        told = endpoint(caller, server.url)
        caller.new_feedback()
        hooks.catch_up()
        assert 0 < between(clock.now(), told.only()["nextAttemptAt"]) <= 86_400
        clock.advance(minutes=5)
        caller.new_feedback()
        hooks.catch_up()
        assert len(server.requests) == 2


@pytest.mark.parametrize(
    "answer",
    [
        answering(429, Retry_After="-5"),
        answering(429, Retry_After="soon"),
        answering(503, Retry_After="Mon, 01 Jan 2001 00:00:00 GMT"),
        answering(429, Retry_After="1e9"),
        answering(429),
        answering(500, Retry_After="7200"),
    ],
)
def test_nonsense_and_other_answers_leave_the_schedule_as_it_is(hooks: Hooks, clock: Clock, answer: bytes) -> None:
    """WHO-06."""
    caller = hooks.tenant()
    with receiver(answer) as server:
        told = endpoint(caller, server.url)
        caller.new_feedback()
        hooks.catch_up()
        assert 4 <= between(clock.now(), told.only()["nextAttemptAt"]) <= 6


@pytest.mark.case("WHO-11")
def test_an_endpoint_that_fails_for_five_days_is_switched_off(hooks: Hooks, clock: Clock) -> None:
    """WHO-11."""
    caller = hooks.tenant()
    with receiver(DOWN) as server:
        told = endpoint(caller, server.url)
        start = clock.now()
        for _ in range(5):
            caller.new_feedback()
            hooks.catch_up()
            assert told.shown()["enabled"] is True
            clock.advance(hours=24)
        caller.new_feedback()
        hooks.catch_up()
    assert between(start, clock.now()) == 120 * 3600
    assert told.shown()["enabled"] is False
    assert {each["status"] for each in told.deliveries()} == {"failed"}
    (notice,) = notices(hooks, caller, "webhook_endpoint.disabled")
    assert (notice["reason"], notice["failingSince"], notice["disabledAt"]) == ("failing", start, clock.now())


@pytest.mark.case("WHO-11")
def test_one_success_starts_the_five_days_anew(hooks: Hooks, clock: Clock) -> None:
    """WHO-11."""
    caller = hooks.tenant()
    with receiver(DOWN) as server:
        told = endpoint(caller, server.url)
        for day in range(11):
            server.answer = answering(200 if day == 5 else 500)
            caller.new_feedback()
            hooks.catch_up()
            clock.advance(hours=23)
        assert told.shown()["enabled"] is True
        assert notices(hooks, caller, "webhook_endpoint.disabled") == []
        clock.advance(hours=5)
        caller.new_feedback()
        hooks.catch_up()
        assert told.shown()["enabled"] is False


def test_days_without_deliveries_are_no_failure(hooks: Hooks, clock: Clock) -> None:
    """WHO-11: what failed a month ago and fails again today has not failed for a month."""
    caller = hooks.tenant()
    with receiver(DOWN) as server:
        told = endpoint(caller, server.url)
        caller.new_feedback()
        through_the_schedule(hooks, clock, told)
        clock.advance(days=20)
        caller.new_feedback()
        hooks.catch_up()
        assert told.shown()["enabled"] is True
        clock.advance(days=5)
        hooks.catch_up()
        assert told.shown()["enabled"] is False


def test_one_that_is_switched_on_again_starts_with_a_clean_slate(hooks: Hooks, clock: Clock) -> None:
    caller = hooks.tenant()
    with receiver(answering(410)) as server:
        told = endpoint(caller, server.url)
        caller.new_feedback()
        hooks.catch_up()
        caller.new_feedback()
        assert told.change(enabled=True).data["enabled"] is True
        server.answer = DOWN
        clock.advance(days=1)
        hooks.catch_up()
        item = caller.new_feedback()
        hooks.catch_up()
        assert told.shown()["enabled"] is True
        assert server.requests[-1].subject == item["id"]


@pytest.mark.case("WHO-12")
def test_while_a_secret_changes_both_are_good(hooks: Hooks, clock: Clock) -> None:
    """WHO-12."""
    caller = hooks.tenant()
    with receiver() as server:
        told = endpoint(caller, server.url)
        changed = caller.post(f"{told.path}/rotate-secret")
        assert changed.status == 200
        new = changed.data["secret"]
        assert new != told.secret
        caller.new_feedback()
        hooks.catch_up()
        clock.advance(hours=24, seconds=-1)
        caller.new_feedback()
        hooks.catch_up()
        clock.advance(seconds=1)
        caller.new_feedback()
        hooks.catch_up()
    *both, last = server.of("feedback.created")
    assert len(both) == 2
    for each in both:
        assert each.signatures == [each.signature(new), each.signature(told.secret)]
        assert each.headers["x-userhero-signature"] == each.plain_signature(new)
        assert each.headers["x-userhero-signature-previous"] == each.plain_signature(told.secret)
    assert last.signatures == [last.signature(new)]
    assert last.headers["x-userhero-signature"] == last.plain_signature(new)
    assert "x-userhero-signature-previous" not in last.headers


@pytest.mark.case("WHO-12", "WHO-01")
def test_each_secret_verifies_with_the_standard_library_of_receivers(hooks: Hooks) -> None:
    """WHO-12: in real time, since the library holds the time against its own clock."""
    caller = hooks.tenant()
    with receiver() as server:
        told = endpoint(caller, server.url)
        new = caller.post(f"{told.path}/rotate-secret").data["secret"]
        caller.new_feedback()
        hooks.catch_up()
    (received,) = server.of("feedback.created")
    for secret in (new, told.secret):
        assert Webhook(secret).verify(received.body, received.headers) == received.json


@pytest.mark.case("WHO-14")
def test_what_did_not_happen_is_not_delivered(hooks: Hooks) -> None:
    """WHO-14."""
    caller = hooks.tenant()
    address = hooks.address
    with receiver() as server:
        told = endpoint(caller, server.url)
        body = {"projectId": caller.project_id, "message": "Never"}
        with failing_inserts(address, "events", caller.workspace_id):
            check_problem(caller.post("/feedback", body), "internal_error")
        hooks.catch_up()
        assert told.deliveries() == []
        caller.post("/feedback", body)
        hooks.catch_up()
        assert len(told.deliveries()) == len(server.requests) == 1


@pytest.mark.case("WHO-17")
def test_failed_ones_are_sent_again_on_demand(hooks: Hooks, clock: Clock) -> None:
    """WHO-17: those of a time, with the same ids and bodies, and told how many."""
    caller = hooks.tenant()
    with receiver(DOWN) as server:
        told = endpoint(caller, server.url)
        for _ in range(5):
            caller.new_feedback()
            hooks.catch_up()
            clock.advance(hours=1)
        first_tries = {each.id: each.body for each in server.requests}
        told.change(enabled=False)
        hooks.catch_up()
        told.change(enabled=True)
        failed = told.deliveries(status="failed")
        assert len(failed) == 5
        del server.requests[:]
        server.answer = answering(200)
        bounds = {"since": failed[1]["createdAt"], "until": failed[3]["createdAt"]}
        answer = caller.post(f"{told.path}/deliveries/redeliver", bounds)
        assert (answer.status, answer.data) == (200, {"count": 3})
        hooks.catch_up()
        assert [each.id for each in server.requests] == [each["eventId"] for each in failed[1:4]]
        assert all(first_tries[each.id] == each.body for each in server.requests)
        assert [each["status"] for each in told.deliveries()] == ["failed", *["delivered"] * 3, "failed"]
        assert caller.post(f"{told.path}/deliveries/redeliver", {"since": "2020-01-01"}).data == {"count": 2}
        hooks.catch_up()
        assert {each["status"] for each in told.deliveries()} == {"delivered"}
        assert caller.post(f"{told.path}/deliveries/redeliver", {"since": "2020-01-01"}).data == {"count": 0}


def test_however_many_have_failed(hooks: Hooks, clock: Clock) -> None:
    """WHO-17: more than a unit of work takes at once are given up, and sent again."""
    caller = hooks.tenant()
    with receiver(DOWN) as server:
        told = endpoint(caller, server.url, events=["feedback.created"])
        submit_many(hooks, caller, CHUNK + 20)
        hooks.catch_up()
        assert len(server.requests) == CHUNK + 20
        told.change(enabled=False)
        hooks.catch_up()
        assert caller.count(f"{told.path}/deliveries", status="failed") == CHUNK + 20
        told.change(enabled=True)
        server.answer = answering(200)
        clock.advance(minutes=1)
        answer = caller.post(f"{told.path}/deliveries/redeliver", {"since": "2020-01-01"})
        assert answer.data == {"count": CHUNK + 20}
        finish(hooks.database, REDELIVER)
        while caller.count(f"{told.path}/deliveries", status="pending"):
            hooks.catch_up()
        assert caller.count(f"{told.path}/deliveries", status="delivered") == CHUNK + 20
    numbers = [each.json["data"]["ticketNumber"] for each in server.requests[CHUNK + 20 :]]
    assert numbers == list(range(1, CHUNK + 21)), "each once, in order"


def test_one_can_be_sent_again_whatever_became_of_it(hooks: Hooks, clock: Clock) -> None:
    """WHO-17: its schedule starts anew, its attempts count on."""
    caller = hooks.tenant()
    with receiver() as server:
        told = endpoint(caller, server.url)
        caller.new_feedback()
        hooks.catch_up()
        delivered = told.only()
        again = caller.post(f"{told.path}/deliveries/{delivered['id']}/redeliver")
        assert again.status == 200
        assert (again.data["id"], again.data["status"]) == (delivered["id"], "pending")
        server.answer = DOWN
        hooks.catch_up()
        found = told.only()
        assert (found["status"], found["attempt"], found["responseStatus"]) == ("pending", 2, 500)
        assert 4 <= between(clock.now(), found["nextAttemptAt"]) <= 6
        server.answer = answering(204)
        assert caller.post(f"{told.path}/deliveries/{delivered['id']}/redeliver").data["attempt"] == 2
        hooks.catch_up()
        assert (told.only()["status"], told.only()["attempt"]) == ("delivered", 3)
    assert len({(each.id, each.body) for each in server.requests}) == 1


def test_a_payload_says_what_happened_and_stays_small(hooks: Hooks) -> None:
    """WHO-18."""
    caller = hooks.tenant()
    with receiver() as server:
        endpoint(caller, server.url)
        item = caller.new_feedback(
            "m" * 5000,
            widgetId=caller.widget_id,
            category="bug",
            rating=4.5,
            userEmail="sam@example.com",
            screenshotUrl="https://example.com/s.png",
            context={"pageUrl": "/x", "log": ["é" * 1000] * 7},
            customMetadata={"plan": "pro", "trace": "t" * 14_000},
        )
        hooks.catch_up()
    (received,) = server.of("feedback.created")
    assert len(received.body) < 20_000
    assert received.json.keys() == {"event", "timestamp", "data"}
    assert received.json["timestamp"] == item["createdAt"]
    data = received.json["data"]
    assert data.keys() == {
        "id", "projectId", "widgetId", "widgetName", "template", "ticketNumber", "message", "category", "rating",
        "email", "status", "screenshotUrl", "context", "metadata", "createdAt", "cut",
    }  # fmt: skip
    assert (data["widgetName"], data["template"], data["message"]) == ("Feedback", "modal", item["message"])
    assert data["cut"] == ["context", "metadata"]
    assert data["metadata"]["plan"] == "pro"
    assert data["metadata"]["trace"].endswith("…")


@pytest.mark.case("WHO-18", "HTML-08")
def test_notes_leave_the_house_only_where_they_are_asked_for(hooks: Hooks) -> None:
    """WHO-18."""
    caller = hooks.tenant()
    with receiver() as everything, receiver() as default, receiver() as named, receiver() as both:
        endpoint(caller, everything.url, events=["*"])
        endpoint(caller, default.url)
        endpoint(caller, named.url, events=["note.created"])
        endpoint(caller, both.url, events=["*", "note.created"])
        item = caller.new_feedback()
        caller.post(f"/feedback/{item['id']}/notes", {"content": "Between us"})
        caller.post(f"/feedback/{item['id']}/comments", {"authorType": "agent", "message": "Hello"})
        hooks.catch_up()
    kinds = [[each.json["event"] for each in server.requests] for server in (everything, default, named, both)]
    public = ["feedback.created", "comment.created"]
    assert kinds == [public, public, ["note.created"], ["feedback.created", "note.created", "comment.created"]]
    assert named.requests[0].json["data"]["content"] == "Between us"
