"""Where mail goes out is read from two settings, and no mistake in them shows the password."""

import pytest

from userhero.kernel.config import ConfigurationError, Settings, load
from userhero.kernel.mail import Mailbox, open_mailer
from userhero.kernel.mail.server import MailServer, read_sender, read_server

SECRET = "hunter2hunter2"


def server(host: str, port: int, security: str, user: str | None = None, password: str | None = None) -> MailServer:
    return MailServer(host=host, port=port, security=security, user=user, password=password)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("smtp://mail.example.com", server("mail.example.com", 587, "starttls")),
        ("smtp://u:p@mail.example.com:25", server("mail.example.com", 25, "starttls", "u", "p")),
        ("smtp+starttls://localhost", server("localhost", 587, "starttls")),
        ("smtps://mail.example.com", server("mail.example.com", 465, "tls")),
        ("smtps://127.0.0.1:2465/", server("127.0.0.1", 2465, "tls")),
        ("smtp://localhost:1025", server("localhost", 1025, "plain")),
        ("smtp://127.0.0.53", server("127.0.0.53", 587, "plain")),
        ("smtp://[::1]:25", server("::1", 25, "plain")),
        ("smtp://10.0.0.1", server("10.0.0.1", 587, "starttls")),
        ("smtp://localhost.example.com", server("localhost.example.com", 587, "starttls")),
        ("smtp://relay.example.com?tls=off", server("relay.example.com", 587, "plain")),
        ("SMTP://u%40x.org:p%2F%3A%C3%A4@h", server("h", 587, "starttls", "u@x.org", "p/:ä")),
    ],
)
def test_addresses_of_servers(url: str, found: MailServer) -> None:
    assert read_server(url) == found


@pytest.mark.parametrize(
    "url",
    [
        f"http://user:{SECRET}@mail.example.com",
        f"smtp://user:{SECRET}@",
        f"smtp://user:{SECRET}@mail.example.com:port",
        f"smtp://user:{SECRET}@mail.example.com:99999",
        f"smtp://user:{SECRET}#x@mail.example.com",
        f"smtp://user:{SECRET}/x@mail.example.com",
        f"smtp://user:{SECRET}@mail.example.com/inbox",
        f"smtp://user:{SECRET}@mail.example.com?tls=no",
        f"smtps://user:{SECRET}@mail.example.com?tls=off",
        f"smtp+starttls://user:{SECRET}@mail.example.com?tls=off",
        f"smtp://:{SECRET}@mail.example.com",
        f"smtp://{SECRET}@mail.example.com",
        f"smtp://user:{SECRET}%00@mail.example.com",
        f"smtp://user:{SECRET}@[::1",
        f"smtp://user:{SECRET}@ma il.example.com",
        f"{SECRET}",
    ],
)
def test_addresses_that_are_refused_are_not_shown(url: str) -> None:
    with pytest.raises(ConfigurationError, match="USERHERO_SMTP_URL") as caught:
        open_mailer(load({"mail_from": "a@example.com"}, {"USERHERO_SMTP_URL": url}))
    assert SECRET not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("feedback@example.com", Mailbox("feedback@example.com")),
        ("<feedback@example.com>", Mailbox("feedback@example.com")),
        ("Acme <feedback@example.com>", Mailbox("feedback@example.com", "Acme")),
        ('"Acme, \\"Inc\\"" <feedback@example.com>', Mailbox("feedback@example.com", 'Acme, "Inc"')),
        ("Bücher & Söhne <post@bücher.example>", Mailbox("post@xn--bcher-kva.example", "Bücher & Söhne")),
    ],
)
def test_senders(text: str, found: Mailbox) -> None:
    assert read_sender(text) == found


@pytest.mark.parametrize("text", ["Acme", "Acme <>", "a@b.org, c@d.org", "A <a@b.org> <c@d.org>", "jörg@example.com"])
def test_senders_that_are_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="--mail-from"):
        open_mailer(load({"mail_from": text}, {}))


def test_the_two_go_together() -> None:
    assert not open_mailer(Settings()).is_configured
    only_sender = open_mailer(Settings(mail_from="a@example.com"))
    assert (only_sender.is_configured, only_sender.sender) == (False, Mailbox("a@example.com"))
    both = open_mailer(Settings(smtp_url="smtp://localhost", mail_from="a@example.com"))
    assert both.is_configured
    with pytest.raises(ConfigurationError, match=r"USERHERO_MAIL_FROM.*must be given with USERHERO_SMTP_URL"):
        open_mailer(Settings(smtp_url="smtp://localhost"))


def test_a_server_is_shown_without_its_password() -> None:
    shown = read_server(f"smtp://user:{SECRET}@mail.example.com")
    assert str(shown) == "mail.example.com:587 with STARTTLS"
    assert SECRET not in f"{shown!r} {[shown]}"
    assert str(read_server("smtp://[::1]:25")) == "[::1]:25 with no encryption"
    assert str(read_server("smtps://h")) == "h:465 with TLS"
