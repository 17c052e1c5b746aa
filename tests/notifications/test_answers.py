"""Answers to mail: into which conversation they go and as whose words, and what is not taken."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import bindparam, func, select, update

from tests.media.samples import picture
from tests.notifications.answers import address_in, answer_to
from tests.notifications.mails import Mail, Mails
from tests.notifications.people import change, comment, note
from tests.support.clock import Clock
from tests.support.problems import unchanged
from tests.support.tenants import Tenant
from tests.support.work import finish
from userhero import workspaces
from userhero.feedback.tables import feedback
from userhero.kernel.db import Statement
from userhero.kernel.http.metrics import REGISTRY
from userhero.notifications.actions.answer import PER_HOUR
from userhero.notifications.incoming import Verdict, take_mail
from userhero.notifications.tables import incoming_mails

SAM = "sam@example.org"
_COUNT = Statement(select(func.count()).select_from(incoming_mails))
_SWITCH_OFF = Statement(
    update(feedback).where(feedback.c.id == bindparam("feedback")).values(customer_comments_enabled=False)
)
_WITHOUT_ADDRESS = Statement(update(feedback).where(feedback.c.id == bindparam("feedback")).values(user_email=None))


def comments(owner: Tenant, item: Any) -> list[Any]:
    """What was said since the item was sent."""
    found = owner.get(f"/feedback/{item['id']}/comments").data
    assert isinstance(found, list)
    return found


def notes(owner: Tenant, item: Any) -> list[Any]:
    found = owner.get(f"/feedback/{item['id']}/notes").data
    assert isinstance(found, list)
    return found


def take(mails: Mails, mail: Mail, content: bytes) -> Verdict:
    """Bring an answer to the address under which the mail is answered."""
    return take_mail(mails.database, content, address_in(mail))


def replied(mails: Mails, jane: Tenant, **fields: Any) -> tuple[Any, Mail]:
    """An item, and the mail that its customer got about it."""
    item = jane.new_feedback(userEmail=SAM, **fields)
    comment(jane, item, "We are on it.")
    mails.catch_up()
    return item, mails.only()


def test_a_customer_s_answer_is_a_comment(mails: Mails) -> None:
    jane = mails.tenant()
    item, mail = replied(mails, jane)
    assert address_in(mail).endswith("@reply.example.com")
    assert "Answer this mail to reply." in mail.text
    assert take(mails, mail, answer_to(mail, "It works now.\n\nThank you!")).outcome == "taken"
    _, said = comments(jane, item)
    assert (said["authorType"], said["authorName"]) == ("customer", "Sam Lee")
    assert said["message"] == "It works now.\n\nThank you!"


def test_who_looks_after_the_item_hears_of_it_and_answers_in_turn(mails: Mails) -> None:
    jane = mails.tenant()
    item, mail = replied(mails, jane)
    change(jane, item, assigneeId=jane.user_id)
    take(mails, mail, answer_to(mail, "Still broken."))
    mails.office.mails.clear()
    mails.catch_up()
    heard = mails.only()
    assert heard.recipient == jane.email
    assert "Answer this mail to reply to the customer." in heard.text
    assert take(mails, heard, answer_to(heard, "Please try again.")).outcome == "taken"
    *_, last = comments(jane, item)
    assert (last["authorType"], last["authorName"], last["message"]) == ("agent", "Jane Smith", "Please try again.")
    mails.office.mails.clear()
    mails.catch_up()
    assert (mails.only().recipient, "Please try again." in mails.only().text) == (SAM, True)


@pytest.mark.parametrize("occasion", ["mentioned", "assigned"])
def test_a_member_s_answer_to_another_mail_is_a_note(mails: Mails, occasion: str) -> None:
    """What was not meant for the customer never reaches them by an answer."""
    jane = mails.tenant()
    john = mails.tenant.colleague(jane, "member")
    item = jane.new_feedback(userEmail=SAM)
    if occasion == "mentioned":
        note(jane, item, "Can you look?", mentions=[john.user_id])
    else:
        change(jane, item, assigneeId=john.user_id)
    mails.catch_up()
    mail = mails.only()
    assert "An answer to this mail becomes an internal note." in mail.text
    assert take(mails, mail, answer_to(mail, "Between us: no.", sender=john.email)).outcome == "taken"
    assert comments(jane, item) == []
    last = notes(jane, item)[-1]
    assert (last["content"], last["authorEmail"]) == ("Between us: no.", john.email)


def test_an_answer_reopens_what_was_resolved(mails: Mails, clock: Clock) -> None:
    jane = mails.tenant()
    late, soon = (jane.new_feedback(userEmail=f"{name}@example.org") for name in ("late", "soon"))
    for item in (late, soon):
        change(jane, item, status="resolved")
    mails.catch_up()
    first, second = sorted(mails.taken(), key=lambda mail: mail.recipient)
    assert take(mails, second, answer_to(second, "It is back.")).outcome == "taken"
    assert jane.get(f"/feedback/{soon['id']}").data["status"] == "reopened"
    clock.advance(days=400)
    assert take(mails, first, answer_to(first, "It is back.")).outcome == "taken"
    assert jane.get(f"/feedback/{late['id']}").data["status"] == "resolved"


def test_the_same_mail_is_taken_once(mails: Mails, clock: Clock) -> None:
    """Also where it comes twice at the same moment, and forgotten only after 30 days."""
    jane = mails.tenant()
    item, mail = replied(mails, jane)
    content = answer_to(mail, "Thanks")
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: take(mails, mail, content).outcome, range(4)))
    assert sorted(found) == ["repeated", "repeated", "repeated", "taken"]
    unnamed = answer_to(mail, "No name").replace(b"Message-ID:", b"X-Was:")
    assert [take(mails, mail, unnamed).outcome for _ in range(2)] == ["taken", "repeated"]
    assert len(comments(jane, item)) == 3
    clock.advance(days=31)
    finish(mails.database, "notifications.purge_answers")
    assert mails.database.read(lambda tx: tx.value(_COUNT)) == 0


@pytest.mark.parametrize("sender", ["eve@example.com", "sam@example.org.evil.example", "Sam <sam@example.net>"])
def test_another_sender_is_refused(mails: Mails, sender: str) -> None:
    """Whoever learns the address can't use it without the sender that it was made for."""
    jane = mails.tenant()
    item, mail = replied(mails, jane)
    with unchanged(mails.database, jane):
        assert take(mails, mail, answer_to(mail, "I am Sam", sender=sender)).outcome == "forged"
    assert len(comments(jane, item)) == 1


