"""Answers that lie in a mailbox: each is taken in once, and none is lost."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from tests.notifications.answers import answer_to
from tests.notifications.mails import Mail, Mails
from tests.notifications.people import comment
from tests.support.clock import Clock
from tests.support.faults import failing_inserts
from tests.support.imap_servers import PASSWORD, USER, Imap, imap_server
from tests.support.tenants import Tenant
from tests.support.work import catch_up
from userhero.kernel.mail import Mailer
from userhero.kernel.mail.ways_in import ImapAccount
from userhero.notifications.actions.answer import PER_HOUR
from userhero.notifications.fetching import FETCH, fetch_answers

SAM = "sam@example.org"
SEEN, FOR_PEOPLE = {r"\Seen"}, {r"\Seen", r"\Flagged"}


@pytest.fixture
def folder(mails: Mails) -> Iterator[Imap]:
    """The mailbox that the instance reads."""
    before = mails.database.mailer
    with imap_server() as server:
        account = ImapAccount(
            host="127.0.0.1", port=server.port, is_encrypted=False, user=USER, password=PASSWORD, folder="INBOX"
        )
        ways = msgspec.structs.replace(before.ways_in, imap=account)
        mails.database.mailer = Mailer(before.server, before.sender, ways)
        yield server
    mails.database.mailer = before


def replied(mails: Mails) -> tuple[Tenant, Any, Mail]:
    jane = mails.tenant()
    item = jane.new_feedback(userEmail=SAM)
    comment(jane, item, "We are on it.")
    mails.catch_up()
    return jane, item, mails.only()


def said(jane: Tenant, item: Any) -> list[str]:
    return [each["message"] for each in jane.get(f"/feedback/{item['id']}/comments").data][1:]


def test_every_minute_what_is_unread_is_taken(mails: Mails, folder: Imap, clock: Clock) -> None:
    jane, item, mail = replied(mails)
    kept = folder.add(answer_to(mail, "Thank you"))
    clock.advance(minutes=1)
    catch_up(mails.database, FETCH)
    assert (said(jane, item), kept.flags) == (["Thank you"], SEEN)
    folder.heard.clear()
    clock.advance(minutes=1)
    catch_up(mails.database, FETCH)
    assert said(jane, item) == ["Thank you"]
    assert not any(command.startswith("UID FETCH") for command in folder.heard)


def test_what_is_not_taken_is_left_to_people(mails: Mails, folder: Imap) -> None:
    jane, item, mail = replied(mails)
    content = answer_to(mail, "Thank you")
    automatic = folder.add(answer_to(mail, "Away", headers=(("Auto-Submitted", "auto-replied"),)))
    odd = [
        folder.add(each)
        for each in (
            b"\x00nothing",
            answer_to(mail, "I am Sam", sender="eve@example.org"),
            answer_to(mail, "Hello", headers=(("To", "feedback@example.com"),)),
            answer_to(mail, ""),
        )
    ]
    taken = [folder.add(content), folder.add(content)]
    fetch_answers(mails.database)
    assert [each.flags for each in odd] == [FOR_PEOPLE] * 4
    assert [each.flags for each in [automatic, *taken]] == [SEEN] * 3
    assert said(jane, item) == ["Thank you"]


def test_what_crashes_before_it_is_marked_is_not_taken_again(mails: Mails, folder: Imap) -> None:
    jane, item, mail = replied(mails)
    kept = folder.add(answer_to(mail, "Thank you"))
    folder.says["UID STORE"] = b"TAG NO not now\r\n"
    fetch_answers(mails.database)
    assert (said(jane, item), kept.flags) == (["Thank you"], set())
    folder.says.clear()
    fetch_answers(mails.database)
    assert (said(jane, item), kept.flags) == (["Thank you"], SEEN)


def test_what_the_sender_has_too_many_of_stays_unread(mails: Mails, folder: Imap, clock: Clock) -> None:
    jane, item, mail = replied(mails)
    for number in range(PER_HOUR + 1):
        folder.add(answer_to(mail, f"Number {number}"))
    fetch_answers(mails.database)
    assert (len(said(jane, item)), folder.mails[PER_HOUR + 1].flags) == (PER_HOUR, set())
    clock.advance(minutes=61)
    fetch_answers(mails.database)
    assert (len(said(jane, item)), folder.mails[PER_HOUR + 1].flags) == (PER_HOUR + 1, SEEN)


def test_a_mail_that_makes_trouble_holds_up_no_other(
    mails: Mails, folder: Imap, capsys: pytest.CaptureFixture[str]
) -> None:
    other, theirs, first = replied(mails)
    mails.office.mails.clear()
    jane, item, second = replied(mails)
    bad, good = folder.add(answer_to(first, "Hello")), folder.add(answer_to(second, "Thank you"))
    with failing_inserts(mails.address, "messages", other.workspace_id):
        fetch_answers(mails.database)
    assert (said(other, theirs), bad.flags) == ([], FOR_PEOPLE)
    assert (said(jane, item), good.flags) == (["Thank you"], SEEN)
    assert "a mail could not be taken" in capsys.readouterr().out


def test_a_server_that_does_not_answer_is_asked_again(
    mails: Mails, folder: Imap, capsys: pytest.CaptureFixture[str]
) -> None:
    jane, item, mail = replied(mails)
    folder.add(answer_to(mail, "Thank you"))
    folder.says["SELECT"] = b"* BYE\r\n"
    fetch_answers(mails.database)
    out = capsys.readouterr().out
    assert "The mail server broke the connection off" in out
    assert PASSWORD not in out
    folder.says.clear()
    fetch_answers(mails.database)
    assert said(jane, item) == ["Thank you"]
