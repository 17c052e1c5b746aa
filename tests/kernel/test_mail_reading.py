"""Mail from strangers: what is in it is found."""

from base64 import b64encode
from email.message import EmailMessage

import pytest

from tests.kernel.incoming_mail import HEAD, multipart, part, read, refusal
from userhero.kernel.crypto import Keys
from userhero.kernel.mail import Letter, Mailbox, compose
from userhero.kernel.mail.reading import Attachment, Incoming
from userhero.kernel.mail.reading.fields import mailboxes
from userhero.kernel.mail.replies import read_reply_address, reply_address


def test_an_answer() -> None:
    found = read(
        "Return-Path: <ann@example.org>\nDelivered-To: reply+fb_1-abc@example.com\n"
        "From: =?utf-8?q?J=C3=B6rg_M=C3=BCller?= <Joerg@Example.ORG>\n"
        "To: Acme <feedback@example.com>, bob@example.com\n"
        "Cc: Team: carl@example.com, dora@example.com;\nSubject: Re: =?utf-8?B?R3LDtsOfZQ==?=\n =?utf-8?q?_now?=\n"
        "Message-ID: <abc@mail.example.org>\nIn-Reply-To: <mail_1@example.com>\n"
        "References: <mail_0@example.com>\n\t<mail_1@example.com>\n"
        "\nIt works.\n\nOn Mon, Nov 23, 2026 at 10:12 Acme <feedback@example.com> wrote:\n> And now?\n"
    )
    assert found == Incoming(
        sender=Mailbox("Joerg@example.org", "Jörg Müller"),
        recipients=(
            "feedback@example.com",
            "bob@example.com",
            "carl@example.com",
            "dora@example.com",
            "reply+fb_1-abc@example.com",
        ),
        subject="Re: Größe now",
        message_id="<abc@mail.example.org>",
        in_reply_to="<mail_1@example.com>",
        references=("<mail_0@example.com>", "<mail_1@example.com>"),
        text="It works.",
        attachments=(),
        left_out=0,
        is_automatic=False,
    )


def test_an_answer_to_a_letter_of_ours_finds_its_conversation() -> None:
    keys = Keys(b"k" * 32)
    address = reply_address(keys, "example.com", "fb_1", "ann@example.org")
    sent = compose(
        Letter(
            id="mail_1",
            sender=Mailbox("feedback@example.com", "Acme"),
            recipient=Mailbox("ann@example.org", "Ann"),
            reply_to=Mailbox(address, "Acme"),
            subject="Is it better?",
            text="Hello Ann,\nis it better?",
        )
    )
    ours = read(sent.message)
    assert ours.is_automatic, "or two installations might answer each other for ever"
    quoted = "\n".join(f"> {line}" for line in ours.text.splitlines())
    found = read(
        f"From: ann@example.org\nTo: {address.upper()}\nIn-Reply-To: {ours.message_id}\n\n"
        f"Yes!\n\nOn Nov 23, 2026, at 10:12, Acme wrote:\n{quoted}\n"
    )
    assert (found.text, found.in_reply_to) == ("Yes!", "<mail_1@example.com>")
    (recipient,) = found.recipients
    answered = read_reply_address(recipient, "example.com")
    assert answered is not None
    assert answered.is_for(keys, found.sender.address)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Ann",
        "ann@example.org, eve@example.org",
        "ann@example.org\r\nFrom: eve@example.org",
        "<ann@example.org> <e@e.org>",
        "undisclosed-recipients:;",
        "ann@example.org; eve@example.org",
        '"ann@example.org',
        "(ann@example.org)",
        "<>",
        '"ann@example.org"',
    ],
)
def test_a_mail_comes_from_exactly_one_address(value: str) -> None:
    """What shows one sender and means another is nobody's."""
    assert (
        refusal(f"From: {value}\r\nTo: feedback@example.com\r\n\r\nHello")
        == "it does not come from exactly one address"
    )
    assert refusal("To: feedback@example.com\r\n\r\nHello") == "it does not come from exactly one address"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("ann@example.org", [Mailbox("ann@example.org")]),
        ("<ann@example.org>", [Mailbox("ann@example.org")]),
        ("ann@example.org (Ann)", [Mailbox("ann@example.org", "Ann")]),
        ('"Example, Ann" <ann@example.org>', [Mailbox("ann@example.org", "Example, Ann")]),
        ('"a \\" b" <ann@example.org>', [Mailbox("ann@example.org", 'a " b')]),
        ("eve@example.org <ann@example.org>", [Mailbox("ann@example.org", "eve@example.org")]),
        ("=?utf-8?q?Eve_=3Ceve=40e=2Eorg=3E=2C?= <ann@example.org>", [Mailbox("ann@example.org", "Eve <eve@e.org>,")]),
        ("<@relay.example,@other.example:ann@example.org>", [Mailbox("ann@example.org")]),
        ("Team: ann@example.org, Bob <bob@x.org>;", [Mailbox("ann@example.org"), Mailbox("bob@x.org", "Bob")]),
        ("ann (a, (b) <eve@example.org>) @example.org", [None]),
        ("alice@example.org)bob@evil.example", [None]),
        ('"alice@example.org"bob@evil.example', [None]),
        ("a, b@x.org, <c", [None, Mailbox("b@x.org"), None]),
        ("Ann\\ <ann@example.org>", [Mailbox("ann@example.org", "Ann\\")]),
        ("", []),
        (",,;", []),
    ],
)
def test_lists_of_addresses(value: str, found: list[Mailbox | None]) -> None:
    assert mailboxes(value) == found


