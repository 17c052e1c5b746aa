"""A forgotten password: a link by mail, once, for an hour; and mail on what was changed."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from tests.support.client import Client, Response
from tests.support.clock import Clock
from tests.support.tenants import Tenant
from tests.support.visitors import SAME_SITE, Visitor, signed_in, text_of
from tests.support.work import finish
from tests.workspaces.conftest import Posted
from userhero import workspaces
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.errors import NotFound
from userhero.kernel.jobs import Runner, list_jobs
from userhero.server.composition import job_table
from userhero.workspaces import resets, second_factor, totp
from userhero.workspaces.notices import NOTICE
from userhero.workspaces.tables import password_resets

OLD, NEW = "Old pony 🐎 stapled", "New mule unstapled 1"
HOSTILE = '"><script>alert(1)</script>'
_LINK = re.compile(r"http://feedback\.example\.com(/reset/[A-Za-z0-9_-]{43})")
_COUNT = Statement(select(func.count()).select_from(password_resets))
_KEPT = Statement(select(password_resets.c.digest))


class Forgetful:
    """Somebody who does not know their password any more."""

    def __init__(self, posted: Posted, clock: Clock) -> None:
        self.posted, self.clock = posted, clock
        self.database, self.client, self.office = posted.database, posted.client, posted.office
        self.person: Tenant = posted.tenants()
        hashed = workspaces.hash_password(OLD)
        self.database.write(lambda tx: workspaces.set_password(tx, self.person.email, hashed))
        finish(self.database, NOTICE)
        self.office.mails.clear()

    def ask(self, email: str | None = None) -> Response:
        """Ask for a link, and let it be mailed."""
        answer = Visitor(self.client).post("/forgotten", {"email": email or self.person.email})
        finish(self.database, resets.MAIL)
        return answer

    def links(self) -> list[str]:
        """What the mails lead to."""
        found = (_LINK.search(mail.content.decode().replace("=\r\n", "")) for mail in self.office.mails)
        return [each[1] for each in found if each is not None]

    def link(self) -> str:
        """That of a mail asked for just now."""
        self.office.mails.clear()
        assert self.ask().status == 200
        (link,) = self.links()
        return link

    def try_in(self, password: str) -> int:
        """Sign in; the answer's status."""
        return Visitor(self.client).post("/sign-in", {"email": self.person.email, "password": password}).status


@pytest.fixture
def forgetful(posted: Posted, clock: Clock) -> Forgetful:
    return Forgetful(posted, clock)


@pytest.mark.case("LOG-24")
def test_from_the_mail_to_the_new_password(forgetful: Forgetful) -> None:
    visitor = signed_in(forgetful.database, forgetful.client, forgetful.person)
    assert 'href="/forgotten"' in text_of(Visitor(forgetful.client).get("/sign-in"))
    link = forgetful.link()
    (mail,) = forgetful.office.mails
    assert mail.recipient == forgetful.person.email
    newcomer = Visitor(forgetful.client)
    assert forgetful.person.email in text_of(newcomer.get(link))
    assert visitor.get("/app/account").status == 200
    answer = newcomer.post(link, {"new_password": NEW})
    assert answer.status == 200
    assert newcomer.cookies == {}
    assert visitor.get("/app/account").status == 303
    assert [forgetful.try_in(each) for each in (OLD, NEW)] == [422, 303]
    acts = [(each["act"], each["actor"]["userId"]) for each in forgetful.person.get("/audit-log").data]
    assert ("user.password_changed", forgetful.person.user_id) in acts
    finish(forgetful.database, NOTICE)
    notice = forgetful.office.mails[-1]
    assert "Subject: Your password was changed" in notice.content.decode()
    assert notice.recipient == forgetful.person.email


@pytest.mark.case("LOG-13")
def test_a_link_is_used_once(forgetful: Forgetful) -> None:
    link, visitor = forgetful.link(), Visitor(forgetful.client)
    assert visitor.post(link, {"new_password": NEW}).status == 200
    assert visitor.get(link).status == 404
    assert visitor.post(link, {"new_password": OLD}).status == 404
    assert forgetful.try_in(NEW) == 303


@pytest.mark.case("LOG-13")
def test_a_newer_link_ends_the_one_before(forgetful: Forgetful) -> None:
    first, second = forgetful.link(), forgetful.link()
    assert Visitor(forgetful.client).get(first).status == 404
    assert Visitor(forgetful.client).post(first, {"new_password": NEW}).status == 404
    assert Visitor(forgetful.client).post(second, {"new_password": NEW}).status == 200


