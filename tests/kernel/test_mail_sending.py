"""Mail goes out over real connections, and each failure is told for what it is."""

import socket
import threading
from collections.abc import Callable, Iterator
from email import message_from_bytes
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support.live import free_port
from tests.support.mail_servers import (
    HOST,
    PASSWORD,
    USER,
    Authority,
    Post,
    Talk,
    make_authority,
    post_office,
    script,
    stranger,
)
from userhero.kernel import clock
from userhero.kernel.config import ConfigurationError
from userhero.kernel.mail import Delayed, Letter, Mailbox, Mailer, Refused, Sent
from userhero.kernel.mail.server import read_server

SENDER = Mailbox("feedback@example.com", "Acme")
LARGE = Letter(
    id="large", sender=SENDER, recipient=Mailbox("ann@example.org"), subject="Large", text=("x" * 70 + "\n") * 200_000
)
HELLO = "250-test\r\n250 SIZE 100000"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def post() -> Iterator[Post]:
    """A server on this machine that asks for nothing."""
    with post_office() as office:
        yield office


def letter(number: int = 1, recipient: str = "ann@example.org", text: str = "Hello.\n.\nBye.") -> Letter:
    return Letter(id=f"mail_{number}", sender=SENDER, recipient=Mailbox(recipient), subject=f"No {number}", text=text)


def mailer(url: str, authority: Authority | None = None, *, seconds: float = 10.0) -> Mailer:
    tls = authority.client if authority else None
    return Mailer(read_server(url), SENDER, tls=tls, connect_seconds=seconds, exchange_seconds=seconds)


def credentials(password: str = PASSWORD) -> str:
    return f"{quote(USER, safe='')}:{quote(password, safe='')}"


def test_a_letter_arrives_as_it_was_written(post: Post) -> None:
    assert mailer(f"smtp://{HOST}:{post.port}").send(letter()) == Sent("250 OK")
    (taken,) = post.mails
    assert (taken.sender, taken.recipient) == ("feedback@example.com", "ann@example.org")
    message = message_from_bytes(taken.content)
    assert message["Message-ID"] == "<mail_1@example.com>"
    assert message.get_payload() == "Hello.\r\n.\r\nBye.\r\n"
    assert not taken.is_encrypted


def test_a_batch_shares_one_connection(post: Post) -> None:
    with mailer(f"smtp://{HOST}:{post.port}").batch() as batch:
        assert [batch.send(letter(number)) for number in range(3)] == [Sent("250 OK")] * 3
    assert post.connections == 1
    assert [taken.recipient for taken in post.mails] == ["ann@example.org"] * 3


def test_a_long_batch_takes_more_than_one(post: Post) -> None:
    with mailer(f"smtp://{HOST}:{post.port}").batch() as batch:
        assert all(isinstance(batch.send(letter(number)), Sent) for number in range(51))
    assert post.connections == 2


@pytest.mark.parametrize(
    ("command", "reply", "outcome"),
    [
        ("RCPT", "550 5.1.1 No such user", Refused("550 5.1.1 No such user")),
        ("RCPT", "450 4.2.0 Greylisted, come back", Delayed("450 4.2.0 Greylisted, come back")),
        ("RCPT", "452 4.2.2 Mailbox full", Delayed("452 4.2.2 Mailbox full")),
        ("DATA", "554 5.7.1 Spam", Refused("554 5.7.1 Spam")),
        ("DATA", "451 4.3.0 Try later", Delayed("451 4.3.0 Try later")),
        ("MAIL", "552 5.3.4 Too big", Refused("552 5.3.4 Too big")),
        ("MAIL", "451 4.7.1 Busy", Delayed("451 4.7.1 Busy")),
        ("MAIL", "550 5.7.1 Not yours", Delayed("The mail server refuses our sender: 550 5.7.1 Not yours")),
        ("RCPT", "530 5.7.0 Sign in", Delayed("The mail server wants us to sign in: 530 5.7.0 Sign in")),
    ],
)
def test_what_the_server_says_decides(post: Post, command: str, reply: str, outcome: object) -> None:
    post.replies[command] = [reply]
    with mailer(f"smtp://{HOST}:{post.port}").batch() as batch:
        assert batch.send(letter(1)) == outcome
        assert post.mails == []
        assert batch.send(letter(2)) == Sent("250 OK"), "what befell one letter is no matter of the next"


