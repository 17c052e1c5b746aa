"""A letter becomes one mail to one recipient, whatever people wrote into it."""

import re
from base64 import b64decode
from binascii import a2b_qp
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.clock import Clock
from userhero.kernel.mail import InvalidLetter, Letter, Mailbox, compose, find_address, message_id

ALWAYS = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "MIME-Version"]
INJECTION = "Hi\r\nBcc: eve@example.org\r\n\r\nBuy"
# Lines end with these for some reader or other; the rest steers terminals, or the direction of text.
ENDS = "\r\n\x00\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\u202e\x1b"
hostile = st.text(
    st.one_of(st.characters(), st.sampled_from(ENDS), st.sampled_from('<>"@:;,()\\=?. ')), max_size=120
) | st.lists(st.sampled_from(["\r\n", "Bcc: e@e.org", "=?utf-8?q?", "=0D=0A", "?=", " ", "é", "x" * 90])).map("".join)


def letter(**changes: Any) -> Letter:
    given = {"sender": Mailbox("feedback@example.com", "Acme"), "recipient": Mailbox("ann@example.org", "Ann")}
    return Letter(**({"id": "mail_1", "subject": "Hello", "text": "Good day."} | given | changes))


def lines_of(message: bytes) -> list[bytes]:
    """The lines of the header, unfolded by a reader of our own: the standard library reads with what it wrote with."""
    head, separator, _ = message.partition(b"\r\n\r\n")
    assert separator
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)|\x00", message), "a bare CR, LF or NUL"
    assert max(map(len, message.split(b"\r\n"))) <= 998, "RFC 5322, section 2.1.1"
    return re.sub(rb"\r\n(?=[ \t])", b"", head).split(b"\r\n")


def names_of(message: bytes) -> list[str]:
    return [line.partition(b":")[0].decode("ascii") for line in lines_of(message)]


def decoded(value: str) -> str:
    """A value by the rules of RFC 2047 and nothing else: the library's own reader loses or adds spaces now and then."""
    word = re.compile(r"=\?utf-8\?([bq])\?([^?]*)\?=")
    if not word.search(value):
        return value
    assert not word.sub("", value).strip(), "text beside encoded words"
    pieces = [b64decode(text) if kind == "b" else a2b_qp(text, header=True) for kind, text in word.findall(value)]
    return b"".join(pieces).decode()


