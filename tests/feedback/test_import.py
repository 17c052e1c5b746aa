"""The bulk path: items that are history, brought in many at a time."""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import bindparam, select, text

from tests.media.samples import picture, upload
from tests.support.clock import Clock, frozen
from tests.support.problems import unchanged
from tests.support.tenants import Tenant, Tenants
from tests.support.waiting import held, wait_for_lock
from userhero import feedback
from userhero.feedback import ImportedMessage, ImportItem, ImportMessage, Load, NewFeedback, Outcome
from userhero.feedback.tables import feedback as items
from userhero.kernel import clock as clocks
from userhero.kernel.actor import Actor
from userhero.kernel.db import Database, Statement, Transaction
from userhero.kernel.errors import BadRequest, NotFound
from userhero.kernel.words import words
from userhero.workspaces import act_as

_EVENTS = Statement(text("SELECT count(*) FROM events WHERE workspace_id = :workspace"))
_ADDRESSES = Statement(
    text(
        "SELECT i.kind, i.value, c.name, c.primary_email FROM customer_identifiers i "
        "JOIN customers c ON c.id = i.customer_id WHERE i.workspace_id = :workspace ORDER BY i.kind, i.value"
    )
)
_FOUND_BY = Statement(
    text(
        "SELECT c.primary_email, c.primary_phone, s.text, c.sort_name FROM customer_search s "
        "JOIN customers c ON c.id = s.customer_id WHERE s.workspace_id = :workspace ORDER BY s.text"
    )
)
_ANSWERS = Statement(
    text("SELECT responded_at, last_customer_reply_at, resolved_at FROM feedback WHERE workspace_id = :workspace")
)
# Every column of an item but its ids and its place in the index of words.
_ROWS = Statement(
    select(*(column for column in items.c if column.name not in ("id", "position")))
    .where(items.c.workspace_id == bindparam("workspace"))
    .order_by(items.c.ticket_number)
)
_START = clocks.unix("2026-03-01T00:00:00.000Z")


def bring(database: Database, caller: Tenant, *items: ImportItem, trial: bool = False) -> list[Outcome]:
    def unit(tx: Transaction) -> list[Outcome]:
        load = Load(act_as(tx, caller.email), caller.workspace_id, caller.project_id, list(items))
        return feedback.import_items(tx, [load], trial=trial)

    return database.write(unit)


def say(database: Database, caller: Tenant, *messages: ImportedMessage) -> list[Outcome]:
    def unit(tx: Transaction) -> list[Outcome]:
        load = Load(act_as(tx, caller.email), caller.workspace_id, caller.project_id, [])
        return feedback.import_messages(tx, load, messages)

    return database.write(unit)


def one(database: Database, caller: Tenant, **fields: Any) -> Any:
    (outcome,) = bring(database, caller, ImportItem(**{"message": "Something is broken", **fields}))
    assert outcome.kind == "created", outcome
    return caller.get(f"/feedback/{outcome.id}").data


def events(database: Database, caller: Tenant) -> int:
    return int(database.read(lambda tx: tx.value(_EVENTS, workspace=caller.workspace_id)))


texts = st.sampled_from(["Broken", "  The export is slow ", "Schön ☃", "a" * 5000, "クリック できない", "'quoted\" \\"])
emails = st.sampled_from(["a@example.com", "B@Example.com", "c@bücher.example", None])
phones = st.sampled_from(["+1 415 555 2671", "0123 456", None])
names = st.sampled_from(["Jane Smith", "Zoë", None])
records = st.fixed_dictionaries(
    {
        "message": texts,
        "category": st.sampled_from(["bug", " ", None]),
        "rating": st.sampled_from([None, 0.0, 4.5, 10.0]),
        "tags": st.sampled_from([None, ["ui", " ui ", "x"]]),
        "priority": st.sampled_from([None, "low", "urgent"]),
        "user_email": emails,
        "context": st.sampled_from([None, {"page": "/a?b", "ip": "10.0.0.1", "deep": {"n": [1, None]}}]),
        "name": names,
        "phone": phones,
        "after": st.sampled_from([0, 0, 1, 60, 86_400]),
        "status": st.sampled_from([None, None, "in-progress", "resolved", "archived"]),
        "assigned": st.booleans(),
    }
)