@pytest.mark.parametrize(
    ("field", "automatic"),
    [
        ("Auto-Submitted: auto-replied", True),
        ("Auto-Submitted: auto-generated; owner-email=x", True),
        ("Auto-Submitted: no", False),
        ("AUTO-SUBMITTED: No ; x", False),
        ("Precedence: bulk", True),
        ("Precedence: Auto_Reply", True),
        ("Precedence: first-class", False),
        ("X-Autoreply: yes", True),
        ("X-Autorespond: x", True),
        ("X-Failed-Recipients: ann@example.org", True),
        ("List-Id: <news.example.org>", True),
        ("Return-Path: <>", True),
        ("Return-Path: < >", True),
        ("Return-Path: <ann@example.org>", False),
        ("Content-Type: multipart/report; report-type=delivery-status; boundary=b", True),
        ("X-Mailer: Robot", False),
    ],
)
def test_what_programs_send(field: str, *, automatic: bool) -> None:
    assert read(f"{HEAD}{field}\r\n\r\nI am away.").is_automatic == automatic


@pytest.mark.parametrize("sender", ["MAILER-DAEMON@example.org", "Postmaster <postmaster@example.org>"])
def test_servers_that_write(sender: str) -> None:
    assert read(f"From: {sender}\r\n\r\nUndeliverable").is_automatic


def test_of_two_versions_the_plain_one() -> None:
    plain, html = part("text/plain; charset=utf-8", "plain"), part("text/html; charset=utf-8", "<p>html</p>")
    for versions in ((plain, html), (html, plain)):
        assert read(HEAD + multipart("alternative", *versions)).text == "plain"
    empty = part("text/plain; charset=utf-8", " \r\n")
    assert read(HEAD + multipart("alternative", empty, html)).text == "html"
    assert read(HEAD + multipart("alternative", part("text/calendar", "BEGIN:VCALENDAR"), html)).text == "html"
    assert read(HEAD + html).text == "html"


def test_text_in_several_parts_with_pictures_between() -> None:
    """Apple Mail puts a picture between two texts."""
    picture = part("image/png", b64encode(b"png").decode(), "Content-Transfer-Encoding: base64", "Content-ID: <1@x>")
    found = read(HEAD + multipart("mixed", part("text/plain", "One"), picture, part("text/plain", "Two")))
    assert found.text == "One\n\nTwo"
    assert found.attachments == (Attachment("image", "image/png", b"png", is_inline=True),)


