"""``/events``: everything public that happened, in order, none of it late or twice."""

import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.support.client import Response
from tests.support.clock import Clock
from tests.support.databases import Engine
from tests.support.fields import check_fields
from tests.support.problems import check_problem
from tests.support.tenants import Tenant, Tenants
from tests.support.work import finish, settle
from tests.webhooks.receivers import Hooks, submit_many
from userhero.kernel import clock as product_clock
from userhero.kernel import ids
from userhero.kernel.db import Database, Statement
from userhero.kernel.events import KEPT_DAYS, events

FIELDS = {"id": "string", "event": "string", "timestamp": "time", "workspaceId": "string", "data": "object"}


def page(caller: Tenant, **query: Any) -> tuple[list[Any], Any]:
    found = caller.get("/events", **query).json()
    assert found.keys() == {"data", "pagination"}
    return found["data"], found["pagination"]


def kinds(caller: Tenant, **query: Any) -> list[str]:
    return [each["event"] for each in page(caller, pageSize=100, **query)[0]]


def follow(caller: Tenant, after: str | None = None, size: int = 7) -> Iterator[Any]:
    """Read on after the last one seen, to the end."""
    while True:
        found, _ = page(caller, after=after, pageSize=size)
        if not found:
            return
        yield from found
        after = found[-1]["id"]


def test_everything_public_is_there_in_order(tenant: Tenants) -> None:
    caller = tenant()
    item = caller.new_feedback(userEmail="sam@example.com", widgetId=caller.widget_id)
    path = f"/feedback/{item['id']}"
    caller.patch(path, {"status": "in-progress"})
    caller.post(f"{path}/comments", {"authorType": "agent", "message": "Hello"})
    caller.post(f"{path}/notes", {"content": "Between us"})
    customer = caller.post("/customers", {"name": "Sam"}).data["id"]
    caller.patch(f"/customers/{customer}", {"name": "Samantha"})
    caller.post(f"/customers/{item['customerId']}/merge", {"sourceCustomerId": customer})
    caller.delete(f"/customers/{item['customerId']}")
    caller.delete(path)
    found, pagination = page(caller)
    assert pagination == {"page": 1, "pageSize": 20, "hasMore": False, "nextCursor": None}
    for each in found:
        check_fields(each, FIELDS, filled=True)
        assert each["workspaceId"] == caller.workspace_id
    assert [each["event"] for each in found] == [
        "customer.created", "feedback.created", "feedback.updated", "comment.created", "note.created",
        "customer.created", "customer.updated", "customer.merged", "customer.deleted", "feedback.deleted",
    ]  # fmt: skip
    created = found[1]["data"]
    assert (created["id"], created["message"], created["email"]) == (item["id"], item["message"], "sam@example.com")
    assert (created["widgetId"], created["widgetName"], created["template"]) == (caller.widget_id, "Feedback", "modal")
    assert found[1]["timestamp"] == created["createdAt"] == item["createdAt"]
    assert found[2]["data"]["changes"] == {"status": "in-progress"}
    assert found[-1]["data"]["id"] == item["id"]


def test_what_was_recorded_without_a_widget_names_none(tenant: Tenants) -> None:
    caller = tenant()
    caller.new_feedback()
    data = page(caller)[0][0]["data"]
    assert (data["widgetId"], data["widgetName"], data["template"]) == ("api", None, None)


def test_internal_events_stay_inside(tenant: Tenants, database: Database, clock: Clock) -> None:
    caller = tenant()
    notify = {"type": "send_notification", "params": {"channel": "email", "to": "a@example.com", "message": "Hi"}}
    body = {"projectId": caller.project_id, "name": "Tell", "scope": "manual", "actions": [notify]}
    macro = caller.post("/automations", body).json()["id"]
    item = caller.new_feedback()
    caller.post(f"/automations/{macro}/run", {"feedbackId": item["id"]})
    clause = Statement(events.select().where(events.c.workspace_id == caller.workspace_id))
    assert len(database.read(lambda tx: tx.all(clause))) == 2
    assert kinds(caller) == ["feedback.created"]


def test_reading_on_after_the_last_one_seen(tenant: Tenants) -> None:
    caller = tenant()
    items = [caller.new_feedback() for _ in range(25)]
    found = list(follow(caller))
    assert [each["data"]["id"] for each in found] == [item["id"] for item in items]
    assert page(caller, after=found[-1]["id"]) == (
        [], {"page": 1, "pageSize": 20, "hasMore": False, "nextCursor": None}
    )  # fmt: skip
    caller.new_feedback()
    assert [each["event"] for each in follow(caller, after=found[-1]["id"])] == ["feedback.created"]


