"""``userhero check`` tells an operator whether mail can go out, and never with which password."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.cli.conftest import CommandLine
from tests.support.imap_servers import USER as IMAP_USER
from tests.support.imap_servers import imap_server
from tests.support.mail_servers import HOST, PASSWORD, USER, Authority, Post, make_authority, post_office

FROM = {"USERHERO_MAIL_FROM": "Acme <feedback@example.com>"}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def post(authority: Authority) -> Iterator[Post]:
    with post_office(starttls=authority.server, login=True) as office:
        yield office


def check(userhero: CommandLine, env: dict[str, str], *options: str, code: int = 0) -> dict[str, tuple[bool, str]]:
    userhero("jobs", "run")  # Makes the database, the first time.
    done = userhero("check", "--json", *options, env=env, code=code)
    assert PASSWORD not in done.out + done.err
    assert quote(PASSWORD, safe="") not in done.out + done.err
    return {found["name"]: (found["ok"], found["detail"]) for found in done.json["checks"]}


def address(post: Post, password: str = PASSWORD) -> str:
    return f"smtp+starttls://{quote(USER, safe='')}:{quote(password, safe='')}@localhost:{post.port}"


def test_without_a_server_mail_waits(userhero: CommandLine) -> None:
    assert check(userhero, {})["mail"] == (True, "goes nowhere: USERHERO_SMTP_URL names no server")


def test_settings_that_make_sense(userhero: CommandLine) -> None:
    env = FROM | {"USERHERO_SMTP_URL": f"smtp://u:{quote(PASSWORD, safe='')}@mail.example.com"}
    found = check(userhero, env)
    assert found["mail"] == (True, "from feedback@example.com through mail.example.com:587 with STARTTLS")
    assert "mail server" not in found, "nothing is connected to unless asked for"


def test_settings_that_make_none(userhero: CommandLine) -> None:
    env = FROM | {"USERHERO_SMTP_URL": f"smtp://u:{PASSWORD}@mail.example.com"}
    ok, detail = check(userhero, env, code=1)["mail"]
    assert not ok
    assert detail.startswith("USERHERO_SMTP_URL: must")


def test_signing_in_to_try(userhero: CommandLine, post: Post, authority: Authority) -> None:
    env = FROM | {"USERHERO_SMTP_URL": address(post), "SSL_CERT_FILE": str(authority.file)}
    assert check(userhero, env, "--mail")["mail server"] == (True, "takes mail from here")
    assert post.connections == 1
    assert post.mails == []


def test_what_stands_in_the_way_is_told(userhero: CommandLine, post: Post, authority: Authority) -> None:
    trusting = FROM | {"SSL_CERT_FILE": str(authority.file)}
    found = check(userhero, trusting | {"USERHERO_SMTP_URL": address(post, "wrong")}, "--mail", code=1)
    assert found["mail"][0]
    reason = "The mail server does not let us sign in (it answers 535): check user and password"
    assert found["mail server"] == (False, reason)
    ok, detail = check(userhero, FROM | {"USERHERO_SMTP_URL": address(post)}, "--mail", code=1)["mail server"]
    assert not ok
    assert "certificate that is not trusted" in detail
    found = check(userhero, FROM | {"USERHERO_SMTP_URL": f"smtp://{HOST}:1"}, "--mail", code=1)
    assert found["mail server"] == (False, "The mail server refuses connections")
    found = check(userhero, {}, "--mail", code=1)
    assert found["mail server"] == (False, "The mail server is not set up")


def test_where_answers_come_in(userhero: CommandLine) -> None:
    assert check(userhero, {})["answers by mail"] == (True, "are not taken: USERHERO_REPLY_DOMAIN names no domain")
    domain = {"USERHERO_REPLY_DOMAIN": "reply.example.com"}
    nowhere = "to reply.example.com, taken by no process with these settings"
    assert check(userhero, domain)["answers by mail"] == (True, nowhere)
    url = f"imaps://u:{quote(PASSWORD, safe='')}@imap.example.com"
    env = domain | {"USERHERO_MAIL_LISTEN": "lmtp://127.0.0.1:2424", "USERHERO_IMAP_URL": url}
    both = "to reply.example.com, over LMTP on port 2424 and from INBOX on imap.example.com:993"
    assert check(userhero, env)["answers by mail"] == (True, both)
    ok, detail = check(userhero, {"USERHERO_IMAP_URL": url}, code=1)["answers by mail"]
    assert not ok
    assert "must be given with USERHERO_IMAP_URL" in detail


def test_opening_the_mailbox_to_try(userhero: CommandLine, post: Post, authority: Authority) -> None:
    env = FROM | {"USERHERO_SMTP_URL": address(post), "SSL_CERT_FILE": str(authority.file)}
    assert check(userhero, env, "--mail")["mailbox"] == (True, "is not set up")
    with imap_server(authority.server) as server:
        server.add(b"Hello")
        place = f"{quote(IMAP_USER, safe='')}:{{}}@localhost:{server.port}"
        env |= {"USERHERO_REPLY_DOMAIN": "example.com"}
        right = {"USERHERO_IMAP_URL": "imaps://" + place.format(quote(PASSWORD, safe=""))}
        assert check(userhero, env | right, "--mail")["mailbox"] == (True, "has 1 unread")
        wrong = {"USERHERO_IMAP_URL": "imaps://" + place.format("wrong")}
        reason = "The mail server does not let us sign in: check user and password"
        assert check(userhero, env | wrong, "--mail", code=1)["mailbox"] == (False, reason)
    assert not server.mails[1].flags
