"""What is wrong with a mail harms nobody: it is read as far as it can be, or refused."""

import time
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.kernel.incoming_mail import HEAD, multipart, part, read, refusal
from userhero.kernel import clock
from userhero.kernel.mail.reading import UnreadableMail, read_incoming


def test_what_is_too_much_is_refused() -> None:
    assert refusal(HEAD.encode() + b"\r\n" + b"x" * (25 * 1024 * 1024)) == "it is larger than 25 MiB"
    assert refusal(HEAD + "X: y\r\n" * 30_000 + "\r\n") == "its header is too long"
    assert refusal(HEAD + multipart("mixed", *[part("text/plain", "x")] * 201)) == "it has too many parts"
    nested = part("text/plain", "deep")
    for level in range(11):
        nested = multipart("mixed", nested, boundary=f"b{level}")
    assert refusal(HEAD + nested) == "its parts are nested too deep"
    endless = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(5_000))
    assert refusal(HEAD + endless) == "its parts are nested too deep"


def test_ten_levels_are_fine() -> None:
    nested = part("text/plain", "deep")
    for level in range(10):
        nested = multipart("mixed", nested, boundary=f"b{level}")
    assert read(HEAD + nested).text == "deep"


@pytest.mark.parametrize(
    ("mail", "text"),
    [
        ("Content-Type: multipart/mixed\r\n\r\nno boundary", "no boundary"),
        ('Content-Type: multipart/mixed; boundary=""\r\n\r\nempty boundary', "empty boundary"),
        ("Content-Type: multipart/mixed; boundary=b\r\n\r\nnever begun", "never begun"),
        ("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nnever ended", "never ended"),
        ("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--bb\r\n--b--\r\nepilogue", "one\n--bb"),
        ("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b \t\r\n\r\nblanks\r\n--b-- \r\n", "blanks"),
        (
            "Content-Type: multipart/mixed; boundary*0=b; boundary*1=c\r\n\r\n--bc\r\n\r\nin pieces\r\n--bc--",
            "in pieces",
        ),
        ("Content-Type: text\r\n\r\nno such type", "no such type"),
        ("Content-Type: text/plain; charset\r\n\r\nno value", "no value"),
        ("Content-Type: ;;;\r\n\r\nnothing", "nothing"),
        ("no colon\r\nContent-Type: text/plain\r\n\r\nstray line", "stray line"),
        ("\r\nbody", "body"),
        ("", ""),
    ],
)
def test_damaged_mails_are_read_as_far_as_they_go(mail: str, text: str) -> None:
    assert read(HEAD + mail).text == text


def test_line_feeds_alone_will_do() -> None:
    mail = (HEAD + multipart("mixed", part("text/plain", "a\r\nb"))).replace("\r\n", "\n")
    assert read_incoming(mail.encode()).text == "a\nb"


fragments = st.sampled_from(
    [
        b"\r\n",
        b"\n",
        b"\r\n\r\n",
        b"--b",
        b"--b\r\n",
        b"--b--\r\n",
        b"Content-Type: ",
        b"multipart/mixed; boundary=b\r\n",
        b"multipart/alternative; boundary=b\r\n",
        b'multipart/digest; boundary="b\r\n',
        b"text/html",
        b"message/rfc822\r\n",
        b"; charset=",
        b"utf-16",
        b"idna",
        b"undefined",
        b"; name*=",
        b"; name*0*=",
        b"''%FF",
        b"; name*1=",
        b"; *",
        b"=?",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Transfer-Encoding: quoted-printable\r\n",
        b"=",
        b"=?utf-8?b?",
        b"Content-Disposition: attachment; filename=",
        b"From: ",
        b"ann@example.org",
        b"To: ",
        b"Subject: ",
        b"References: <",
        b'"',
        b"(",
        b")",
        b"<",
        b">",
        b"\\",
        b"@",
        b":",
        b";",
        b",",
        b"\x00",
        b"\xff",
        b"\x1b$B",
        b" ",
        b"\t",
        b"<!--",
        b"<a '",
        b"Auto-Submitted: ",
        b"format=flowed",
        b"On Mon 10:12 x wrote:\r\n",
        b"> q\r\n",
        b"-- \r\n",
        b"1" * 5000,
    ]
)


@settings(max_examples=500)
@given(st.lists(fragments | st.binary(max_size=12), max_size=40).map(b"".join))
@example(b"Message-ID: <[x].y@[z]>\r\nContent-Type: text/plain; name*\r\nTo: (c):\r\n\r\n")
@example(b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: a/b; name*=x; name*0*=y; name*1*\r\n")
@example(b'Content-Type: text/plain; name*99999999999999999999*="x"\r\n\r\n')
@example(b"Content-Type: multipart/mixed; boundary*=idna''%FF\r\n\r\n--\xff\r\n")
def test_no_mail_does_more_than_be_refused(data: bytes) -> None:
    for mail in (data, b"From: ann@example.org\r\n" + data):
        try:
            found = read_incoming(mail)
        except UnreadableMail:
            continue
        assert found.subject.isprintable() or not found.subject
        assert "\x00" not in found.text
        assert "@" in found.sender.address
        for attachment in found.attachments:
            assert attachment.name
            assert "/" not in attachment.name


@settings(max_examples=150)
@given(st.data())
def test_a_mail_that_was_damaged_on_its_way_does_not_either(data: st.DataObject) -> None:
    whole = bytearray(
        (HEAD + multipart("mixed", part("text/plain; charset=utf-8", "Grüße"), part("text/html", "<p>x"))).encode()
    )
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(whole) - 1))
        whole[place : place + data.draw(st.integers(0, 9))] = data.draw(fragments | st.binary(max_size=4))
    with suppress(UnreadableMail):
        assert read_incoming(bytes(whole)).sender.address


@pytest.mark.parametrize(
    ("head", "unit"),
    [
        ("", "\n"),
        ("Content-Type: text/plain; format=flowed\r\n", ">>a \n"),
        ("Content-Type: text/html\r\n", "<div>"),
        ("Content-Type: multipart/mixed; boundary=b\r\n", "--bx\n"),
        ("Content-Transfer-Encoding: base64\r\n", "=\n"),
        ("Content-Transfer-Encoding: quoted-printable\r\n", " "),
    ],
)
def test_large_mails_take_time_in_line_with_their_size(head: str, unit: str) -> None:
    mail = f"{HEAD}{head}\r\n{unit * (8_000_000 // len(unit))}".encode()
    started = clock.monotonic()
    read_incoming(mail)
    assert clock.monotonic() - started < 8


def test_long_headers_take_no_time() -> None:
    started = time.perf_counter()
    for unit in ('"a', "(", "<", "=?utf-8?q?", "a:", ";a*0", "<a@b>", "ann@example.org, "):
        for field in ("To", "Subject", "References", "Content-Type", "Content-Disposition"):
            read(f"From: ann@example.org\r\n{field}: {unit * (100_000 // len(unit))}\r\n\r\n")
    assert time.perf_counter() - started < 8
