"""Mails: what they say and to whom, that none is lost, and that none is sent twice."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import update

from tests.notifications.mails import Mails
from tests.notifications.people import change, comment, note
from tests.support.clock import Clock
from tests.support.problems import check_problem
from tests.support.work import finish
from userhero.kernel import clock as product_clock
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.errors import Conflict
from userhero.kernel.mail import Delayed, Refused, Sent
from userhero.notifications.actions.retry import retry_one
from userhero.notifications.actions.send import DELAYS, LEASE_SECONDS, Result, record, take
from userhero.notifications.sending import send_mail
from userhero.notifications.tables import outbox

SAM = "sam@example.org"


def test_a_reply_arrives(mails: Mails) -> None:
    jane = mails.tenant()
    item = jane.new_feedback("Secret", userEmail=SAM)
    comment(jane, item, "We are on it.\n\nYours,\nJane")
    mails.catch_up()
    mail = mails.only()
    assert mail.recipient == SAM
    assert (mail["From"], mail["To"]) == ("Acme Inc <feedback@example.com>", SAM)
    assert mail["Subject"] == "[My App #1] Your feedback"
    assert (mail["Auto-Submitted"], mail["List-Unsubscribe-Post"]) == ("auto-generated", "List-Unsubscribe=One-Click")
    for body in (mail.text, mail.html):
        assert "Jane Smith replied to your feedback #1" in body
        assert "We are on it." in body
        assert mail.unsubscribe_path in body
        assert "Secret" not in body
    assert "> We are on it.\n> \n> Yours,\n> Jane\n" in mail.text
    (shown,) = mails.outbox(jane)
    assert (shown["status"], shown["attempts"], shown["error"], shown["kind"]) == ("sent", 1, None, "reply")
    assert (shown["recipient"], shown["feedbackId"], shown["channel"]) == (SAM, item["id"], "email")
    assert shown["sentAt"] is not None
    assert mail["Message-ID"] == f"<{shown['id']}@example.com>"
    detail = jane.get(f"/outbox/{shown['id']}").data
    assert detail.items() >= shown.items()
    assert "We are on it." in detail["text"]


def test_a_member_gets_a_link_and_the_words(mails: Mails) -> None:
    jane = mails.tenant()
    john = mails.tenant.colleague(jane, "member")
    item = jane.new_feedback("The export   fails\nalways")
    note(jane, item, "Can you look?", mentions=[john.user_id])
    mails.catch_up()
    mail = mails.only()
    assert (mail.recipient, mail["To"]) == (john.email, f"John Doe <{john.email}>")
    assert mail["Subject"] == "[My App #1] The export fails always"
    assert f"https://feedback.example.com/feedback/{item['id']}" in mail.text
    assert f'href="https://feedback.example.com/feedback/{item["id"]}"' in mail.html
    assert "Can you look?" in mail.text
    assert "You get this because somebody mentioned you." in mail.text


def test_mails_about_an_item_are_one_conversation(mails: Mails) -> None:
    jane = mails.tenant()
    item, other = (jane.new_feedback(userEmail=SAM) for _ in range(2))
    comment(jane, item, "One")
    comment(jane, item, "Two")
    change(jane, item, status="resolved")
    comment(jane, other, "Else")
    mails.catch_up()
    *same, last = mails.taken()
    assert len({mail["References"] for mail in same}) == 1
    assert len({mail["Subject"] for mail in same}) == 1
    assert len({mail["Message-ID"] for mail in same}) == 3
    assert all(mail["In-Reply-To"] == mail["References"] for mail in same)
    assert last["References"] != same[0]["References"]


HOSTILE = (
    "Eve\r\nBcc: victim@example.com",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "a@example.com, b@example.com",
    "=?utf-8?q?=0ABcc:_x@example.com?=",
    "\u202e\u2066gnp.exe\x00\x1b[31m",
    '"><a href="https://evil.example">',
)


@pytest.mark.case("HTML-08")
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(mails: Mails, text: str) -> None:
    """ABU-06: in names, messages and notes; one recipient, one subject, nothing to click or to run."""
    jane = mails.tenant()
    given = text.replace("\x00", "")
    jane.patch(f"/projects/{jane.project_id}", {"name": given})
    item = jane.new_feedback(given, userEmail=SAM)
    change(jane, item, watcherIds=[jane.user_id])
    comment(jane, item, given)
    comment(jane, item, given, authorEmail="eve@example.org", authorName=given)
    mails.catch_up()
    assert sorted(mail.recipient for mail in mails.taken()) == sorted([SAM, jane.email])
    for mail in mails.taken():
        assert mail.message.keys().count("Subject") == 1
        assert "Bcc" not in mail.message
        assert "\n" not in mail["Subject"]
        assert mail["To"].count("@") == 1
        for tag in ("<script", "<img", 'href="https://evil'):
            assert tag not in mail.html


def test_a_server_that_is_busy_is_asked_again(mails: Mails, clock: Clock) -> None:
    """After 1, 5 and 30 minutes, 2, 6 and 24 hours, with one Message-ID; then it has failed."""
    jane = mails.tenant()
    comment(jane, jane.new_feedback(userEmail=SAM))
    mails.office.replies["RCPT"] = ["451 Greylisted"] * (len(DELAYS) + 1)
    mails.catch_up()
    for number, delay in enumerate(DELAYS, 1):
        (shown,) = mails.outbox(jane)
        assert (shown["status"], shown["attempts"]) == ("waiting", number)
        assert "451 Greylisted" in shown["error"]
        clock.advance(delay - 1)
        mails.catch_up()
        assert mails.outbox(jane)[0]["attempts"] == number
        clock.advance(1)
        mails.catch_up()
    (shown,) = mails.outbox(jane)
    assert (shown["status"], shown["attempts"], shown["nextAttemptAt"]) == ("failed", len(DELAYS) + 1, None)
    clock.advance(days=7)
    mails.catch_up()
    assert mails.taken() == []


def test_a_mail_that_is_refused_is_not_tried_again(mails: Mails, clock: Clock) -> None:
    jane = mails.tenant()
    mails.office.replies["RCPT"] = ["550 No such user"]
    comment(jane, jane.new_feedback(userEmail=SAM))
    comment(jane, jane.new_feedback(userEmail="ann@example.org"))
    mails.catch_up()
    assert [mail.recipient for mail in mails.taken()] == ["ann@example.org"]
    failed, sent = mails.outbox(jane)
    assert (failed["status"], sent["status"]) == ("failed", "sent")
    assert "550 No such user" in failed["error"]
    assert mails.outbox(jane, status="failed") == [failed]
    clock.advance(days=2)
    mails.catch_up()
    assert len(mails.taken()) == 1


def test_without_a_server_mail_is_kept(mails: Mails, clock: Clock) -> None:
    """With one, what is younger than a day goes out by itself."""
    jane = mails.tenant()
    with mails.without_server():
        comment(jane, jane.new_feedback(userEmail="old@example.org"))
        mails.catch_up()
        clock.advance(hours=25)
        comment(jane, jane.new_feedback(userEmail="new@example.org"))
        mails.catch_up()
        assert [each["status"] for each in mails.outbox(jane)] == ["kept", "kept"]
        assert [each["attempts"] for each in mails.outbox(jane)] == [0, 0]
    clock.advance(minutes=1)
    mails.catch_up()
    assert [mail.recipient for mail in mails.taken()] == ["new@example.org"]
    assert [each["status"] for each in mails.outbox(jane)] == ["kept", "sent"]


@pytest.mark.case("DUR-06")
def test_a_crash_after_sending_repeats_the_same_mail(mails: Mails, clock: Clock) -> None:
    """Whoever took it and is gone has lost it after five minutes; the mail that comes again has the same Message-ID."""
    jane = mails.tenant()
    comment(jane, jane.new_feedback(userEmail=SAM))
    mails.catch_up()
    until = product_clock.shift(product_clock.now(), seconds=LEASE_SECONDS)
    unnoted = {"status": "waiting", "next_attempt_at": until, "lease": "gone", "attempts": 0, "sent_at": None}
    mails.database.write(lambda tx: tx.run(Statement(update(outbox).values(unnoted))))
    clock.advance(LEASE_SECONDS - 1)
    mails.catch_up()
    assert len(mails.taken()) == 1, "somebody may be at it"
    clock.advance(60)
    mails.catch_up()
    first, second = mails.taken()
    assert first["Message-ID"] == second["Message-ID"]
    assert [each["status"] for each in mails.outbox(jane)] == ["sent"]


def test_what_a_crash_left_is_free_once_its_time_is_over(mails: Mails, clock: Clock) -> None:
    """Without a mail server it is kept as others are; and an operator may send it again."""
    jane = mails.tenant()
    comment(jane, jane.new_feedback(userEmail=SAM))
    mails.catch_up()
    until = product_clock.shift(product_clock.now(), seconds=LEASE_SECONDS)
    left = {"status": "waiting", "next_attempt_at": until, "lease": "gone", "sent_at": None}
    mails.database.write(lambda tx: tx.run(Statement(update(outbox).values(left))))
    (shown,) = mails.outbox(jane)
    with pytest.raises(Conflict):
        mails.database.write(lambda tx: retry_one(tx, shown["id"]))
    with mails.without_server():
        mails.catch_up()
        assert [each["status"] for each in mails.outbox(jane)] == ["waiting"], "somebody may be at it"
        clock.advance(hours=1)
        mails.catch_up()
        assert [each["status"] for each in mails.outbox(jane)] == ["kept"]
        mails.database.write(lambda tx: tx.run(Statement(update(outbox).values(left))))
        mails.database.write(lambda tx: retry_one(tx, shown["id"]))
    mails.catch_up()
    assert len(mails.taken()) == 2


def test_who_has_lost_a_mail_notes_nothing(mails: Mails) -> None:
    jane = mails.tenant()
    comment(jane, jane.new_feedback(userEmail=SAM))
    mails.catch_up()
    again = {"status": "waiting", "next_attempt_at": product_clock.now(), "attempts": 0, "sent_at": None}

    def unit(tx: Transaction) -> None:
        tx.run(Statement(update(outbox).values(again)))
        (row,) = take(tx, "mine", "email")
        assert take(tx, "yours", "email") == []
        record(tx, row, "yours", Result(Sent("250 OK")))
        record(tx, row, "yours", Result(Refused("550")))
        record(tx, row, "yours", Result(Delayed("451")))

    mails.database.write(unit)
    (shown,) = mails.outbox(jane)
    assert (shown["status"], shown["attempts"], shown["error"]) == ("waiting", 0, None)


def test_two_workers_never_send_the_same(mails: Mails) -> None:
    jane = mails.tenant()
    with mails.without_server():
        for number in range(30):
            comment(jane, jane.new_feedback(userEmail=f"c{number}@example.org"))
        mails.catch_up()
    start = threading.Barrier(4)

    def work() -> None:
        start.wait(10)
        send_mail(mails.database)

    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(work) for _ in range(4)]:
            each.result()
    mails.catch_up()
    recipients = [mail.recipient for mail in mails.taken()]
    assert len(recipients) == len(set(recipients)) == 30


def test_the_outbox_is_kept_for_thirty_days(mails: Mails, clock: Clock) -> None:
    jane = mails.tenant()
    comment(jane, jane.new_feedback(userEmail=SAM))
    mails.catch_up()
    clock.advance(days=29)
    finish(mails.database, "notifications.purge_outbox")
    assert len(mails.outbox(jane)) == 1
    clock.advance(days=2)
    finish(mails.database, "notifications.purge_outbox")
    assert mails.outbox(jane) == []


def test_one_click_ends_it(mails: Mails) -> None:
    """RFC 8058: without an account, and again without harm."""
    jane = mails.tenant()
    item = jane.new_feedback(userEmail=SAM)
    comment(jane, item)
    mails.catch_up()
    path = mails.only().unsubscribe_path
    assert SAM not in path
    page = mails.client.request("GET", path)
    assert (page.status, page.header("cache-control")) == (200, "no-store")
    assert b"No more mail from Acme Inc?" in page.body
    assert b'<button class="button primary"' in page.body
    comment(jane, item, "Reading the page ends nothing")
    mails.catch_up()
    assert len(mails.taken()) == 2
    one_click: dict[str, Any] = {"headers": [("content-type", "application/x-www-form-urlencoded")]}
    for _ in range(2):
        done = mails.client.request("POST", path, body=b"List-Unsubscribe=One-Click", **one_click)
        assert done.status == 200
        assert b"Unsubscribed" in done.body
    comment(jane, item, "More")
    change(jane, item, status="resolved")
    other = mails.tenant()
    comment(other, other.new_feedback(userEmail=SAM), "From others")
    mails.catch_up()
    assert [mail["Subject"] for mail in mails.taken()[2:]] == ["[My App #1] Your feedback"]
    assert len(mails.outbox(jane)) == 2


def test_what_waits_is_ended_too(mails: Mails, clock: Clock) -> None:
    """Between a mail and the server that takes it hours can lie."""
    jane = mails.tenant()
    john = mails.tenant.colleague(jane, "admin")
    item = jane.new_feedback(userEmail=SAM)
    comment(jane, item, "First")
    note(jane, item, "First", mentions=[john.user_id])
    mails.catch_up()
    links = [mail.unsubscribe_path for mail in mails.taken()]
    mails.office.replies["RCPT"] = ["451 Greylisted"] * 3
    comment(jane, item, "Second")
    note(jane, item, "Second", mentions=[john.user_id])
    change(jane, item, assigneeId=john.user_id)
    mails.catch_up()
    for link in links:
        assert mails.client.request("POST", link).status == 200
    clock.advance(minutes=1)
    mails.catch_up()
    assert ["assigned" in mail.text for mail in mails.taken()[2:]] == [True]
    assert [(each["status"], each["error"]) for each in mails.outbox(jane)[2:]] == [
        ("failed", "Whoever reads there wants no more of it."), ("failed", "Whoever reads there wants no more of it."),
        ("sent", None),
    ]  # fmt: skip


def test_a_member_ends_one_kind(mails: Mails) -> None:
    jane = mails.tenant()
    john = mails.tenant.colleague(jane, "admin")
    item = jane.new_feedback()
    note(jane, item, mentions=[john.user_id])
    mails.catch_up()
    path = mails.only().unsubscribe_path
    assert b"mentioned" in mails.client.request("GET", path).body
    assert mails.client.request("POST", path).status == 200
    note(jane, item, mentions=[john.user_id])
    change(jane, item, assigneeId=john.user_id)
    mails.catch_up()
    assert [mail.text.splitlines()[2] for mail in mails.taken()[1:]] == ["Jane Smith assigned #1 to you"]
    assert john.count("/notifications") == 3, "in the product it is shown"


@pytest.mark.parametrize(
    "token", ["x", "%00", "%ff%fe", "..%2f..", "A" * 5000, "W10", "eyJhIjoxfQ", "%F0%9F%A6%B8", "a b", "=", "____"]
)
def test_a_link_that_is_none(mails: Mails, token: str) -> None:
    for method in ("GET", "POST", "HEAD"):
        answer = mails.client.request(method, f"/unsubscribe/{token}")
        assert answer.status == 404, answer


def test_other_methods_do_nothing(mails: Mails) -> None:
    check_problem(mails.client.request("DELETE", "/unsubscribe/x"), "method_not_allowed")


def test_a_link_with_one_letter_off(mails: Mails) -> None:
    jane = mails.tenant()
    comment(jane, jane.new_feedback(userEmail=SAM))
    mails.catch_up()
    path = mails.only().unsubscribe_path
    for place in range(len("/unsubscribe/"), len(path) - 1, 7):
        wrong = path[:place] + ("A" if path[place] != "A" else "B") + path[place + 1 :]
        assert mails.client.request("POST", wrong).status == 404
    comment(jane, jane.new_feedback(userEmail=SAM))
    mails.catch_up()
    assert len(mails.taken()) == 2