def test_a_changed_address_is_worth_nothing(mails: Mails) -> None:
    """It names the item, and what an answer becomes: neither can be exchanged."""
    jane = mails.tenant()
    _, mail = replied(mails, jane)
    other = jane.new_feedback(userEmail=SAM)
    local, _, domain = address_in(mail).partition("@")
    _, conversation, mark = local.replace("+", "-").split("-")
    content = answer_to(mail, "Hello")
    with unchanged(mails.database, jane):
        for changed, outcome in (
            (f"reply+{other['id']}_c-{mark}@{domain}", "forged"),
            (f"reply+{conversation[:-1]}n-{mark}@{domain}", "forged"),
            (f"reply+{conversation}-{mark[::-1]}@{domain}", "forged"),
            (f"reply+fb_{'0' * 26}_c-{mark}@{domain}", "unknown"),
            (f"reply+{conversation[:-1]}x-{mark}@{domain}", "unknown"),
            (f"reply+{conversation}-{mark}@elsewhere.example", "unknown"),
            (f"feedback@{domain}", "unknown"),
        ):
            assert take_mail(mails.database, content, changed).outcome == outcome, changed


def test_who_left_writes_no_more(mails: Mails) -> None:
    jane = mails.tenant()
    john = mails.tenant.colleague(jane, "member")
    item = jane.new_feedback()
    note(jane, item, "Can you look?", mentions=[john.user_id])
    mails.catch_up()
    mail = mails.only()
    content = answer_to(mail, "Looking", sender=john.email)
    for role in ("viewer", "none"):
        mails.database.write(
            lambda tx, role=role: workspaces.set_member(tx, jane.workspace_id, email=john.email, role=role)  # type: ignore[misc]
        )
        with unchanged(mails.database, jane):
            assert take(mails, mail, content).outcome == "refused"
    assert len(notes(jane, item)) == 1