def test_a_mail_larger_than_the_server_takes_is_refused() -> None:
    with post_office(size=2000) as post:
        outcome = mailer(f"smtp://{HOST}:{post.port}").send(letter(text="word " * 1000))
    assert isinstance(outcome, Refused)
    assert outcome.reason.startswith("552")


def test_a_letter_that_is_none_is_refused_before_anybody_is_called(post: Post) -> None:
    outcome = mailer(f"smtp://{HOST}:{post.port}").send(
        letter(recipient="ann@example.org\r\nRCPT TO:<eve@example.org>")
    )
    assert outcome == Refused("its recipient has no valid e-mail address")
    assert post.connections == 0


def test_starttls_and_signing_in(authority: Authority) -> None:
    with post_office(starttls=authority.server, login=True) as post:
        outcome = mailer(f"smtp+starttls://{credentials()}@localhost:{post.port}", authority).send(letter())
    assert outcome == Sent("250 OK")
    assert [(taken.is_encrypted, taken.user) for taken in post.mails] == [(True, USER)]


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_tls_from_the_first_byte_and_signing_in(authority: Authority, mechanism: str) -> None:
    with post_office(tls=authority.server, login=True, mechanisms=[mechanism]) as post:
        outcome = mailer(f"smtps://{credentials()}@{HOST}:{post.port}", authority).send(letter())
    assert outcome == Sent("250 OK")
    assert [taken.user for taken in post.mails] == [USER]


def test_a_wrong_password_is_no_fault_of_the_mail(authority: Authority) -> None:
    with post_office(starttls=authority.server, login=True) as post:
        sending = mailer(f"smtp+starttls://{credentials('hunter2hunter2')}@localhost:{post.port}", authority)
        with sending.batch() as batch:
            outcomes = [batch.send(letter(number)) for number in range(3)]
    assert (
        outcomes == [Delayed("The mail server does not let us sign in (it answers 535): check user and password")] * 3
    )
    assert post.connections == 1, "it is not asked again and again"
    assert post.mails == []


def test_nothing_leaves_in_the_clear_where_tls_is_asked_for(authority: Authority, post: Post) -> None:
    outcome = mailer(f"smtp+starttls://{credentials()}@localhost:{post.port}", authority).send(letter())
    assert outcome == Delayed("The mail server does not offer STARTTLS, without which mail would travel in the clear")
    assert post.mails == []


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_a_certificate_that_nobody_vouches_for(authority: Authority, tmp_path: Path, scheme: str) -> None:
    stranger_authority = make_authority(tmp_path)
    office = post_office(tls=authority.server) if scheme == "smtps" else post_office(starttls=authority.server)
    with office as post:
        outcome = mailer(f"{scheme}://{HOST}:{post.port}", stranger_authority).send(letter())
    assert isinstance(outcome, Delayed)
    assert "certificate that is not trusted" in outcome.reason
    assert post.mails == []


def test_a_certificate_of_another_host(authority: Authority) -> None:
    with post_office(tls=authority.server) as post:
        outcome = mailer(f"smtps://127.0.0.2:{post.port}", authority).send(letter())
        assert outcome == Delayed("The mail server refuses connections"), "it listens on one address"
        server = read_server(f"smtps://{HOST}:{post.port}")
        context = authority.client()
        wrap = context.wrap_socket

        class Elsewhere:
            """Checks for another name than it connects to."""

            def wrap_socket(self, sock: socket.socket, server_hostname: str) -> object:
                assert server_hostname == HOST
                return wrap(sock, server_hostname="mail.example.com")

        outcome = Mailer(server, SENDER, tls=Elsewhere).send(letter())  # type: ignore[arg-type]
    assert isinstance(outcome, Delayed)
    assert "not trusted" in outcome.reason


def test_what_was_said_before_tls_does_not_count(authority: Authority) -> None:
    """A man in the middle may put answers in front of the encrypted ones."""

    def talk(connection: socket.socket, over: threading.Event) -> None:
        script("220 test", "250-test\r\n250 STARTTLS", "220 go on\r\n250-test\r\n250 AUTH PLAIN\r\n235 welcome")(
            connection, over
        )
        with authority.server.wrap_socket(connection, server_side=True) as encrypted:
            heard.append(encrypted.recv(100))

    heard: list[bytes] = []
    with stranger(talk) as port:
        outcome = mailer(f"smtp+starttls://{credentials()}@localhost:{port}", authority, seconds=2).send(letter())
    assert isinstance(outcome, Delayed)
    assert heard[0].lower().startswith(b"ehlo"), "the server is asked again, and no password is sent yet"


