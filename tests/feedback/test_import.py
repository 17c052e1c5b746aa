"""The bulk path: items that are history, brought in many at a time."""

import json
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import bindparam, select, text

from tests.support.clock import frozen
from tests.support.tenants import Tenant, Tenants
from userhero import feedback
from userhero.feedback import ImportedMessage, ImportItem, Load, NewFeedback, Outcome
from userhero.feedback.tables import feedback as items
from userhero.kernel import clock as clocks
from userhero.kernel.actor import Actor
from userhero.kernel.db import Database, Statement, Transaction
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
        database.read(lambda tx, s=statement: [list(row) for row in tx.all(s, workspace=caller.workspace_id)])
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
