"""Fetching mail from an IMAP server, also from one that should not be dealt with."""

import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.imap_servers import PASSWORD, USER, Imap, imap_server
from tests.support.mail_servers import HOST, make_authority, stranger
from userhero.kernel.config import ConfigurationError, Settings, load
from userhero.kernel.mail.imap import FolderTrouble, open_folder
from userhero.kernel.mail.reading.structure import MAX_BYTES
from userhero.kernel.mail.ways_in import ImapAccount, read_ways_in

SECRET = "hunter2hunter2"


def account(port: int, *, password: str = PASSWORD, folder: str = "INBOX", tls: bool = False) -> ImapAccount:
    return ImapAccount(host=HOST, port=port, is_encrypted=tls, user=USER, password=password, folder=folder)


@pytest.fixture
def server() -> Iterator[Imap]:
    with imap_server() as found:
        yield found


def fetch_all(of: ImapAccount, seconds: float, tls: Callable[[], ssl.SSLContext] | None) -> None:
    with open_folder(of, seconds, tls) as folder:
        for uid in folder.unread():
            folder.fetch(uid)
            folder.mark(uid, for_people=False)


def trouble(of: ImapAccount, seconds: float = 10, tls: Callable[[], ssl.SSLContext] | None = None) -> str:
    """What is said of a server from which nothing can be fetched."""
    with pytest.raises(FolderTrouble) as caught:
        fetch_all(of, seconds, tls)
    assert PASSWORD not in str(caught.value)
    return str(caught.value)


def test_mails_are_fetched_and_marked(server: Imap) -> None:
    mails = [server.add(f"From: a@b.c\r\n\r\nNumber {number}\r\n".encode()) for number in range(3)]
    with open_folder(account(server.port), 10) as folder:
        assert folder.unread() == ["1", "2", "3"]
        assert [folder.fetch(uid) for uid in ("1", "2", "3")] == [mail.content for mail in mails]
        assert all(not mail.flags for mail in mails)
        folder.mark("1", for_people=False)
        folder.mark("2", for_people=True)
        assert folder.unread() == ["3"]
    assert [mail.flags for mail in mails] == [{r"\Seen"}, {r"\Seen", r"\Flagged"}, set()]
    assert server.heard[-1] == "LOGOUT"


def test_an_empty_folder(server: Imap) -> None:
    with open_folder(account(server.port), 10) as folder:
        assert folder.unread() == []


def test_a_mail_that_is_too_large_is_not_asked_for(server: Imap) -> None:
    server.add(b"")
    server.says["UID FETCH 1 (RFC822.SIZE)"] = (
        f"* 1 FETCH (UID 1 RFC822.SIZE {MAX_BYTES + 1})\r\nTAG OK done\r\n".encode()
    )
    with open_folder(account(server.port), 10) as folder:
        assert folder.fetch("1") is None
    assert not any("BODY" in command for command in server.heard)


def test_a_mail_of_25_mib(server: Imap) -> None:
    content = b"x" * MAX_BYTES
    server.add(content)
    with open_folder(account(server.port), 30) as folder:
        assert folder.fetch("1") == content


def test_a_server_that_guesses_sizes(server: Imap) -> None:
    server.add(b"x" * 1_000_000)
    server.says["UID FETCH 1 (RFC822.SIZE)"] = b"* 1 FETCH (UID 1 RFC822.SIZE 600000)\r\nTAG OK done\r\n"
    with open_folder(account(server.port), 10) as folder:
        assert folder.fetch("1") == b"x" * 1_000_000


def test_with_tls(tmp_path: Path) -> None:
    authority = make_authority(tmp_path)
    with imap_server(authority.server) as server:
        server.add(b"Hello")
        with open_folder(account(server.port, tls=True), 10, authority.client) as folder:
            assert folder.fetch("1") == b"Hello"
        said = trouble(account(server.port, tls=True), tls=ssl.create_default_context)
        assert said.startswith("The mail server has a certificate that is not trusted")
    with imap_server() as plain:
        assert trouble(account(plain.port, tls=True)) == "The mail server does not speak TLS as expected"


