"""Taking mail over SMTP and LMTP, from clients that behave and others."""

import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field

import pytest

from tests.support.mail_servers import HOST
from userhero.kernel.config import ConfigurationError, Settings
from userhero.kernel.errors import ServiceUnavailable
from userhero.kernel.mail import listener as listener_module
from userhero.kernel.mail import reception
from userhero.kernel.mail.listener import AT_ONCE, MAX_CONNECTIONS, MailListener
from userhero.kernel.mail.reading.structure import MAX_BYTES
from userhero.kernel.mail.reception import MAX_BLUNDERS, MAX_LINE, MAX_SMALL, MAX_TALK, Language, Pace, Reply
from userhero.kernel.mail.ways_in import Listening, WaysIn, read_ways_in

KNOWN = "reply@example.com"


@dataclass
class Counter:
    """A desk that knows one address; ``trouble`` is raised instead, ``fault`` where it is asked for one."""

    taken: list[tuple[str, str, bytes]] = field(default_factory=list)
    reply: Reply = field(default_factory=lambda: Reply(250, "2.0.0 Taken"))
    trouble: Exception | None = None
    fault: Exception | None = None
    asked: threading.Event = field(default_factory=threading.Event)
    open: threading.Event = field(default_factory=threading.Event)

    def knows(self, recipient: str) -> bool:
        if isinstance(self.trouble, ServiceUnavailable):
            raise self.trouble
        if self.fault is not None:
            raise self.fault
        return recipient == KNOWN

    def take(self, sender: str, recipient: str, content: bytes) -> Reply:
        self.asked.set()
        self.open.wait(20)
        if self.trouble is not None:
            raise self.trouble
        self.taken.append((sender, recipient, content))
        return self.reply


@contextmanager
def listening(desk: Counter, language: Language = "smtp", pace: Pace | None = None) -> Iterator[int]:
    listener = MailListener(Listening(language, HOST, 0), pace=pace)
    listener.start(desk)
    try:
        yield listener.port
    finally:
        listener.stop()


@pytest.fixture
def desk() -> Counter:
    counter = Counter()
    counter.open.set()
    return counter


@pytest.fixture
def port(desk: Counter) -> Iterator[int]:
    with listening(desk) as found:
        yield found