def mailbox_of(message: bytes, name: str) -> tuple[str, str]:
    """Name and address of a field that holds one mailbox."""
    (line,) = [line.decode() for line in lines_of(message) if line.startswith(f"{name}: ".encode())]
    value = line.partition(": ")[2]
    phrase, bracket, address = value.rpartition("<")
    if not bracket:
        return "", value
    phrase = phrase.strip()
    if phrase.startswith('"'):
        assert re.fullmatch(r'"(?:[^"\\]|\\.)*"', phrase)
        return re.sub(r"\\(.)", r"\1", phrase[1:-1]), address.removesuffix(">")
    assert re.fullmatch(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*", phrase)
    return decoded(phrase), address.removesuffix(">")


def content_of(part: Any) -> str:
    content: str = part.get_content()
    return content.replace("\r\n", "\n")


def read(message: bytes) -> EmailMessage:
    return message_from_bytes(message, policy=policy.default)


def test_what_every_mail_has(clock: Clock) -> None:
    clock.set("2026-05-30T10:00:00.750Z")
    mail = compose(letter())
    assert (mail.sender, mail.recipient, mail.international) == ("feedback@example.com", "ann@example.org", False)
    message = read(mail.message)
    assert names_of(mail.message) == [*ALWAYS, "Content-Type", "Content-Transfer-Encoding"]
    assert message["From"] == "Acme <feedback@example.com>"
    assert message["To"] == "Ann <ann@example.org>"
    assert message["Date"] == "Sat, 30 May 2026 10:00:00 +0000"
    assert message["Message-ID"] == "<mail_1@example.com>" == message_id("mail_1", "feedback@example.com")
    assert message["Auto-Submitted"] == "auto-generated"
    assert "OOF" in message["X-Auto-Response-Suppress"]
    assert "NDR" not in message["X-Auto-Response-Suppress"], "that it could not be delivered is worth knowing"
    assert content_of(message) == "Good day.\n"


def test_a_second_try_is_the_same_mail(clock: Clock) -> None:
    first = compose(letter(written_at="2026-05-30T10:00:00.000Z")).message
    clock.advance(hours=5)
    again = compose(letter(written_at="2026-05-30T10:00:00.000Z")).message
    assert first == again
    assert parsedate_to_datetime(read(first)["Date"]).isoformat() == "2026-05-30T10:00:00+00:00"


def test_threads() -> None:
    message = read(compose(letter(in_reply_to="<b@x>", references=("<a@x>", "<b@x>"))).message)
    assert message["In-Reply-To"] == "<b@x>"
    assert message["References"].split() == ["<a@x>", "<b@x>"]
    message = read(compose(letter(references=("<a@x>", "no id", "<b @x>", "<é@x>", "<a@x>\r\nBcc: <e@e.org>"))).message)
    assert message["References"] == "<a@x>"
    assert message["In-Reply-To"] is None


def test_long_threads_keep_their_root_and_their_end() -> None:
    chain = tuple(f"<{number}@example.org>" for number in range(100))
    message = read(compose(letter(in_reply_to=chain[-1], references=chain)).message)
    assert message["References"].split() == [chain[0], *chain[-19:]]


def test_one_click_to_unsubscribe() -> None:
    """RFC 8058."""
    mail = compose(letter(unsubscribe="https://example.com/unsubscribe?token=a-b_c%2F"))
    assert b"\r\nList-Unsubscribe: <https://example.com/unsubscribe?token=a-b_c%2F>\r\n" in mail.message
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in mail.message
    mail = compose(letter(unsubscribe="http://localhost:8000/unsubscribe"))
    assert "List-Unsubscribe" in names_of(mail.message)
    assert "List-Unsubscribe-Post" not in names_of(mail.message), "one click takes https"


@pytest.mark.parametrize(
    "link",
    [
        "mailto:a@example.com",
        "https://example.com/>\r\nBcc: e@e.org",
        "https://example.com/a b",
        "https://é.example/",
        "javascript:alert(1)",
        "",
        "https://example.com/" + "a" * 900,
    ],
)
def test_no_other_link_to_unsubscribe(link: str) -> None:
    with pytest.raises(InvalidLetter, match="unsubscribe"):
        compose(letter(unsubscribe=link))


@pytest.mark.parametrize("wrong", ["", "a b", "é", "a@b", "x" * 101, "a\r\nBcc: e@e.org", "a>"])
def test_ids_that_are_refused(wrong: str) -> None:
    with pytest.raises(InvalidLetter, match="its id"):
        compose(letter(id=wrong))


@pytest.mark.parametrize("role", ["sender", "recipient", "reply_to"])
@pytest.mark.parametrize(
    "address",
    [
        "",
        "ann",
        "ann@",
        "@example.org",
        "ann@example.org, eve@example.org",
        "ann@example.org\r\nBcc: eve@example.org",
        "ann@example.org\n",
        "a\x00nn@example.org",
        "ann@exam ple.org",
        "<ann@example.org>",
        "ann@[127.0.0.1]",
        "ann@127.0.0.1",
        '"a b"@example.org',
        "a..b@example.org",
        ".a@example.org",
        "ann@-x.org",
        "ann@a..b",
        "a" * 65 + "@example.org",
        "ann@" + "a" * 64 + ".org",
        "ann@" + "a.aa" * 70,
        "ann\u200b@example.org",
        "ann\uff20example.org",
        "\ufb01@example.org",
        "ann\u202e@example.org",
        "ann@exa_mple.org",
        "ann@\ud800.org",
    ],
)
def test_addresses_that_are_refused(role: str, address: str) -> None:
    with pytest.raises(InvalidLetter, match="no valid e-mail address") as caught:
        compose(letter(**{role: Mailbox(address)}))
    assert "example" not in str(caught.value), "it goes to logs, and an address has no place there"


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("Ann.O'Neil+x@Example.ORG", "Ann.O'Neil+x@example.org"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@faß.example", "ann@xn--fa-hia.example"),
        ("jörg@example.org", "jörg@example.org"),
        ("用户@例子.example", "用户@xn--fsqu00a.example"),
        ("root@mailhost", "root@mailhost"),
        ("ann@corp.local", "ann@corp.local"),
        (" ann@example.org ", "ann@example.org"),
        ("ann@a1.2b.example", "ann@a1.2b.example"),
    ],
)
def test_addresses_in_the_spelling_of_the_wire(given: str, found: str) -> None:
    assert find_address(given) == found
    assert find_address(found) == found