def test_signing_in_the_older_way(server: Imap) -> None:
    server.capabilities = "IMAP4rev1"
    server.says["LOGIN"] = b"TAG OK done\r\n"
    with open_folder(account(server.port, password='pass"word'), 10) as folder:
        assert folder.unread() == []
    assert rf'LOGIN {USER} "pass\"word"' in server.heard
    assert trouble(account(server.port)).startswith("The mail server does not let us sign in")


def test_who_is_not_let_in(server: Imap) -> None:
    said = trouble(account(server.port, password="wrong"))
    assert said == "The mail server does not let us sign in: check user and password"
    assert trouble(account(server.port, folder="Elsewhere")) == "The mail server has no folder Elsewhere"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("CAPABILITY", b"TAG NO never\r\n"),
        ("CAPABILITY", b"* CAPABILITY POP3\r\nTAG OK done\r\n"),
        ("SELECT", b"* BYE\r\n"),
        ("UID SEARCH", b"TAG BAD what\r\n"),
        ("UID SEARCH", b"nonsense\r\n"),
        ("UID SEARCH", b"* SEARCH " + b"1 " * 600_000 + b"\r\nTAG OK done\r\n"),
        ("UID FETCH 1 (BODY", b"* 1 FETCH (BODY[] {999999999999}\r\n"),
        ("UID FETCH 1 (BODY", b"* 1 FETCH (BODY[] {5}\r\nab"),
        ("UID STORE", b"TAG NO read only\r\n"),
    ],
)
def test_a_server_that_answers_otherwise(server: Imap, command: str, answer: bytes) -> None:
    server.add(b"Hello")
    server.says[command] = answer
    assert trouble(account(server.port), seconds=1).startswith("The mail server ")


def test_a_server_that_takes_for_ever() -> None:
    """A byte now and then is not enough."""

    def drip(connection: object, over: threading.Event) -> None:
        while not over.wait(0.01):
            connection.sendall(b"*")  # type: ignore[attr-defined]

    with stranger(drip) as port:
        assert trouble(account(port), seconds=0.3) == "The mail server takes too long to answer"


def test_nobody_there() -> None:
    with stranger(lambda *_: None) as port:
        assert trouble(account(port)) == "The mail server broke the connection off"
    assert trouble(account(port)) == "The mail server refuses connections"


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("imaps://u:p@mail.example.com", ("mail.example.com", 993, True, "u", "p", "INBOX")),
        ("imaps://u%40x.org:p%2F%C3%A4@h:1993/In%20box/Sub", ("h", 1993, True, "u@x.org", "p/ä", "In box/Sub")),
        ("imap://u:p@127.0.0.1/", ("127.0.0.1", 143, False, "u", "p", "INBOX")),
        ("imap://u:p@[::1]:1143/Replies", ("::1", 1143, False, "u", "p", "Replies")),
    ],
)
def test_settings(url: str, found: tuple[str, int, bool, str, str, str]) -> None:
    imap = read_ways_in(Settings(reply_domain="example.com", imap_url=url)).imap
    assert imap is not None
    assert (imap.host, imap.port, imap.is_encrypted, imap.user, imap.password, imap.folder) == found
    assert imap.password not in repr(imap) or len(imap.password) == 1


@pytest.mark.parametrize(
    "url",
    [
        f"https://u:{SECRET}@h",
        f"imap://u:{SECRET}@mail.example.com",
        f"imaps://:{SECRET}@h",
        f"imaps://{SECRET}@h",
        f"imaps://u:{SECRET}@",
        f"imaps://u:{SECRET}@h:x",
        f"imaps://u:{SECRET}@h?tls=off",
        f"imaps://u:{SECRET}@h/a%22b",
        f"imaps://u:{SECRET}@h/a%0D%0Ab",
        f"imaps://u:{SECRET}%00@h",
        f"imaps://u:{SECRET}@[::1",
    ],
)
def test_settings_that_make_no_sense(url: str) -> None:
    with pytest.raises(ConfigurationError, match="USERHERO_IMAP_URL") as caught:
        read_ways_in(load({"reply_domain": "example.com"}, {"USERHERO_IMAP_URL": url}))
    assert SECRET not in str(caught.value)


def test_a_mailbox_needs_a_domain() -> None:
    with pytest.raises(ConfigurationError, match="USERHERO_REPLY_DOMAIN"):
        read_ways_in(Settings(imap_url=f"imaps://u:{SECRET}@h"))