def test_pages_by_number_and_by_cursor_are_the_same(tenant: Tenants) -> None:
    caller = tenant()
    for _ in range(12):
        caller.new_feedback()
    everything, _ = page(caller, pageSize=100)
    after = everything[1]["id"]
    for known in (None, after):
        expected = everything[2:] if known else everything
        by_number, by_cursor, alone = [], [], []
        cursor, number = None, 1
        while number == 1 or cursor is not None:
            by_number += page(caller, after=known, page=number, pageSize=5)[0]
            if number > 1:
                alone += page(caller, cursor=cursor, pageSize=5)[0]
            entries, where = page(caller, after=known, cursor=cursor, pageSize=5)
            by_cursor += entries
            cursor, number = where["nextCursor"], number + 1
        assert by_number == by_cursor == expected
        assert alone == expected[5:], "a cursor says enough without the event that the first page came after"
    assert page(caller, order="desc", pageSize=100)[0] == everything[::-1]
    assert page(caller, includeTotal="true")[1]["total"] == 12
    assert page(caller, includeTotal="true", after=after)[1]["total"] == 10


@pytest.mark.parametrize(
    "query",
    [
        {"after": ""}, {"after": "evt_"}, {"after": "nonsense"}, {"pageSize": 0}, {"pageSize": 101}, {"page": 0},
        {"cursor": "x"}, {"order": "up"}, {"workspaceId": None}, {"since": "x"}, {"sort": "createdAt"},
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused(tenant: Tenants, query: dict[str, Any]) -> None:
    check_problem(tenant().get("/events", **query), "bad_request", field=next(iter(query)))


def test_an_event_of_somebody_else_is_unknown(tenant: Tenants) -> None:
    caller, other = tenant(), tenant()
    other.new_feedback()
    foreign = page(other)[0][0]["id"]
    unknown = check_problem(caller.get("/events", after=ids.new("evt")), "bad_request", field="after")
    theirs = check_problem(caller.get("/events", after=foreign), "bad_request", field="after")
    assert unknown["message"] == theirs["message"]
    assert kinds(caller) == []


def test_an_event_that_was_purged_is_said_to_be(tenant: Tenants, database: Database, clock: Clock) -> None:
    """Kept for 30 days; whoever comes later is told why they can't go on."""
    caller = tenant()
    caller.new_feedback()
    (first,), _ = page(caller)
    clock.advance(days=KEPT_DAYS, minutes=-1)
    assert page(caller, after=first["id"])[0] == []
    caller.new_feedback()
    settle(database)  # What a listener has not heard of is kept, however old; and this may purge once already.
    clock.advance(hours=2)
    finish(database, "events.purge")
    problem = check_problem(caller.get("/events", after=first["id"]), "bad_request", field="after")
    assert "purged" in problem["message"]
    assert kinds(caller) == ["feedback.created"]


def test_nothing_appears_late(hooks: Hooks, engine: Engine) -> None:
    """A transaction that took its place earlier and commits later holds back what came after it."""
    if engine == "sqlite":
        pytest.skip("there one transaction writes at a time")
    caller = hooks.tenant()
    columns = "id, workspace_id, kind, subject_id, data, created_at"
    now = product_clock.now()
    with psycopg.connect(hooks.address) as slow:
        slow.execute(
            f"INSERT INTO events ({columns}) VALUES ('evt_slow', %s, 'feedback.deleted', 'slow', '{{}}', %s)",
            [caller.workspace_id, now],
        )
        caller.new_feedback()
        assert kinds(caller) == []
    assert kinds(caller) == ["feedback.deleted", "feedback.created"]


def test_a_reader_misses_nothing_while_others_write(hooks: Hooks) -> None:
    """Read on while several write at once: each event once, in one order for everybody."""
    caller = hooks.tenant()
    writers = [threading.Thread(target=submit_many, args=(hooks, caller, 1)) for _ in range(40)]
    for writer in writers:
        writer.start()
    seen: list[str] = []
    while any(writer.is_alive() for writer in writers):
        seen += [each["id"] for each in follow(caller, after=seen[-1] if seen else None)]
    seen += [each["id"] for each in follow(caller, after=seen[-1] if seen else None)]
    assert len(seen) == len(set(seen)) == 40
    assert seen == [each["id"] for each in page(caller, pageSize=100)[0]]


def test_a_page_has_a_size_however_much_is_in_an_event(tenant: Tenants) -> None:
    """What endpoints are sent is cut; the feed has it whole."""
    caller = tenant()
    large = {"trace": "t" * 16_000}
    caller.new_feedback("m" * 5000, customMetadata=large, context=large)
    answer: Response = caller.get("/events")
    data = answer.json()["data"][0]["data"]
    assert (data["metadata"], data["context"], data["message"]) == (large, large, "m" * 5000)
    assert "cut" not in data