@pytest.mark.parametrize("mechanisms", ["CRAM-MD5 XOAUTH2", ""])
def test_unknown_ways_to_sign_in(mechanisms: str) -> None:
    with stranger(script("220 test", f"250-test\r\n250 AUTH {mechanisms}", "221 bye")) as port:
        outcome = mailer(f"smtp://{credentials()}@{HOST}:{port}").send(letter())
    assert outcome == Delayed("The mail server offers no way to sign in that is known here (PLAIN, LOGIN)")


def test_a_server_that_repeats_a_password_is_not_quoted() -> None:
    def talk(connection: socket.socket, _over: threading.Event) -> None:
        lines = connection.makefile("rb")
        connection.sendall(b"220 test\r\n")
        lines.readline()
        connection.sendall(b"250-test\r\n250 AUTH PLAIN\r\n")
        connection.sendall(b"501 what is " + lines.readline().strip() + b"\r\n")

    with stranger(talk) as port:
        outcome = mailer(f"smtp://{credentials()}@{HOST}:{port}").send(letter())
    assert outcome == Delayed("The mail server does not let us sign in (it answers 501): check user and password")


def test_addresses_beyond_ascii_need_a_server_that_takes_them() -> None:
    for international, expected in ((True, Sent("250 OK")), (False, Refused)):
        with post_office(international=international) as post:
            outcome = mailer(f"smtp://{HOST}:{post.port}").send(letter(recipient="jörg@bücher.example"))
        if international:
            assert outcome == expected
            (taken,) = post.mails
            assert taken.recipient == "jörg@xn--bcher-kva.example"
            assert "SMTPUTF8" in taken.options
            assert "To: jörg@xn--bcher-kva.example\r\n".encode() in taken.content
        else:
            assert isinstance(outcome, Refused)
            assert post.mails == []


def silent(_connection: socket.socket, over: threading.Event) -> None:
    over.wait(20)


def dripping(connection: socket.socket, over: threading.Event) -> None:
    """Each byte comes before any timeout of a single read."""
    connection.sendall(b"220-")
    while not over.wait(0.02):
        connection.sendall(b"x")


def chatting(connection: socket.socket, over: threading.Event) -> None:
    while not over.is_set():
        connection.sendall(b"220-and another thing\r\n" * 1000)