def test_attachments() -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "ann@example.org", "feedback@example.com", "Pictures"
    message.set_content("See here.")
    message.add_alternative("<p>See <b>here</b>.</p>", subtype="html")
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="Größe & Gewicht.pdf")
    message.add_attachment("a,b\n", subtype="csv", filename="../../etc/passwd")
    message.add_attachment("notes", filename="notes.txt")
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "carl@example.net", "Inner"
    inner.set_content("inside")
    message.add_attachment(inner)
    found = read(message.as_bytes())
    assert found.text == "See here."
    assert [(each.name, each.media_type, each.is_inline) for each in found.attachments] == [
        ("Größe & Gewicht.pdf", "application/pdf", False),
        ("etc passwd", "text/csv", False),
        ("notes.txt", "text/plain", False),
        ("message.eml", "message/rfc822", False),
    ]
    assert [each.content for each in found.attachments[:3]] == [b"%PDF-1.7", b"a,b\n", b"notes\n"]
    assert b"inside" in found.attachments[3].content
    assert found.left_out == 0


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("Content-Disposition: attachment; filename*=UTF-8''na%C3%AFve%20file.txt", "naïve file.txt"),
        ('Content-Disposition: attachment; filename*0="long "; filename*1="name.txt"', "long name.txt"),
        ("Content-Disposition: attachment; filename*0*=utf-8'en'%E2%82%AC; filename*1*=%20.txt", "€ .txt"),
        ('Content-Disposition: attachment; filename="=?utf-8?B?4oKsLnR4dA==?="', "€.txt"),
        ('Content-Disposition: attachment; filename="C:\\\\Users\\\\ann\\\\x.txt"', "C Users ann x.txt"),
        ('Content-Disposition: attachment; filename=".."', "application"),
        ('Content-Disposition: attachment; filename="a\x00b\x1b.txt"', "a b .txt"),
        ("Content-Disposition: attachment", "application"),
        ("Content-Disposition: attachment; filename*=nope''%FF", "ÿ"),
        ("Content-Disposition: attachment; filename=old.txt; filename*=utf-8''n%C3%A9w.txt", "néw.txt"),
        ("Content-Disposition: attachment; filename*1=b; filename*0=a; filename*3=d", "ab"),
        ("Content-Disposition: attachment; filename*=plain.txt", "plain.txt"),
        ("Content-Disposition: attachment; filename*1=b", "application"),
        ('Content-Disposition: attachment ; FileName = "a;b.txt', "a;b.txt"),
    ],
)
def test_names_of_files(field: str, name: str) -> None:
    mail = HEAD + multipart("mixed", part("application/x-thing", "x", field))
    (attachment,) = read(mail).attachments
    assert attachment.name == name


def test_no_more_attachments_than_anybody_looks_at() -> None:
    file = part("application/x-thing", "x", "Content-Disposition: attachment; filename=x")
    large = part("application/x-thing", "x" * (10 * 1024 * 1024 + 1), "Content-Disposition: attachment; filename=large")
    found = read(HEAD + multipart("mixed", large, *[file] * 25))
    assert [each.name for each in found.attachments] == ["x"] * 20
    assert found.left_out == 6


def test_seals_are_not_for_people() -> None:
    mail = HEAD + multipart("signed", part("text/plain", "Hello"), part("application/pgp-signature", "-----BEGIN"))
    assert (read(mail).text, read(mail).attachments) == ("Hello", ())