def metadata(record: dict[str, Any]) -> dict[str, Any] | None:
    given = {"name": record["name"], "phone": record["phone"], "n": 1.5}
    return {name: value for name, value in given.items() if value is not None}


def singly(database: Database, caller: Tenant, record: dict[str, Any]) -> None:
    """What somebody had to do back then."""
    fields = ("message", "category", "rating", "tags", "priority", "user_email", "context")
    new = NewFeedback(
        workspace_id=caller.workspace_id,
        project_id=caller.project_id,
        custom_metadata=metadata(record),
        **{name: record[name] for name in fields},
    )

    def unit(tx: Transaction) -> None:
        actor: Actor = act_as(tx, caller.email)
        made = msgspec.json.decode(feedback.submit_feedback(tx, actor, new, source="import"))["id"]
        change: dict[str, Any] = {"workspaceId": caller.workspace_id}
        if record["status"] is not None:
            change["status"] = record["status"]
        if record["assigned"]:
            change["assigneeId"] = caller.user_id
        feedback.change_feedback(tx, actor, made, msgspec.convert(change, feedback.FeedbackChange))

    database.write(unit)


def as_item(caller: Tenant, record: dict[str, Any], moment: float) -> ImportItem:
    fields = ("message", "category", "rating", "tags", "priority", "user_email", "context", "status")
    return ImportItem(
        created_at=clocks.iso(moment),
        assignee_email=caller.email if record["assigned"] else None,
        custom_metadata=metadata(record),
        **{name: record[name] for name in fields},
    )


def without_ids(caller: Tenant, found: Any, names: dict[str, str]) -> Any:
    """As the API shows it, with ids replaced by what they stand for."""
    shown = json.dumps(found)
    for name, value in {
        "workspace": caller.workspace_id, "project": caller.project_id, "user": caller.user_id,
        "email": caller.email, **names,
    }.items():  # fmt: skip
        shown = shown.replace(value, name)
    return json.loads(shown)


def read_rows(tx: Transaction, *, statement: Statement, caller: Tenant) -> list[list[Any]]:
    return [list(row) for row in tx.all(statement, workspace=caller.workspace_id)]


def everything(database: Database, caller: Tenant) -> Any:
    """All that two ways to the same data have to agree on."""
    people = caller.get("/customers", pageSize=100).data
    known = {each["id"]: f"customer {each['primaryEmail']} {each['primaryPhone']}" for each in people}
    shown = [
        {name: value for name, value in each.items() if name != "id"}
        for each in caller.get("/feedback", pageSize=100, sort="ticketNumber").data
    ]
    said = sorted({word for each in shown for word in words(each["message"])})[:12]
    profiles = [
        {name: value for name, value in caller.get(f"/customers/{each['id']}").data.items() if name != "id"}
        for each in sorted(people, key=lambda each: known[each["id"]])
    ]
    numbers = {
        word: sorted(each["ticketNumber"] for each in caller.get("/feedback", search=word, pageSize=100).data)
        for word in said
    }
    stored = [
        database.read(partial(read_rows, statement=statement, caller=caller))
        for statement in (_ROWS, _ADDRESSES, _FOUND_BY)
    ]
    return without_ids(caller, [shown, profiles, numbers, *stored], {value: key for key, value in known.items()})