class Line:
    """A connection on which a test says what it likes."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection((HOST, port), 20)
        self._heard = self._socket.makefile("rb")

    def hear(self) -> str:
        """The last line of the next reply; empty where the connection ended."""
        while (line := self._heard.readline().decode())[3:4] == "-":
            pass
        return line.rstrip("\r\n")

    def say(self, *lines: str | bytes) -> str:
        """Say lines one after the other; returns the reply to the last."""
        heard = ""
        for line in lines:
            self._socket.sendall((line.encode() if isinstance(line, str) else line) + b"\r\n")
            heard = self.hear()
        return heard

    def close(self) -> None:
        self._heard.close()
        self._socket.close()


@pytest.fixture
def line(port: int) -> Iterator[Line]:
    with closing(Line(port)) as found:
        assert found.hear().startswith("220 ")
        yield found


TO_DATA = ("EHLO me", "MAIL FROM:<ann@example.org>", f"RCPT TO:<{KNOWN}>", "DATA")


@pytest.mark.parametrize("language", ["smtp", "lmtp"])
def test_a_mail_arrives_as_it_was_sent(desk: Counter, language: Language) -> None:
    text = "From: ann@example.org\r\n\r\n.hidden\r\n..\r\n\r\nEnd"
    client = smtplib.LMTP if language == "lmtp" else smtplib.SMTP
    with listening(desk, language) as port, client(HOST, port, local_hostname="me") as smtp:
        assert smtp.sendmail("ann@example.org", KNOWN, text, ["SIZE=60", "BODY=8BITMIME", "SMTPUTF8"]) == {}
        smtp.sendmail("", KNOWN, "again")
    assert desk.taken == [("ann@example.org", KNOWN, text.encode() + b"\r\n"), ("", KNOWN, b"again\r\n")]


def test_the_other_language_is_not_spoken(desk: Counter, line: Line) -> None:
    assert line.say("LHLO me").startswith("500 ")
    with listening(desk, "lmtp") as port, closing(Line(port)) as other:
        other.hear()
        assert other.say("EHLO me").startswith("500 ")


def test_many_mails_at_once_over_one_connection(desk: Counter, line: Line) -> None:
    """PIPELINING: all of it in one piece."""
    mail = "MAIL FROM:<ann@example.org>\r\nRCPT TO:<reply@example.com>\r\nDATA"
    line.say("EHLO me")
    assert line.say(mail).startswith("250 ")
    assert [line.hear()[:3] for _ in range(2)] == ["250", "354"]
    assert line.say(f"One\r\n.\r\n{mail}").startswith("250 2.0.0")
    assert [line.hear()[:3] for _ in range(3)] == ["250", "250", "354"]
    assert line.say("Two\r\n.\r\nQUIT").startswith("250 2.0.0")
    assert line.hear().startswith("221 ")
    assert [content for _, _, content in desk.taken] == [b"One\r\n", b"Two\r\n"]


def test_unknown_addresses_are_refused_before_the_mail_comes(line: Line) -> None:
    line.say("EHLO me", "MAIL FROM:<ann@example.org>")
    assert line.say("RCPT TO:<other@example.com>") == "550 5.1.1 There is no such address"
    assert line.say("DATA").startswith("503 ")


def test_one_recipient_at_a_time(line: Line) -> None:
    line.say("EHLO me", "MAIL FROM:<ann@example.org>", f"RCPT TO:<{KNOWN}>")
    assert line.say(f"RCPT TO:<{KNOWN}>").startswith("452 ")
    assert line.say("DATA").startswith("354 ")


@pytest.mark.parametrize("problem", [ServiceUnavailable("The database is away."), RuntimeError("a fault")])
def test_what_can_not_be_taken_now_comes_again(desk: Counter, line: Line, problem: Exception) -> None:
    line.say(*TO_DATA)
    desk.trouble = problem
    assert line.say("Hello\r\n.") == "451 4.3.0 Try again later"
    desk.trouble = ServiceUnavailable("The database is away.")
    assert line.say(*TO_DATA[1:3]) == "451 4.3.0 Try again later"
    desk.trouble = None
    assert line.say(TO_DATA[2], "DATA", "Hello\r\n.").startswith("250 ")
    assert len(desk.taken) == 1


def test_the_desk_s_word_on_it_is_passed_on(desk: Counter, line: Line) -> None:
    desk.reply = Reply(550, "5.7.1 Nö,\r\n250 OK")
    assert line.say(*TO_DATA, "Hello\r\n.") == "550 5.7.1 N?, 250 OK"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (("MAIL FROM:<ann@example.org>",), 503),
        (("EHLO",), 501),
        (("EHLO me", f"RCPT TO:<{KNOWN}>"), 503),
        (("EHLO me", "MAIL FROM:ann@example.org"), 501),
        (("EHLO me", "MAIL TO:<ann@example.org>"), 501),
        (("EHLO me", "MAIL FROM:<ann@example.org> WHAT=ever"), 555),
        (("EHLO me", "MAIL FROM:<ann@example.org>", "MAIL FROM:<ann@example.org>"), 503),
        (("EHLO me", "MAIL FROM:<ann@example.org>", "RCPT"), 501),
        (("EHLO me", "MAIL FROM:<ann@example.org>", f"RCPT TO:<{KNOWN}> NOTIFY=NEVER"), 555),
        (("EHLO me", *TO_DATA[1:3], "RSET", "DATA"), 503),
        (("EHLO me", "STARTTLS"), 500),
        (("AUTH PLAIN",), 500),
        (("",), 500),
        ((b"\xff\xfe\x00",), 500),
        (("x" * (MAX_LINE + 1),), 500),
        (("x" * 500_000,), 500),
        (("VRFY ann",), 252),
        (("NOOP",), 250),
        (("HELO me",), 250),
        (("ehlo me", "mail from: <>", f"Rcpt To: <{KNOWN}>"), 250),
    ],
)
def test_what_is_said(line: Line, said: tuple[str, ...], code: int) -> None:
    assert line.say(*said)[:3] == str(code)
    assert line.say("NOOP").startswith("250 ")


def test_who_makes_too_many_mistakes_is_hung_up_on(line: Line) -> None:
    for _ in range(MAX_BLUNDERS):
        assert line.say("WHAT").startswith("500 ")
    line.say("WHAT")
    assert line.hear().startswith("421 ")
    assert line.hear() == ""


def test_mails_of_25_mib_and_no_more(desk: Counter, line: Line) -> None:
    line.say("EHLO me")
    assert line.say(f"MAIL FROM:<ann@example.org> SIZE={MAX_BYTES + 1}").startswith("552 ")
    whole = b"x" * (MAX_BYTES - 2)
    assert line.say(*TO_DATA[1:], whole + b"\r\n.").startswith("250 ")
    assert line.say(*TO_DATA[1:], whole + b"y\r\n.").startswith("552 ")
    assert [len(content) for _, _, content in desk.taken] == [MAX_BYTES]
    assert line.say("NOOP").startswith("250 ")


def test_a_mail_that_ends_before_its_end_is_none(desk: Counter, port: int) -> None:
    with closing(Line(port)) as line:
        line.hear()
        assert line.say(*TO_DATA).startswith("354 ")
        line._socket.sendall(b"Half\r\n.\nof it")
    with closing(Line(port)) as line:
        assert line.hear().startswith("220 ")
    assert desk.taken == []


def test_an_empty_mail(desk: Counter, line: Line) -> None:
    assert line.say(*TO_DATA, ".").startswith("250 ")
    assert desk.taken[0][2] == b""


def test_who_is_silent_is_hung_up_on(desk: Counter) -> None:
    with listening(desk, pace=Pace(idle=0.05)) as port, closing(Line(port)) as line:
        assert line.hear().startswith("220 ")
        assert line.hear() == "421 4.4.2 That took too long"
        assert line.hear() == ""


def test_a_mail_has_to_come_within_its_time(desk: Counter) -> None:
    with listening(desk, pace=Pace(mail=0.05)) as port, closing(Line(port)) as line:
        line.hear()
        assert line.say(*TO_DATA).startswith("354 ")
        assert line.hear().startswith("421 ")


def test_so_many_connections(desk: Counter, port: int) -> None:
    lines = [Line(port) for _ in range(MAX_CONNECTIONS)]
    assert all(line.hear().startswith("220 ") for line in lines)
    with closing(Line(port)) as one_more:
        assert one_more.hear().startswith("421 ")
    assert lines[0].say("QUIT").startswith("221 ")
    assert lines[0].hear() == ""
    lines[0].close()
    for line in lines[1:]:
        assert line.say("NOOP").startswith("250 ")
        line.close()


def test_what_is_at_hand_is_finished(desk: Counter) -> None:
    """Whoever stops the server loses no mail, and waits for no client."""
    desk.open.clear()
    listener = MailListener(Listening("smtp", HOST, 0))
    listener.start(desk)
    with closing(Line(listener.port)) as idle, closing(Line(listener.port)) as line:
        idle.hear()
        line.hear()
        assert line.say(*TO_DATA).startswith("354 ")
        line._socket.sendall(b"Hello\r\n.\r\n")
        assert desk.asked.wait(20)
        stopping = threading.Thread(target=listener.stop)
        stopping.start()
        assert idle.hear() == ""
        desk.open.set()
        assert [line.hear()[:3] for _ in range(3)] == ["250", "421", ""]
        stopping.join()
    assert len(desk.taken) == 1


def test_an_address_that_somebody_has(port: int) -> None:
    with pytest.raises(ConfigurationError, match="can't take mail on"):
        MailListener(Listening("smtp", HOST, port))


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("lmtp://127.0.0.1:2424", Listening("lmtp", "127.0.0.1", 2424)),
        ("smtp://0.0.0.0:25", Listening("smtp", "0.0.0.0", 25)),
        ("smtp://[::1]:2525", Listening("smtp", "::1", 2525)),
    ],
)
def test_settings(url: str, found: Listening) -> None:
    ways = read_ways_in(Settings(reply_domain="Reply.Example.com", mail_listen=url))
    assert ways == WaysIn(domain="reply.example.com", listening=found)


@pytest.mark.parametrize(
    "url",
    ["127.0.0.1:25", "smtp://127.0.0.1", "smtp://:25", "http://127.0.0.1:25", "smtp://u:p@127.0.0.1:25", "smtp://h:99999",
     "smtp://h:25/path", "smtp://[::1", ""],
)  # fmt: skip
def test_settings_that_make_no_sense(url: str) -> None:
    with pytest.raises(ConfigurationError, match="USERHERO_MAIL_LISTEN"):
        read_ways_in(Settings(reply_domain="example.com", mail_listen=url))


def test_an_address_to_listen_on_needs_a_domain() -> None:
    with pytest.raises(ConfigurationError, match="USERHERO_REPLY_DOMAIN"):
        read_ways_in(Settings(mail_listen="lmtp://127.0.0.1:2424"))
    for domain in ("a@example.com", "exa mple", "-", "a." * 99 + "example"):
        with pytest.raises(ConfigurationError, match="USERHERO_REPLY_DOMAIN"):
            read_ways_in(Settings(reply_domain=domain))


def test_who_only_talks_is_hung_up_on(line: Line) -> None:
    for _ in range(MAX_TALK):
        assert line.say("NOOP").startswith("250 ")
    line.say("NOOP")
    assert line.hear().startswith("421 ")
    assert line.hear() == ""


def test_who_tries_addresses_is_hung_up_on(line: Line) -> None:
    line.say("EHLO me", "MAIL FROM:<ann@example.org>")
    for number in range(MAX_BLUNDERS):
        assert line.say(f"RCPT TO:<reply+{number}@example.com>").startswith("550 ")
    line.say("RCPT TO:<other@example.com>")
    assert line.hear().startswith("421 ")


def test_a_fault_while_asking_for_an_address_is_no_answer(desk: Counter, line: Line) -> None:
    desk.fault = RuntimeError("a fault")
    assert line.say(*TO_DATA[:3]) == "451 4.3.0 Try again later"
    desk.fault = None
    assert line.say(*TO_DATA[2:], "Hello\r\n.").startswith("250 ")


@pytest.mark.parametrize("begun", [b"Half of\r\n", b"x" * 2 * MAX_SMALL])
def test_who_sends_slowly_holds_up_nobody_with_a_short_mail(desk: Counter, port: int, begun: bytes) -> None:
    with ExitStack() as open_lines:
        slow = [open_lines.enter_context(closing(Line(port))) for _ in range(AT_ONCE)]
        for each in slow:
            each.hear()
            assert each.say(*TO_DATA).startswith("354 ")
            each._socket.sendall(begun)
        line = open_lines.enter_context(closing(Line(port)))
        line.hear()
        assert line.say(*TO_DATA, "Hello\r\n.").startswith("250 ")
        assert [content for _, _, content in desk.taken] == [b"Hello\r\n"]
        assert all(each.say("\r\n.").startswith("250 ") for each in slow)


def test_who_does_not_read_is_hung_up_on(desk: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left to say to them would keep the connection open for ever."""
    monkeypatch.setattr(listener_module, "_PARTING_SECONDS", 0.05)
    monkeypatch.setattr(reception, "MAX_TALK", 10**9)
    with listening(desk, pace=Pace(idle=0.2)) as port, closing(socket.socket()) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.settimeout(20)
        deaf.connect((HOST, port))
        with pytest.raises(ConnectionError):
            deaf.sendall(b"NOOP\r\n" * 5_000_000)