@pytest.mark.parametrize(
    ("charset", "content", "text"),
    [
        ("utf-8", "Grüße €".encode(), "Grüße €"),
        ("iso-8859-1", "Grüße €".encode("cp1252"), "Grüße €"),
        ("us-ascii", "Grüße".encode(), "Grüße"),
        ("ISO-8859-15", "Grüße €".encode("iso8859-15"), "Grüße €"),
        ("koi8-r", "Привет".encode("koi8-r"), "Привет"),
        ("iso-2022-jp", "こんにちは".encode("iso2022_jp"), "こんにちは"),
        ("Shift_JIS", "こんにちは".encode("shift_jis"), "こんにちは"),
        ("gb2312", "你好".encode("gb2312"), "你好"),
        ("utf-16", "Hi ü".encode("utf-16"), "Hi ü"),
        ("unknown-8bit", "Grüße".encode("latin-1"), "Grüße"),
        ("utf-8", b"Gr\xfc\xdfe", "Gr\ufffd\ufffde"),
        ("idna", b"xn--a", "xn--a"),
        ("unicode_escape", b"\\u0041\\q", "\\u0041\\q"),
        ("zlib", b"x", "x"),
        ("undefined", b"x", "x"),
        ("a\x00b", b"x", "x"),
        ("", b"x", "x"),
    ],
)
def test_charsets(charset: str, content: bytes, text: str) -> None:
    head = f'{HEAD}Content-Type: text/plain; charset="{charset}"\r\nContent-Transfer-Encoding: '.encode()
    assert read(head + b"base64\r\n\r\n" + b64encode(content)).text == text
    assert read(head + b"8bit\r\n\r\n" + content).text == text


@pytest.mark.parametrize(
    ("encoding", "content", "text"),
    [
        ("quoted-printable", "a=C3=BC=\n=3D b=", "aü= b"),
        ("Quoted-Printable ", "=ZZ=4", "=ZZ=4"),
        ("base64", "SGVsbG8", "Hello"),
        ("BASE64", "S G V\r\ns!b*G8=\r\n\r\nSent by a list", "Hello"),
        ("base64", "SGVsb", "Hel"),
        ("base64", "=", ""),
        ("x-strange", "Hello", "Hello"),
        ("", "Hello", "Hello"),
    ],
)
def test_transfer_encodings(encoding: str, content: str, text: str) -> None:
    mail = f"{HEAD}Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{content}"
    assert read(mail).text == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
        ("=?utf-8?q?=C3?= =?utf-8?q?=BC?=", "ü"),
        ("=?utf-8?b?w7w?=", "ü"),
        ("=?iso-8859-1*en?Q?=FC_=5F?=", "ü _"),
        ("=?nope?q?x?=", "x"),
        ("=?utf-8?x?a?=", "=?utf-8?x?a?="),
        ("=?utf-8?q?a b?=", "=?utf-8?q?a b?="),
        ("a =?utf-8?q?=0D=0ABcc:_e@e.org?=", "a Bcc: e@e.org"),
        ("Grüße", "Grüße"),
    ],
)
def test_subjects(value: str, text: str) -> None:
    assert read(f"{HEAD}Subject: {value}\r\n\r\n").subject == text


def test_raw_bytes_in_a_header() -> None:
    assert read(b"From: J\xf6rg <ann@example.org>\r\nSubject: Gr\xc3\xbc\xc3\x9fe\r\n\r\n").sender.name == "Jörg"
    assert read(b"From: J\xf6rg <ann@example.org>\r\nSubject: Gr\xc3\xbc\xc3\x9fe\r\n\r\n").subject == "Grüße"


def test_paragraphs_that_were_wrapped_are_whole_again() -> None:
    """RFC 3676."""
    head = f"{HEAD}Content-Type: text/plain; charset=utf-8; format=flowed"
    text = "This is one \nparagraph.\n From here \non another.\n\n-- \nAnn"
    assert read(f"{head}\r\n\r\n{text}").text == "This is one paragraph.\nFrom here on another."
    assert read(f"{head}; delsp=yes\r\n\r\n日本 \n語").text == "日本語"
    assert read(f"{head}\r\n\r\nA \n> B \n> C\nD").text == "A\n> B C\nD"


def test_who_forwards_means_all_of_it() -> None:
    body = "FYI\r\n\r\nFrom: Carl\r\nSent: Monday\r\nTo: Ann\r\nSubject: Broken\r\n\r\nIt broke."
    assert read(f"{HEAD}Subject: Fwd: Broken\r\n\r\n{body}").text == body.replace("\r\n", "\n")
    assert read(f"{HEAD}Subject: WG: Broken\r\n\r\n{body}").text == body.replace("\r\n", "\n")
    assert read(f"{HEAD}Subject: Re: Broken\r\n\r\n{body}").text == "FYI"