@settings(max_examples=15)
@given(st.lists(records, min_size=1, max_size=12), st.integers(1, 6))
def test_a_bulk_import_gives_the_rows_that_single_creates_would_have(
    tenant: Tenants, database: Database, records: list[dict[str, Any]], batch: int
) -> None:
    single, bulk = tenant(), tenant()
    with frozen() as clock:
        moment, history = _START, []
        for record in records:
            moment += record["after"]
            clock.set(clocks.iso(moment))
            singly(database, single, record)
            history.append(as_item(bulk, record, moment))
        clock.advance(days=3)
        for first in range(0, len(history), batch):
            outcomes = bring(database, bulk, *history[first : first + batch])
            assert {outcome.kind for outcome in outcomes} == {"created"}
        assert everything(database, bulk) == everything(database, single)
        assert events(database, bulk) == 0


def test_what_a_record_says_is_kept(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    made = one(
        database,
        caller,
        user_email="Jane@Example.com",
        user_name="Jane Roe",
        user_phone="+1 415 555 2671",
        assignee_email=caller.email,
        status="resolved",
        votes=7,
        is_public=True,
        created_at="2024-05-01T10:00:00+02:00",
        updated_at="2024-06-01",
        resolved_at="2024-05-20",
        screenshot_url="https://example.com/a.png",
        comments=[
            ImportMessage(message="Any news?", author_type="customer", author_email="jane@example.com",
                          author_name="Jane", created_at="2024-05-03"),
            ImportMessage(message=" Done ", author_email=caller.email, created_at="2024-05-02"),
        ],
        notes=[ImportMessage(html="<p>Seen<script>x</script></p>", author_name="Bob", created_at="2024-05-04")],
    )  # fmt: skip
    shown = {
        "source": "import", "userEmail": "jane@example.com", "userName": "Jane Roe", "userPhone": "+1 415 555 2671",
        "status": "resolved", "statusCategory": "resolved", "votes": 7, "isPublic": True, "assigneeId": caller.user_id,
        "createdAt": "2024-05-01T08:00:00.000Z", "updatedAt": "2024-06-01T00:00:00.000Z", "ticketNumber": 1,
        "screenshotUrl": "https://example.com/a.png",
    }  # fmt: skip
    assert {name: made[name] for name in shown} == shown
    first, second = made["customerComments"]
    assert (first["message"], first["authorType"], first["authorName"]) == ("Done", "agent", "Jane Smith")
    assert (second["message"], second["createdAt"]) == ("Any news?", "2024-05-03T00:00:00.000Z")
    (note,) = made["internalNotes"]
    assert (note["content"], note["contentHtml"], note["authorName"]) == ("Seen", "<p>Seen</p>", "Bob")
    customer = caller.get(f"/customers/{made['customerId']}").data
    assert (customer["firstSeenAt"][:10], customer["lastSeenAt"][:10]) == ("2024-05-01", "2024-05-03")
    assert customer["channels"] == ["import"]
    assert [each["id"] for each in caller.get("/feedback", search="seen done").data] == [made["id"]]
    row = database.read(lambda tx: tx.one(_ANSWERS, workspace=caller.workspace_id))
    assert row == ("2024-05-02T00:00:00.000Z", "2024-05-03T00:00:00.000Z", "2024-05-20T00:00:00.000Z")
    assert events(database, caller) == 0


def test_a_record_that_breaks_rules_is_refused_with_all_of_them_and_the_others_come_in(
    tenant: Tenants, database: Database, clock: Clock
) -> None:
    caller = tenant()
    broken = ImportItem(
        message=" ",
        user_email="nobody",
        user_phone="call me",
        status="weird",
        assignee_email="stranger@example.com",
        screenshot_url="ftp://example.com",
        tags=["x" * 51],
        created_at="yesterday",
        due_date="soon",
        custom_metadata={"customFields": {"cf_none": "1"}},
        comments=[ImportMessage(message="", author_email="x")],
    )
    future = ImportItem(message="Not yet", created_at=clocks.shift(clock.now(), seconds=1))
    refused, late, created = bring(database, caller, broken, future, ImportItem(message="Fine"))
    assert [problem.field for problem in refused.problems] == [
        "customMetadata.customFields.cf_none", "tags[0]", "message", "screenshotUrl", "createdAt", "status",
        "assigneeEmail", "dueDate", "comments[0].message", "comments[0].authorEmail", "userEmail", "userPhone",
    ]  # fmt: skip
    assert late.problems == (("createdAt", "must not be in the future"),)
    (item,) = caller.get("/feedback").data
    assert (item["id"], item["ticketNumber"]) == (created.id, 1)
    assert caller.get("/customers").data == []


def test_values_of_the_wrong_kind_are_told_one_by_one() -> None:
    with pytest.raises(BadRequest) as caught:
        feedback.read_item({"rating": "many", "votes": -1, "tags": ["a", 1], "category": "bug"})
    assert [problem.field for problem in caught.value.details] == ["rating", "votes", "tags[1]", "message"]
    read = feedback.read_item({"message": "x", "rating": "4.5", "votes": "3", "isPublic": "true"})
    assert (read.rating, read.votes, read.is_public) == (4.5, 3, True)


def test_a_record_that_comes_again_is_the_same_item(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    comment = ImportMessage(message="Hello", author_type="customer", created_at="2025-01-02")
    item = ImportItem(external_id="7", message="Old words", status="new", created_at="2025-01-01", comments=[comment])
    (made,) = bring(database, caller, item)
    path = f"/feedback/{made.id}"
    caller.patch(path, {"status": "in-progress"})
    before = events(database, caller)
    assert bring(database, caller, item) == [Outcome("unchanged", made.id)]
    assert caller.get(path).data["status"] == "in-progress", "what the team did since stays"

    answer = ImportMessage(message="Hi", created_at="2025-01-03", author_email=caller.email)
    newer = msgspec.structs.replace(
        item, message="New words", status="resolved", category="bug", votes=3, rating=2.0, comments=[comment, answer]
    )
    with unchanged(database, caller):
        assert bring(database, caller, newer, trial=True) == [Outcome("updated", made.id)]
    assert bring(database, caller, newer) == [Outcome("updated", made.id)]
    assert bring(database, caller, newer) == [Outcome("unchanged", made.id)]
    shown = caller.get(path).data
    assert (shown["message"], shown["status"], shown["category"]) == ("New words", "resolved", "bug")
    assert (shown["votes"], shown["rating"], shown["createdAt"][:10]) == (3, 2, "2025-01-01")
    assert [each["message"] for each in shown["customerComments"]] == ["Hello", "Hi"]
    assert [each["id"] for each in caller.get("/feedback", search="new words hi").data] == [made.id]
    assert caller.get("/feedback", search="old").data == []
    assert caller.count() == 1
    assert events(database, caller) == before

    caller.delete(path)
    (again,) = bring(database, caller, newer)
    assert again.kind == "created", "what was deleted here comes back"


def test_the_same_id_in_another_project_is_another_item(tenant: Tenants, database: Database) -> None:
    first, second = tenant(), tenant()
    item = ImportItem(external_id="7", message="Words")
    assert bring(database, first, item)[0].kind == bring(database, second, item)[0].kind == "created"


def test_what_was_said_is_added_later_and_once(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    made = one(database, caller, external_id="7", created_at="2025-01-01", user_email="jane@example.com")
    reply = ImportMessage(
        message="Quokka?", author_type="customer", author_email="jane@example.com", created_at="2025-02-01"
    )
    given = [
        ImportedMessage("7", "comment", reply),
        ImportedMessage("7", "note", ImportMessage(message="Known")),
        ImportedMessage("8", "note", reply),
        ImportedMessage("7", "comment", ImportMessage(message=" ")),
    ]
    outcomes = say(database, caller, *given)
    assert [each.kind for each in outcomes] == ["created", "created", "refused", "refused"]
    assert [each.problems[0].field for each in outcomes[2:]] == ["feedbackId", "message"]
    assert [each.kind for each in say(database, caller, *given[:2])] == ["unchanged", "unchanged"]
    shown = caller.get(f"/feedback/{made['id']}").data
    assert [each["message"] for each in shown["customerComments"]] == ["Quokka?"]
    assert [each["content"] for each in shown["internalNotes"]] == ["Known"]
    assert caller.count(search="quokka") == 1
    assert caller.get(f"/customers/{made['customerId']}").data["lastSeenAt"][:10] == "2025-02-01"
    assert events(database, caller) == 0


def test_deadlines_that_have_passed_are_missed_and_nobody_is_warned(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    rules = [{"priority": "high", "hours": 4, "firstResponseHours": 1}]
    caller.patch(f"/projects/{caller.project_id}", {"slaRules": rules, "slaWarningMinutes": 30})
    before = events(database, caller)
    old = one(database, caller, priority="high", created_at="2025-01-01")
    assert (old["dueDate"], old["slaBreached"]) == ("2025-01-01T04:00:00.000Z", True)
    done = one(database, caller, priority="high", created_at="2025-01-01", status="resolved")
    assert (done["dueDate"], done["slaBreached"]) == ("2025-01-01T04:00:00.000Z", False)
    new = one(database, caller, priority="high")
    assert new["dueDate"] is not None
    assert new["slaBreached"] is False
    dated = one(database, caller, priority="high", created_at="2025-01-01", due_date="2999-01-01")
    assert (dated["dueDate"], dated["slaBreached"]) == ("2999-01-01T00:00:00.000Z", False)
    assert events(database, caller) == before


def test_the_month_is_not_counted_and_the_plans_window_holds(tenant: Tenants, database: Database, clock: Clock) -> None:
    caller = tenant(plan="pro")
    edge = clocks.shift(clock.now(), days=-365)
    inside, outside = bring(
        database,
        caller,
        ImportItem(message="Inside", created_at=edge),
        ImportItem(message="Outside", created_at=clocks.shift(edge, seconds=-1)),
    )
    assert inside.kind == "created"
    assert [problem.field for problem in outside.problems] == ["createdAt"]
    assert "365 days" in outside.problems[0].message
    assert caller.get(f"/workspace/{caller.workspace_id}/usage").data["usage"]["feedbackPerMonth"] == 0
    assert caller.new_feedback()["ticketNumber"] == 2
    assert caller.get(f"/workspace/{caller.workspace_id}/usage").data["usage"]["feedbackPerMonth"] == 1


def test_a_strangers_project_and_file_are_refused(tenant: Tenants, database: Database) -> None:
    caller, stranger = tenant(), tenant()

    def unit(tx: Transaction) -> list[Outcome]:
        load = Load(act_as(tx, caller.email), caller.workspace_id, stranger.project_id, [ImportItem(message="x")])
        return feedback.import_items(tx, [load])

    with unchanged(database, caller), unchanged(database, stranger), pytest.raises(NotFound):
        database.write(unit)
    url = upload(stranger, picture()).data["url"]
    (refused,) = bring(database, caller, ImportItem(message="x", screenshot_url=url))
    assert [problem.field for problem in refused.problems] == ["screenshotUrl"]
    (made,) = bring(database, caller, ImportItem(external_id="1", message="x"))
    for trial in (True, False):
        with unchanged(database, caller):
            (refused,) = bring(
                database, caller, ImportItem(external_id="1", message="y", screenshot_url=url), trial=trial
            )
        assert [problem.field for problem in refused.problems] == ["screenshotUrl"]
    assert caller.get(f"/feedback/{made.id}").data["message"] == "x"


def test_one_file_brought_twice_at_once_makes_each_item_once(tenant: Tenants, database: Database) -> None:
    caller = tenant()
    item = ImportItem(external_id="7", message="Words")

    def unit(tx: Transaction) -> list[Outcome]:
        load = Load(act_as(tx, caller.email), caller.workspace_id, caller.project_id, [item])
        return feedback.import_items(tx, [load])

    with ThreadPoolExecutor(1) as pool:
        with held(database, unit, kept=True):
            second = pool.submit(bring, database, caller, item)
            wait_for_lock(database, second)
        assert [each.kind for each in second.result()] == ["unchanged"]
    assert len(caller.get("/feedback").data) == 1