@pytest.mark.case("LOG-13")
def test_of_two_who_use_it_at_once_one_sets_the_password(forgetful: Forgetful) -> None:
    token = forgetful.link().rpartition("/")[2]

    def attempt(password: str) -> str:
        hashed = workspaces.hash_password(password)
        try:
            forgetful.database.write(lambda tx: resets.reset_password(tx, token, hashed))
        except NotFound:
            return "refused"
        return "set"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, (NEW, f"{NEW} too"))) == ["refused", "set"]


@pytest.mark.case("LOG-13")
def test_it_is_for_its_owner_alone(forgetful: Forgetful) -> None:
    """Nothing that is sent along makes it somebody else's."""
    other = Forgetful(forgetful.posted, forgetful.clock)
    fields = {"new_password": NEW, "email": other.person.email, "user_id": other.person.user_id}
    assert Visitor(forgetful.client).post(forgetful.link(), fields).status == 200
    assert (other.try_in(OLD), other.try_in(NEW), forgetful.try_in(NEW)) == (303, 422, 303)


@pytest.mark.case("LOG-13")
def test_where_the_request_says_to_go_does_not_matter(forgetful: Forgetful) -> None:
    headers = [*SAME_SITE, ("x-forwarded-host", "evil.example"), ("forwarded", "host=evil.example")]
    sent = Visitor(forgetful.client).post("/forgotten", {"email": forgetful.person.email}, headers=headers)
    assert sent.status == 200
    finish(forgetful.database, resets.MAIL)
    (mail,) = forgetful.office.mails
    assert b"evil.example" not in mail.content
    assert len(forgetful.links()) == 1


@pytest.mark.case("LOG-14")
@pytest.mark.parametrize(
    ("email", "is_same"),
    [
        ("kissfi@straße.example", False), ("KISSFI@EXAMPLE.COM", True), (" kissfi@example.com ", True),
        ("k\u0131ssfi@example.com", False), ("\u212aissfi@example.com", False), ("ki\u017f\u017ffi@example.com", False),
        ("kiss\ufb01@example.com", False), ("ki\u00dffi@example.com", False), ("\uff4bissfi@example.com", False),
        ("kissfi@\uff45xample.com", True), ("kissfi@example.com, evil@example.org", False),
        ("kissfi@example.com\nevil@example.org", False), ("kissfi+x@example.com", False),
    ],
)  # fmt: skip
def test_look_alikes_take_over_nobody(forgetful: Forgetful, email: str, is_same: bool) -> None:
    """Mail goes to the address that is stored, and to no other that looks like it."""
    forgetful.database.write(lambda tx: workspaces.create_user(tx, email="kissfi@example.com", name="K", password=OLD))
    assert forgetful.ask(email).status in (200, 422)
    assert [mail.recipient for mail in forgetful.office.mails] == ["kissfi@example.com"] * is_same


@pytest.mark.case("LOG-13")
def test_it_ends_after_an_hour(forgetful: Forgetful) -> None:
    link = forgetful.link()
    forgetful.clock.advance(hours=1, seconds=-1)
    assert Visitor(forgetful.client).get(link).status == 200
    forgetful.clock.advance(seconds=1)
    assert Visitor(forgetful.client).get(link).status == 404
    assert Visitor(forgetful.client).post(link, {"new_password": NEW}).status == 404
    assert forgetful.try_in(OLD) == 303
    forgetful.clock.advance(hours=1)
    finish(forgetful.database, "workspaces.purge_resets")
    assert forgetful.database.read(lambda tx: tx.value(_COUNT)) == 0


@pytest.mark.case("LOG-05")
def test_nobody_learns_which_addresses_have_an_account(forgetful: Forgetful) -> None:
    known, unknown = forgetful.ask(), forgetful.ask("nobody@example.com")
    assert (known.status, unknown.status) == (200, 200)
    assert known.body == unknown.body
    assert [mail.recipient for mail in forgetful.office.mails] == [forgetful.person.email]


@pytest.mark.case("LOG-05")
def test_what_the_request_does_is_the_same_for_both(forgetful: Forgetful) -> None:
    """The same work too: whoever measures how long it takes learns nothing."""

    def asked(email: str) -> int:
        def unit(tx: Transaction) -> int:
            resets.ask_for_reset(tx, email)
            return tx.statements

        return forgetful.database.write(unit)

    assert asked(forgetful.person.email) == asked("nobody@example.com") == 1
    assert [job.kind for job in forgetful.database.read(list_jobs)].count(resets.MAIL) == 2