def deaf(connection: socket.socket, over: threading.Event) -> None:
    """Takes the greeting and then reads no more, with a small window."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    script("220 test", "250 test", "250 OK", "250 OK", "354 go on")(connection, over)
    over.wait(20)


@pytest.mark.parametrize("talk", [silent, dripping, deaf])
def test_no_server_holds_a_worker_for_longer_than_the_deadline(talk: Talk) -> None:
    started = clock.monotonic()
    with stranger(talk) as port:
        outcome = mailer(f"smtp://{HOST}:{port}", seconds=0.4).send(LARGE)
        took = clock.monotonic() - started
    assert outcome == Delayed("The mail server takes too long to answer")
    assert took < 5, took


def test_a_hanging_tls_handshake(authority: Authority) -> None:
    with stranger(silent) as port:
        outcome = mailer(f"smtps://{HOST}:{port}", authority, seconds=0.3).send(letter())
    assert outcome == Delayed("The mail server takes too long to answer")


def test_a_server_that_never_stops_talking() -> None:
    with stranger(chatting) as port:
        outcome = mailer(f"smtp://{HOST}:{port}").send(letter())
    assert outcome == Delayed("The mail server broke the connection off")


def test_a_server_that_is_slow_once_is_not_asked_by_the_rest_of_the_batch() -> None:
    with stranger(silent) as port, mailer(f"smtp://{HOST}:{port}", seconds=0.3).batch() as batch:
        started = clock.monotonic()
        outcomes = [batch.send(letter(number)) for number in range(20)]
        assert clock.monotonic() - started < 3
    assert outcomes == [Delayed("The mail server takes too long to answer")] * 20


@pytest.mark.parametrize(
    ("talk", "reason"),
    [
        (script("554 5.7.1 You are on a list"), "does not serve us: 554 5.7.1 You are on a list"),
        (script("421 4.3.2 Shutting down"), "does not serve us: 421 4.3.2 Shutting down"),
        (script("220 test", "502 what", "502 what"), "does not greet us: 502 what"),
        (script("hello there"), "does not serve us"),
        (script("220 test"), "broke the connection off"),
        (script("220 test", HELLO, "250 OK", "250 OK"), "broke the connection off"),
        (script("220 test", HELLO, "250 OK", "250 OK", "354 go on"), "broke the connection off"),
        (script("220 " + "x" * 20_000), "broke the connection off"),
        (script("220 test", HELLO, "550 \x1b[31m" + "x" * 2000), "refuses our sender: 550 [31mxxx"),
    ],
)
def test_broken_conversations_are_delays(talk: Talk, reason: str) -> None:
    with stranger(talk) as port:
        outcome = mailer(f"smtp://{HOST}:{port}", seconds=5).send(letter())
    assert isinstance(outcome, Delayed)
    assert outcome.reason.startswith(f"The mail server {reason}")
    assert len(outcome.reason) < 600
    assert outcome.reason.isprintable()


def test_a_server_that_hangs_up_between_two_mails_gets_the_second_one_anew() -> None:
    replies = ["220 test", HELLO, "250 OK", "250 OK", "354 go on"]
    connections: list[int] = []

    def talk(connection: socket.socket, over: threading.Event) -> None:
        connections.append(1)
        script(*replies)(connection, over)
        lines = connection.makefile("rb")
        while lines.readline() != b".\r\n":
            pass
        connection.sendall(b"250 taken\r\n")
        connection.shutdown(socket.SHUT_RDWR)

    with stranger(talk) as port, mailer(f"smtp://{HOST}:{port}").batch() as batch:
        assert [batch.send(letter(number)) for number in range(3)] == [Sent("250 taken")] * 3
    assert len(connections) == 3


@pytest.mark.parametrize("command", ["RSET", "MAIL"])
def test_a_server_that_says_goodbye_gets_the_next_mail_anew(post: Post, command: str) -> None:
    with mailer(f"smtp://{HOST}:{post.port}").batch() as batch:
        assert batch.send(letter(1)) == Sent("250 OK")
        post.replies[command] = ["421 4.7.0 Enough for now"]
        assert batch.send(letter(2)) == Sent("250 OK")
    assert post.connections == 2
    assert len(post.mails) == 2


def test_nobody_listens() -> None:
    outcome = mailer(f"smtp://{HOST}:{free_port()}").send(letter())
    assert outcome == Delayed("The mail server refuses connections")


def test_a_host_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_args: object, **_named: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    outcome = mailer("smtp://mail.example.com").send(letter())
    assert outcome == Delayed("The mail server has a name that can't be resolved")


def test_without_a_server_mail_waits() -> None:
    sending = Mailer(None, SENDER)
    assert not sending.is_configured
    assert sending.send(letter()) == Delayed("The mail server is not set up")
    assert mailer("smtp://localhost").is_configured


def test_trying_to_sign_in_sends_nothing(authority: Authority) -> None:
    with post_office(starttls=authority.server, login=True) as post:
        mailer(f"smtp+starttls://{credentials()}@localhost:{post.port}", authority).try_sign_in()
        wrong = mailer(f"smtp+starttls://{credentials('wrong')}@localhost:{post.port}", authority)
        with pytest.raises(ConfigurationError, match="check user and password"):
            wrong.try_sign_in()
    assert post.mails == []


def test_the_name_of_this_machine_is_not_looked_up(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(*_args: object) -> str:
        raise AssertionError("that may take seconds")

    monkeypatch.setattr(socket, "getfqdn", ask)
    monkeypatch.setattr(socket, "gethostbyname", ask)
    assert mailer(f"smtp://{HOST}:{post.port}").send(letter()) == Sent("250 OK")


@pytest.mark.parametrize(("name", "told"), [("box", f"[{HOST}]"), ("box.example.com", "box.example.com")])
def test_how_it_introduces_itself(monkeypatch: pytest.MonkeyPatch, name: str, told: str) -> None:
    """RFC 5321, section 4.1.4: the full name, or an address."""
    heard: list[bytes] = []

    def talk(connection: socket.socket, _over: threading.Event) -> None:
        connection.sendall(b"220 test\r\n")
        heard.append(connection.makefile("rb").readline())

    host: Callable[[], str] = lambda: name  # noqa: E731
    monkeypatch.setattr(socket, "gethostname", host)
    with stranger(talk) as port:
        mailer(f"smtp://{HOST}:{port}").send(letter())
    assert heard == [f"ehlo {told}\r\n".encode()]
