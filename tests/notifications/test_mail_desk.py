"""Answers over SMTP and LMTP, from a client's first word to the conversation."""

import random
import smtplib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from tests.media.samples import picture
from tests.notifications.answers import address_in, answer_to
from tests.notifications.mails import Mail, Mails
from tests.notifications.people import comment
from tests.support.faults import failing_inserts
from tests.support.tenants import Tenant
from userhero.kernel.mail.listener import MailListener
from userhero.kernel.mail.ways_in import Listening
from userhero.notifications import MailDesk

SAM = "sam@example.org"


@pytest.fixture
def smtp(mails: Mails) -> Iterator[smtplib.SMTP]:
    listener = MailListener(Listening("lmtp", "127.0.0.1", 0))
    listener.start(MailDesk(mails.database))
    with smtplib.LMTP("127.0.0.1", listener.port, local_hostname="mx.example.org") as client:
        yield client
    listener.stop()


def replied(mails: Mails) -> tuple[Tenant, Any, Mail]:
    jane = mails.tenant()
    item = jane.new_feedback(userEmail=SAM)
    comment(jane, item, "We are on it.")
    mails.catch_up()
    return jane, item, mails.only()


def said(jane: Tenant, item: Any) -> list[str]:
    return [each["message"] for each in jane.get(f"/feedback/{item['id']}/comments").data]


def refusal(smtp: smtplib.SMTP, mail: Mail, content: bytes) -> tuple[int, str]:
    with pytest.raises(smtplib.SMTPDataError) as caught:
        smtp.sendmail(SAM, address_in(mail), content)
    words = caught.value.smtp_error
    return caught.value.smtp_code, words.decode() if isinstance(words, bytes) else words


def test_an_answer_arrives(mails: Mails, smtp: smtplib.SMTP) -> None:
    jane, item, mail = replied(mails)
    content = answer_to(mail, "Thank you")
    for _ in range(2):
        assert smtp.sendmail(SAM, address_in(mail).upper(), content) == {}
    assert said(jane, item) == ["We are on it.", "Thank you"]


def test_what_is_refused(mails: Mails, smtp: smtplib.SMTP) -> None:
    jane, item, mail = replied(mails)
    forged = refusal(smtp, mail, answer_to(mail, "I am Sam", sender="eve@example.org"))
    assert forged == (550, "5.7.1 Answer from the address to which the mail was sent.")
    assert refusal(smtp, mail, b"no mail")[0] == 554
    assert refusal(smtp, mail, answer_to(mail, ""))[0] == 550
    for address in ("feedback@reply.example.com", "postmaster", address_in(mail).replace("reply.", "")):
        with pytest.raises(smtplib.SMTPRecipientsRefused) as caught:
            smtp.sendmail(SAM, address, answer_to(mail, "Hi"))
        assert caught.value.recipients[address][0] == 550
    assert smtp.sendmail("", address_in(mail), answer_to(mail, "I am a bounce")) == {}
    assert said(jane, item) == ["We are on it."]
    smtp.sendmail(SAM, address_in(mail), answer_to(mail, "Still here"))
    assert said(jane, item) == ["We are on it.", "Still here"]


def test_what_the_database_does_not_take_stays_with_its_sender(mails: Mails, smtp: smtplib.SMTP) -> None:
    """It is brought again then, and not known yet. Its file goes meanwhile."""
    jane, item, mail = replied(mails)
    content = answer_to(mail, "Thank you", files=(("screen.png", "image/png", picture()),))
    before = sum(1 for _ in mails.database.storage.all())
    with failing_inserts(mails.address, "messages", jane.workspace_id):
        assert refusal(smtp, mail, content) == (451, "4.3.0 Try again later")
    assert sum(1 for _ in mails.database.storage.all()) == before
    assert said(jane, item) == ["We are on it."]
    smtp.sendmail(SAM, address_in(mail), content)
    assert said(jane, item) == ["We are on it.", "Thank you"]


def test_any_bytes_are_answered(mails: Mails, smtp: smtplib.SMTP, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever comes is taken, refused or dropped; no mail makes a fault of ours, and is brought again and again."""
    _, _, mail = replied(mails)
    whole = answer_to(mail, "Hello", files=(("screen.png", "image/png", picture()),))
    rough = random.Random(20261123)
    for number in range(150):
        content = bytearray(whole if number % 3 else rough.randbytes(2000))
        for _ in range(rough.randrange(1, 20)):
            content[rough.randrange(len(content))] = rough.randrange(256)
        with suppress(smtplib.SMTPDataError):
            smtp.sendmail(SAM, address_in(mail), bytes(content))
    failed = [line for line in capsys.readouterr().out.splitlines() if "could not be taken" in line]
    assert failed == []
    assert smtp.noop()[0] == 250