@pytest.mark.case("LOG-13")
def test_only_digests_are_kept(forgetful: Forgetful) -> None:
    token = forgetful.link().rpartition("/")[2]
    assert token not in forgetful.database.read(lambda tx: tx.texts(_KEPT))
    assert token not in str(forgetful.person.get("/audit-log").data)


@pytest.mark.parametrize("email", ["", "nobody", "a@b@c", HOSTILE, "x" * 400])
def test_addresses_that_are_none(forgetful: Forgetful, email: str) -> None:
    answer = Visitor(forgetful.client).post("/forgotten", {"email": email})
    assert answer.status == 422
    assert 'id="email-wrong"' in answer.body.decode()
    assert "<script>alert" not in answer.body.decode()


@pytest.mark.parametrize(
    ("password", "said"),
    [("short", "must have 8 to 1024"), ("password1", "many people use"), ("Acme Inc", "others know of you")],
)
def test_passwords_that_are_not_taken(forgetful: Forgetful, password: str, said: str) -> None:
    link, visitor = forgetful.link(), Visitor(forgetful.client)
    answer = visitor.post(link, {"new_password": password})
    assert answer.status == 422
    assert said in answer.body.decode()
    assert visitor.post(link, {"new_password": NEW}).status == 200


def test_three_mails_an_hour(forgetful: Forgetful) -> None:
    for _ in range(4):
        assert forgetful.ask().status == 200
    assert len(forgetful.office.mails) == 3
    forgetful.clock.advance(hours=1)
    forgetful.ask()
    assert len(forgetful.office.mails) == 4


def test_ten_tries_a_minute_from_one_place(forgetful: Forgetful) -> None:
    told = [Visitor(forgetful.client).post("/forgotten", {"email": f"a{n}@example.com"}).status for n in range(11)]
    assert told == [200] * 10 + [429]
    forgetful.clock.advance(minutes=1)
    assert forgetful.ask().status == 200


def test_what_another_site_sends_does_nothing(forgetful: Forgetful) -> None:
    link = forgetful.link()
    for path, fields in (("/forgotten", {"email": forgetful.person.email}), (link, {"new_password": NEW})):
        answer = Visitor(forgetful.client).post(path, fields, headers=[("sec-fetch-site", "cross-site")])
        assert answer.status == 403
    finish(forgetful.database, resets.MAIL)
    assert len(forgetful.office.mails) == 1
    assert forgetful.try_in(OLD) == 303


def test_a_mail_server_that_is_busy(forgetful: Forgetful) -> None:
    forgetful.office.replies["RCPT"] = ["451 4.3.0 Later"]
    assert Visitor(forgetful.client).post("/forgotten", {"email": forgetful.person.email}).status == 200
    runner = Runner(forgetful.database, job_table())
    runner.run_due()
    assert forgetful.office.mails == []
    assert forgetful.database.read(lambda tx: tx.value(_COUNT)) == 0
    forgetful.clock.advance(minutes=2)
    runner.run_due()
    (link,) = forgetful.links()
    assert Visitor(forgetful.client).get(link).status == 200


@pytest.mark.case("LOG-18")
def test_the_second_factor_is_still_asked_for(forgetful: Forgetful) -> None:
    actor = forgetful.database.read(lambda tx: workspaces.act_as(tx, forgetful.person.email))
    forgetful.database.write(lambda tx: second_factor.begin(tx, actor))
    secret = forgetful.database.read(lambda tx: second_factor.find_state(tx, actor)).secret
    assert secret is not None
    code = totp.code_at(secret, totp.step_at(forgetful.clock.seconds))
    forgetful.database.write(lambda tx: second_factor.confirm(tx, actor, code))
    finish(forgetful.database, NOTICE)
    assert "Subject: Your second factor is on" in forgetful.office.mails[-1].content.decode()
    assert Visitor(forgetful.client).post(forgetful.link(), {"new_password": NEW}).status == 200
    assert forgetful.try_in(NEW) == 200
    forgetful.database.write(lambda tx: workspaces.reset_second_factor(tx, forgetful.person.email))
    finish(forgetful.database, NOTICE)
    assert "Subject: Your second factor is off" in forgetful.office.mails[-1].content.decode()
    assert forgetful.try_in(NEW) == 303


def test_without_a_mail_server(client: Client) -> None:
    visitor = Visitor(client)
    assert "sends no mail" in text_of(visitor.get("/forgotten"))
    assert visitor.get("/reset/x").status == 404
    assert visitor.get(f"/reset/{'x' * 5000}").status == 404