def test_a_customer_s_other_address_will_do_for_as_long_as_it_is_theirs(mails: Mails) -> None:
    jane = mails.tenant()
    item, mail = replied(mails, jane)
    customer = jane.get(f"/feedback/{item['id']}").data["customerId"]
    mails.database.write(lambda tx: tx.run(_WITHOUT_ADDRESS, feedback=item["id"]))
    main = {"primaryEmail": "lee@example.org"}
    jane.patch(f"/customers/{customer}", {"emails": [SAM, "lee@example.org"], **main})
    assert take(mails, mail, answer_to(mail, "Hi")).outcome == "taken"
    jane.patch(f"/customers/{customer}", {"emails": ["lee@example.org"], **main})
    with unchanged(mails.database, jane):
        assert take(mails, mail, answer_to(mail, "Me again")).outcome == "refused"


def test_where_comments_are_switched_off_there_are_none_by_mail(mails: Mails) -> None:
    jane = mails.tenant()
    item, mail = replied(mails, jane)
    mails.database.write(lambda tx: tx.run(_SWITCH_OFF, feedback=item["id"]))
    with unchanged(mails.database, jane):
        verdict = take(mails, mail, answer_to(mail, "Hello?"))
    assert (verdict.outcome, verdict.words) == (
        "refused",
        "Customer comments are switched off for this feedback item.",
    )
    mails.office.mails.clear()
    change(jane, item, status="resolved")
    mails.catch_up()
    assert "Reply-To" not in mails.only().message


def test_what_is_gone_can_not_be_answered(mails: Mails) -> None:
    jane = mails.tenant()
    item, mail = replied(mails, jane)
    jane.delete(f"/feedback/{item['id']}")
    assert take(mails, mail, answer_to(mail, "Hello?")).outcome == "unknown"


@pytest.mark.parametrize(
    "header",
    [
        ("Auto-Submitted", "auto-replied"),
        ("Precedence", "bulk"),
        ("List-Id", "<users.example.org>"),
        ("Return-Path", "<>"),
        ("X-Autoreply", "yes"),
    ],
)
def test_what_programs_write_is_dropped(mails: Mails, header: tuple[str, str]) -> None:
    jane = mails.tenant()
    _, mail = replied(mails, jane)
    before = counted("automatic")
    with unchanged(mails.database, jane):
        assert take(mails, mail, answer_to(mail, "I am away", headers=(header,))).outcome == "automatic"
    assert counted("automatic") == before + 1


def test_bounces_are_dropped(mails: Mails) -> None:
    jane = mails.tenant()
    _, mail = replied(mails, jane)
    with unchanged(mails.database, jane):
        verdict = take_mail(mails.database, answer_to(mail, "Undelivered"), address_in(mail), is_bounce=True)
    assert verdict.outcome == "automatic"


@pytest.mark.parametrize("make", [lambda mail: answer_to(mail, ""), lambda _: b"From: sam@example.org\r\n\r\n  \r\n"])
def test_nothing_new_is_nothing(mails: Mails, make: Callable[[Mail], bytes]) -> None:
    jane = mails.tenant()
    _, mail = replied(mails, jane)
    with unchanged(mails.database, jane):
        assert take(mails, mail, make(mail)).outcome == "empty"


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 100, b"Subject: no sender\r\n\r\nHi", b"From: a@b.c, d@e.f\r\n\r\nHi"]
)
def test_what_is_no_mail_is_refused(mails: Mails, content: bytes) -> None:
    jane = mails.tenant()
    _, mail = replied(mails, jane)
    assert take(mails, mail, content).outcome == "unreadable"


