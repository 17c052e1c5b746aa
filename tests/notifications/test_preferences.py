"""Preferences, digests and caps: people hear what they chose, and no storm reaches a mailbox."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.notifications.mails import Mails
from tests.notifications.people import change, comment, note
from tests.support.clock import Clock
from tests.support.problems import check_problem
from tests.support.tenants import Tenant, Tenants
from tests.support.work import finish
from userhero import workspaces
from userhero.feedback import NewComment, NewNote, add_comment, add_note
from userhero.kernel.db import Statement, Transaction
from userhero.notifications.actions import caps
from userhero.notifications.actions.caps import MAIL, UNPROVEN, Cap
from userhero.notifications.digest_times import digest_at
from userhero.notifications.kinds import DEFAULTS, KINDS
from userhero.notifications.preferences import Preferences
from userhero.notifications.tables import outbox_counts

PATH = "/notification-preferences"
SAM = "sam@example.org"
UNPROVEN_DAY = UNPROVEN.day or 0


def prefer(person: Tenant, **fields: Any) -> Any:
    body = {"workspaceId": person.workspace_id, **fields}
    return person.request("PUT", PATH, json=body).data


Write = Callable[[Transaction, Any, int], object]


def repeated(mails: Mails, jane: Tenant, number: int, write: Write) -> None:
    def unit(tx: Transaction) -> None:
        actor = workspaces.act_as(tx, jane.email)
        for count in range(number):
            write(tx, actor, count)

    mails.database.write(unit)
    mails.catch_up()


def test_the_usual(tenant: Tenants) -> None:
    jane = tenant()
    found = jane.get(PATH).data
    assert (found["userId"], found["workspaceId"]) == (jane.user_id, jane.workspace_id)
    assert (found["digest"], found["digestHour"]) == ("daily", 8)
    assert found["kinds"] == {kind: {"inApp": DEFAULTS[kind].in_app, "email": DEFAULTS[kind].email} for kind in KINDS}


def test_they_are_replaced_whole_and_ones_own(tenant: Tenants) -> None:
    jane, other = tenant(), tenant()
    john, usual = tenant.colleague(jane, "admin"), jane.get(PATH).data["kinds"]
    changed = prefer(
        jane, kinds={"assigned": {"email": "off"}, "note_added": {"inApp": "off"}}, digest="hourly", digestHour=23
    )
    assert changed["kinds"]["assigned"] == {"inApp": "instant", "email": "off"}
    assert changed["kinds"]["note_added"] == {"inApp": "off", "email": "digest"}
    assert (changed["digest"], changed["digestHour"], changed["timeZone"]) == ("hourly", 23, "UTC")
    assert jane.get(PATH).data == changed
    assert john.get(PATH).data["kinds"] == usual
    assert other.get(PATH).data["kinds"] == usual
    assert prefer(jane, kinds={"mentioned": {"email": "digest"}})["kinds"] == {
        **usual, "mentioned": {"inApp": "instant", "email": "digest"}
    }  # fmt: skip
    refused: list[dict[str, Any]] = [
        {"kinds": {"assigned": {"email": "sometimes"}}}, {"kinds": {"unknown": {}}}, {"digestHour": 24},
        {"kinds": {"assigned": {"inApp": "digest"}}}, {"digest": "weekly"}, {"kinds": {"assigned": {"sms": "off"}}},
        {"timeZone": "Mars/Olympus"}, {"timeZone": "../../etc/passwd"}, {"timeZone": ""}, {"timeZone": None},
    ]  # fmt: skip
    for wrong in refused:
        check_problem(jane.request("PUT", PATH, json={"workspaceId": jane.workspace_id, **wrong}), "bad_request")


def test_what_is_off_is_not_sent(mails: Mails) -> None:
    jane = mails.tenant()
    john = mails.tenant.colleague(jane, "admin")
    prefer(john, kinds={"assigned": {"email": "off"}, "mentioned": {"inApp": "off"}})
    item = jane.new_feedback()
    change(jane, item, assigneeId=john.user_id)
    note(jane, item, mentions=[john.user_id])
    mails.catch_up()
    assert [each["kind"] for each in john.get("/notifications").data] == ["assigned"]
    assert "mentioned you" in mails.only().text


@pytest.mark.parametrize(
    ("period", "before", "due"),
    [
        ({"digest": "hourly"}, "2030-01-01T10:59:00Z", "2030-01-01T11:00:00Z"),
        ({"digest": "daily", "digestHour": 6}, "2030-01-02T05:59:00Z", "2030-01-02T06:00:00Z"),
        ({"digest": "daily", "digestHour": 23}, "2030-01-01T22:59:00Z", "2030-01-01T23:00:00Z"),
        ({"digestHour": 8, "timeZone": "America/New_York"}, "2030-01-01T12:59:00Z", "2030-01-01T13:00:00Z"),
        ({"digestHour": 8, "timeZone": "Asia/Kolkata"}, "2030-01-02T02:29:00Z", "2030-01-02T02:30:00Z"),
    ],
)
def test_a_digest_comes_in_its_time(mails: Mails, clock: Clock, period: dict[str, Any], before: str, due: str) -> None:
    clock.set("2030-01-01T10:20:00Z")
    jane = mails.tenant()
    john = mails.tenant.colleague(jane, "admin")
    prefer(john, kinds={"mentioned": {"email": "digest"}}, **period)
    items = [jane.new_feedback(f"Number {number}") for number in range(2)]
    for item in items:
        note(jane, item, mentions=[john.user_id])
    mails.catch_up()
    assert {each["status"] for each in mails.outbox(jane)} == {"held"}
    clock.set(before)
    mails.catch_up()
    assert mails.taken() == []
    clock.set(due)
    mails.catch_up()
    mail = mails.only()
    assert (mail.recipient, mail["Subject"]) == (john.email, "[Acme Inc] 2 things happened")
    assert all(f"https://feedback.example.com/feedback/{item['id']}" in mail.text for item in items)
    assert [(each["kind"], each["status"]) for each in mails.outbox(jane)] == [("digest", "sent")]
    clock.advance(days=2)
    mails.catch_up()
    assert len(mails.taken()) == 1, "an empty digest is not sent"


@pytest.mark.parametrize(
    ("now", "hour", "due"),
    [
        ("2030-03-30T12:00:00.000Z", 2, "2030-03-31T01:00:00.000Z"),  # 2 o'clock is skipped: it comes at 3.
        ("2030-03-31T00:59:59.999Z", 2, "2030-03-31T01:00:00.000Z"),
        ("2030-03-31T01:00:00.000Z", 2, "2030-04-01T00:00:00.000Z"),
        ("2030-10-26T12:00:00.000Z", 2, "2030-10-27T00:00:00.000Z"),  # 2 o'clock comes twice.
        ("2030-10-27T00:30:00.000Z", 2, "2030-10-28T01:00:00.000Z"),
        ("2030-10-27T22:30:00.000Z", 0, "2030-10-27T23:00:00.000Z"),
    ],
)
def test_when_clocks_change(now: str, hour: int, due: str) -> None:
    assert digest_at(Preferences(digest_hour=hour, time_zone="Europe/Berlin"), now) == due


def test_what_was_switched_off_meanwhile_is_in_no_digest(mails: Mails, clock: Clock) -> None:
    clock.set("2030-01-01T10:20:00Z")
    jane = mails.tenant()
    john = mails.tenant.colleague(jane, "admin")
    prefer(john, kinds={"mentioned": {"email": "digest"}}, digest="hourly")
    note(jane, jane.new_feedback(), mentions=[john.user_id])
    mails.catch_up()
    prefer(john, kinds={"mentioned": {"email": "off"}}, digest="hourly")
    clock.advance(hours=2)
    mails.catch_up()
    assert mails.taken() == mails.outbox(jane) == []


def test_the_link_of_a_digest_ends_digests(mails: Mails, clock: Clock) -> None:
    clock.set("2030-01-01T10:20:00Z")
    jane = mails.tenant()
    john = mails.tenant.colleague(jane, "admin")
    prefer(john, kinds={"mentioned": {"email": "digest"}}, digest="hourly")
    note(jane, jane.new_feedback(), mentions=[john.user_id])
    mails.catch_up()
    clock.advance(hours=1)
    mails.catch_up()
    assert mails.client.request("POST", mails.only().unsubscribe_path).status == 200
    after = john.get(PATH).data
    assert after["kinds"]["mentioned"]["email"] == after["kinds"]["note_added"]["email"] == "off"
    assert after["kinds"]["assigned"]["email"] == "instant"
    assert after["digest"] == "hourly"


@pytest.mark.case("ABU-07")
def test_a_storm_of_mentions_is_twenty_mails_and_a_digest(mails: Mails, clock: Clock) -> None:
    """ABU-07."""
    clock.set("2030-01-01T10:05:00Z")
    jane = mails.tenant()
    john = mails.tenant.colleague(jane, "admin")
    item, most = jane.new_feedback(), MAIL.hour

    def mention(tx: Transaction, actor: Any, number: int) -> None:
        add_note(tx, actor, item["id"], NewNote(content=f"Look {number}", mentions=[john.user_id]))

    repeated(mails, jane, 700, mention)
    assert len(mails.taken()) == most
    clock.advance(minutes=50)
    mails.catch_up()
    assert len(mails.taken()) == most
    clock.advance(minutes=5)
    mails.catch_up()
    *_, digest = mails.taken()
    assert len(mails.taken()) == most + 1
    assert digest["Subject"] == "[Acme Inc] 680 things happened"
    assert "and 630 more" in digest.text
    assert mails.outbox(jane, status="held") == []
    assert john.count("/notifications") == 700
    clock.advance(minutes=6)
    note(jane, item, mentions=[john.user_id])
    mails.catch_up()
    assert len(mails.taken()) == most + 2, "an hour later mail comes one by one"


def test_the_link_of_a_storms_digest_ends_the_storm(mails: Mails, clock: Clock) -> None:
    """ABU-07: also where nothing was to come in digests."""
    clock.set("2030-01-01T10:05:00Z")
    jane = mails.tenant()
    john = mails.tenant.colleague(jane, "admin")
    item = jane.new_feedback()

    def mention(tx: Transaction, actor: Any, number: int) -> None:
        add_note(tx, actor, item["id"], NewNote(content=f"Look {number}", mentions=[john.user_id]))

    repeated(mails, jane, MAIL.hour + 2, mention)
    clock.advance(hours=1)
    mails.catch_up()
    *_, digest = mails.taken()
    assert b"digests, mentioned" in mails.client.request("GET", digest.unsubscribe_path).body
    assert mails.client.request("POST", digest.unsubscribe_path).status == 200
    before = len(mails.taken())
    repeated(mails, jane, MAIL.hour + 2, mention)
    change(jane, item, assigneeId=john.user_id)
    clock.advance(hours=1)
    mails.catch_up()
    assert ["assigned" in mail.text for mail in mails.taken()[before:]] == [True]


def test_an_unproven_address_gets_few(mails: Mails, clock: Clock) -> None:
    clock.set("2030-01-01T10:05:00Z")
    jane = mails.tenant()
    item = jane.new_feedback(userEmail=SAM)

    def reply(tx: Transaction, actor: Any, number: int) -> None:
        add_comment(tx, actor, item["id"], NewComment(message=f"Reply {number}"))

    for hour in range(5):
        repeated(mails, jane, UNPROVEN.hour + 2, reply)
        assert len(mails.taken()) == min(UNPROVEN.hour * (hour + 1), UNPROVEN_DAY)
        clock.advance(hours=1, seconds=1)
    capped = jane.get("/outbox", status="capped", includeTotal="true").json()["pagination"]["total"]
    assert capped == 5 * (UNPROVEN.hour + 2) - UNPROVEN_DAY
    other = mails.tenant()
    comment(other, other.new_feedback(userEmail=SAM))
    comment(jane, jane.new_feedback(userEmail="ann@example.org"))
    mails.catch_up()
    assert [mail.recipient for mail in mails.taken()[UNPROVEN_DAY:]] == ["ann@example.org"]
    clock.advance(days=1)
    comment(jane, item, "A day later")
    mails.catch_up()
    assert "A day later" in mails.taken()[-1].text


def test_what_is_removed_has_been_sent_all_the_same(mails: Mails) -> None:
    """Nobody gets around a cap by removing what mails were about."""
    jane = mails.tenant()
    for _ in range(UNPROVEN.hour + 2):
        item = jane.new_feedback(userEmail=SAM)
        comment(jane, item)
        mails.catch_up()
        jane.delete(f"/feedback/{item['id']}")
    assert len(mails.taken()) == UNPROVEN.hour


def test_a_workspace_writes_to_few_strangers(mails: Mails, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many addresses a form is filled in with; members hear of things all the same, and so do other tenants."""
    monkeypatch.setattr(caps, "OUTSIDE", Cap(3, 5))
    clock.set("2030-01-01T10:05:00Z")
    jane, other = mails.tenant(), mails.tenant()
    john = mails.tenant.colleague(jane, "admin")
    jane.post("/integrations", {"type": "email", "name": "Team", "target": "team@example.com", "isDefault": True})
    sent = []
    for hour in range(3):
        for number in range(2):
            comment(jane, jane.new_feedback(userEmail=f"c{hour}{number}@example.org"))
            mails.catch_up()
        sent.append(sorted(mail.recipient for mail in mails.taken()))
        mails.office.mails.clear()
        clock.advance(hours=1)
    assert sent == [
        ["c00@example.org", "team@example.com", "team@example.com"],
        ["c10@example.org", "team@example.com"],
        ["team@example.com"],
    ]
    assert {each["recipient"] for each in mails.outbox(jane, status="capped")} == {
        "c01@example.org", "c11@example.org", "c20@example.org", "c21@example.org"
    }  # fmt: skip
    note(jane, jane.new_feedback(), mentions=[john.user_id])
    comment(other, other.new_feedback(userEmail="ann@example.org"))
    mails.catch_up()
    assert {john.email, "ann@example.org"} <= {mail.recipient for mail in mails.taken()}
    clock.advance(days=1)
    comment(jane, jane.new_feedback(userEmail="late@example.org"))
    mails.catch_up()
    assert "late@example.org" in [mail.recipient for mail in mails.taken()]


def test_counts_have_an_end(mails: Mails, clock: Clock) -> None:
    jane = mails.tenant()
    comment(jane, jane.new_feedback(userEmail=SAM))
    mails.catch_up()
    counted = Statement(select(func.count()).select_from(outbox_counts))
    assert mails.database.read(lambda tx: tx.value(counted)) == 2, "the address, and the workspace"
    clock.advance(hours=caps.KEPT_HOURS + 1)
    finish(mails.database, "notifications.purge_counts")
    assert mails.database.read(lambda tx: tx.value(counted)) == 0


def test_a_member_who_left_gets_nothing_that_waited(mails: Mails, clock: Clock) -> None:
    clock.set("2030-01-01T10:05:00Z")
    jane = mails.tenant()
    john = mails.tenant.colleague(jane, "admin")
    prefer(john, kinds={"mentioned": {"email": "digest"}}, digest="hourly")
    note(jane, jane.new_feedback(), mentions=[john.user_id])
    mails.catch_up()
    mails.database.write(lambda tx: workspaces.set_member(tx, jane.workspace_id, email=john.email, role="none"))
    clock.advance(hours=2)
    mails.catch_up()
    assert mails.taken() == mails.outbox(jane) == []