def test_who_is_written_to_can_have_any_name() -> None:
    for name in (
        "Ann",
        "Müller, Jörg",
        'Ann "the Dev"',
        "a@b.org",
        "Ann\\",
        "=?utf-8?q?Eve?=",
        "李 明 " * 20,
        "(x)",
        "",
    ):
        mail = compose(letter(recipient=Mailbox("ann@example.org", name)))
        assert mailbox_of(mail.message, "To") == (name.strip(), "ann@example.org")


def test_international_addresses_are_told() -> None:
    mail = compose(letter(recipient=Mailbox("jörg@bücher.example", "Jörg")))
    assert (mail.recipient, mail.international) == ("jörg@xn--bcher-kva.example", True)
    assert "<jörg@xn--bcher-kva.example>\r\n".encode() in mail.message
    assert compose(letter(reply_to=Mailbox("jörg@example.org"))).international
    assert not compose(letter(recipient=Mailbox("ann@bücher.example", "Jörg"))).international


@pytest.mark.case("ABU-06")
def test_a_line_that_is_injected_is_text() -> None:
    """ABU-06."""
    mail = compose(letter(subject=INJECTION, sender=Mailbox("feedback@example.com", INJECTION), text=INJECTION))
    assert "Bcc" not in names_of(mail.message)
    assert read(mail.message)["Subject"] == "Hi Bcc: eve@example.org Buy"
    assert mail.recipient == "ann@example.org"


@pytest.mark.case("ABU-06")
@given(subject=hostile, name=hostile, text=hostile, html=st.none() | hostile)
@example("=?utf-8?q?a=0D=0ABcc:_e@e.org?=", "=?utf-8?q?a=0ABcc:?=", ".\r\n.\r\nMAIL FROM:<e@e.org>", None)
@example("\ud800", "\udfff", "\ud800", "\udfff")
@example("a  b", ' "', "From me\n", "\x85")
def test_no_input_makes_another_line(subject: str, name: str, text: str, html: str | None) -> None:
    someone = Mailbox("ann@example.org", name)
    mail = compose(letter(subject=subject, sender=someone, recipient=someone, reply_to=someone, text=text, html=html))
    wanted = [*ALWAYS[:2], "Reply-To", *ALWAYS[2:]]
    found = names_of(mail.message)
    assert found[: len(wanted)] == wanted
    assert set(found[len(wanted) :]) <= {"Content-Type", "Content-Transfer-Encoding"}
    for field in ("From", "To", "Reply-To"):
        shown, address = mailbox_of(mail.message, field)
        assert address == "ann@example.org"
        assert not re.search(r"[\x00-\x1f\x7f-\x9f]", shown)


words = st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Zs"]), min_size=1, max_size=90)


@given(st.lists(words | st.text('ab=?_"', min_size=1, max_size=90), min_size=1, max_size=20).map(" ".join))
@example("=?utf-8?q?a?= b =?utf-8?b?YQ==?=")
@example("word " * 50 + "word")
def test_a_subject_arrives_as_it_was_written(subject: str) -> None:
    subject = subject[:255].strip()
    (line,) = [line for line in lines_of(compose(letter(subject=subject)).message) if line.startswith(b"Subject:")]
    assert line.isascii()
    assert decoded(line.decode("ascii").removeprefix("Subject: ")) == subject


@pytest.mark.parametrize(
    "text", ["a", "é", "x" * 5000, "日本語" * 500, ".", "..\n.\n", "From ann\n", "a \n b\t\n", "=20\n"]
)
def test_bodies_arrive_as_they_were_written(text: str) -> None:
    """8-bit content and long lines go out encoded, so that any server takes them."""
    mail = compose(letter(text=text, html=f"<p>{text}</p>"))
    assert mail.message.isascii()
    assert max(map(len, mail.message.split(b"\r\n"))) <= 78
    message = read(mail.message)
    assert message.get_content_type() == "multipart/alternative"
    plain, html = message.get_body(["plain"]), message.get_body(["html"])
    assert plain is not None
    assert html is not None
    assert content_of(plain) == text.rstrip("\n") + "\n"
    assert content_of(html) == f"<p>{text}</p>\n"
    assert not list(message.iter_attachments())


def test_controls_are_no_text() -> None:
    message = read(compose(letter(text="a\x00b\x1b[31m\r\nc\rd\te\x85f")).message)
    assert content_of(message) == "ab[31m\nc\nd\te\nf\n"


def test_long_subjects_and_names_are_cut() -> None:
    message = compose(letter(subject="s" * 300, sender=Mailbox("feedback@example.com", "n" * 300))).message
    assert read(message)["Subject"] == "s" * 254 + "…"
    assert mailbox_of(message, "From") == ("n" * 99 + "…", "feedback@example.com")