def test_so_many_from_one_sender(mails: Mails, clock: Clock) -> None:
    jane = mails.tenant()
    item, mail = replied(mails, jane)
    for number in range(PER_HOUR):
        assert take(mails, mail, answer_to(mail, f"Number {number}")).outcome == "taken"
    with unchanged(mails.database, jane):
        assert take(mails, mail, answer_to(mail, "One more")).outcome == "too_many"
    clock.advance(minutes=61)
    assert take(mails, mail, answer_to(mail, "One more")).outcome == "taken"
    assert len(comments(jane, item)) == PER_HOUR + 2


def test_files_that_uploads_take_are_kept(mails: Mails) -> None:
    """Three of them; the others are named."""
    jane = mails.tenant()
    item, mail = replied(mails, jane)
    files = (
        ("screen.png", "image/png", picture()),
        ("report.pdf", "application/pdf", b"%PDF-1.7"),
        ("not.png", "image/png", b"GIF89a"),
        ("two.jpg", "image/jpeg", picture("JPEG")),
        ("three.png", "application/octet-stream", picture()),
        ("four.png", "image/png", picture()),
    )
    assert take(mails, mail, answer_to(mail, "See here", files=files)).outcome == "taken"
    said = comments(jane, item)[-1]
    assert [file["fileName"] for file in said["attachments"]] == ["screen.png", "two.jpg", "three.png"]
    assert said["message"] == "See here\n\n[Attached, but not kept: report.pdf, not.png, four.png]"
    for file in said["attachments"]:
        path = file["url"].removeprefix("https://feedback.example.com")
        assert mails.client.request("GET", path).status == 200
    assert len(stored(mails)) == 3


def test_a_mail_that_is_not_taken_leaves_no_file(mails: Mails) -> None:
    jane = mails.tenant()
    item, mail = replied(mails, jane)
    before = stored(mails)
    files = (("screen.png", "image/png", picture()),)
    content = answer_to(mail, "See here", files=files)
    mails.database.write(lambda tx: tx.run(_SWITCH_OFF, feedback=item["id"]))
    assert take(mails, mail, content).outcome == "refused"
    assert take(mails, mail, answer_to(mail, "", sender="eve@example.com", files=files)).outcome == "forged"
    assert stored(mails) == before


def test_a_long_mail_is_cut_and_says_so(mails: Mails) -> None:
    jane = mails.tenant()
    item, mail = replied(mails, jane)
    files = tuple((f"{'long' * 30}{number}.pdf", "application/pdf", b"%PDF") for number in range(20))
    take(mails, mail, answer_to(mail, "word " * 5000, files=files))
    said = comments(jane, item)[-1]["message"]
    assert len(said) <= 2000
    assert said.startswith("word word")
    assert "[The mail was longer.]" in said
    assert "[Attached, but not kept: longlong" in said


def test_without_a_name_a_customer_has_that_of_the_address(mails: Mails) -> None:
    jane = mails.tenant()
    item, mail = replied(mails, jane)
    take(mails, mail, answer_to(mail, "Hi", sender=SAM.upper()))
    assert comments(jane, item)[-1]["authorName"] == "SAM"


def test_of_an_address_in_the_header(mails: Mails) -> None:
    """Where a mailbox is read, nobody says for whom a mail was."""
    jane = mails.tenant()
    item, mail = replied(mails, jane)
    assert take_mail(mails.database, answer_to(mail, "Hi")).outcome == "taken"
    assert take_mail(mails.database, answer_to(mail, "Hi", headers=(("To", "you@example.com"),))).outcome == "unknown"
    assert len(comments(jane, item)) == 2


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("userhero_mail_in_total", {"outcome": outcome}) or 0.0


def stored(mails: Mails) -> set[str]:
    return {file.name for file in mails.database.storage.all()}
