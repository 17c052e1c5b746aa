"""Signing in and out, and what ends a session."""

import itertools
import re
import statistics
import time
from functools import partial

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.measuring import Measured
from tests.support.tenants import Tenant, Tenants
from tests.support.visitors import Visitor, signed_in, text_of
from tests.support.work import finish
from userhero import workspaces
from userhero.kernel import ids
from userhero.kernel.db import Database, Statement, Transaction
from userhero.kernel.http.limits import DatabaseLimiter, MemoryLimiter
from userhero.workspaces import passwords
from userhero.workspaces.pages import Throttle
from userhero.workspaces.sessions import find_account
from userhero.workspaces.tables import sessions

_SEEN = Statement(select(sessions.c.last_seen_at))
_HOURS = itertools.count(1)
PASSWORD = " Correct horse 🐎 battery "


class People:
    """Makes people with a password."""

    def __init__(self, database: Database, client: Client) -> None:
        self._database = database
        self.client = client
        self.hashed = passwords.hash_password(PASSWORD)

    def make(self, *, in_workspace_of: Tenant | None = None) -> str:
        """Their address."""
        email = f"{ids.new('p')}@example.com"

        def unit(tx: Transaction) -> None:
            workspaces.create_user(tx, email=email, name="<b>Pat", password=PASSWORD)
            if in_workspace_of is not None:
                workspaces.set_member(tx, in_workspace_of.workspace_id, email=email, role="admin")

        self._database.write(unit)
        return email

    def try_in(self, visitor: Visitor, email: str, password: str = PASSWORD, **more: str) -> int:
        """The answer's status."""
        return visitor.post("/sign-in", {"email": email, "password": password, **more}).status


@pytest.fixture
def people(database: Database, client: Client, clock: Clock) -> People:
    """Each test has an hour of its own: tries of those before do not count."""
    clock.advance(hours=next(_HOURS))
    return People(database, client)


@pytest.mark.case("LOG-10", "LOG-08")
def test_from_the_door_to_a_page_and_out(people: People, tenant: Tenants, client: Client) -> None:
    owner = tenant()
    email, visitor = people.make(in_workspace_of=owner), Visitor(client)
    sent_away = visitor.get(f"/app/{owner.workspace_id}/outbox")
    assert sent_away.header("location") == f"/sign-in?next=%2Fapp%2F{owner.workspace_id}%2Foutbox"
    page = text_of(visitor.get("/sign-in", next=f"/app/{owner.workspace_id}/outbox"))
    assert f'name="next" value="/app/{owner.workspace_id}/outbox"' in page
    answer = visitor.post("/sign-in", {"email": f" {email.upper()}", "password": PASSWORD, "next": "/app/x"})
    assert (answer.status, answer.header("location")) == (303, "/app/x")
    (cookie,) = [line for line in answer.all("set-cookie") if line.startswith("userhero=")]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "&lt;b&gt;Pat" in text_of(visitor.get("/app/workspaces"))
    assert visitor.get("/sign-in").header("location") == "/app"

    token = visitor.cookies["userhero"]
    assert visitor.post("/sign-out", {}).header("location") == "/sign-in"
    assert "userhero" not in visitor.cookies
    assert Visitor(client, {"userhero": token}).get("/app/workspaces").status == 303


@pytest.mark.case("LOG-07")
def test_each_sign_in_is_a_session_of_its_own(people: People, client: Client) -> None:
    """LOG-07."""
    email = people.make()
    first, second = Visitor(client, {"userhero": "chosen-by-somebody-else"}), Visitor(client)
    for visitor in (first, second):
        assert people.try_in(visitor, email) == 303
    tokens = {first.cookies["userhero"], second.cookies["userhero"]}
    assert len(tokens) == 2
    assert all(len(token) == 43 for token in tokens)
    first.post("/sign-out", {})
    assert second.get("/app/workspaces").status == 200


@pytest.mark.case("LOG-03", "LOG-05")
@pytest.mark.parametrize(
    "password", ["", PASSWORD.strip(), PASSWORD.lower(), PASSWORD + "x", "x" * 1025, "x" * 200_000, "\ud7ff"]
)
def test_a_wrong_password(people: People, client: Client, password: str) -> None:
    """LOG-03: nothing is cut off or folded."""
    visitor, email = Visitor(client), people.make()
    answer = visitor.post("/sign-in", {"email": email, "password": password})
    unknown = visitor.post("/sign-in", {"email": "nobody@example.com", "password": password})
    assert (answer.status, unknown.status) == (422, 422)
    assert answer.body.decode().replace(email, "") == unknown.body.decode().replace("nobody@example.com", "")
    assert not password or password not in answer.body.decode()
    assert visitor.cookies == {}


@pytest.mark.parametrize("email", ["", "x", "a@b@c", '"><script>alert(1)</script>', "x" * 5000, "'; DROP TABLE users"])
def test_what_is_no_address(people: People, client: Client, email: str) -> None:
    answer = Visitor(client).post("/sign-in", {"email": email, "password": PASSWORD})
    assert answer.status == 422
    assert "<script>alert" not in answer.body.decode()


def test_an_account_without_a_password(people: People, tenant: Tenants, client: Client) -> None:
    assert people.try_in(Visitor(client), tenant().email, "") == 422


@pytest.mark.case("LOG-23")
@pytest.mark.parametrize(
    "onward",
    ["//evil.example", "/\\evil.example", "https:evil.example", "https://evil.example/app/", "/app//evil",
     "/application", "/app/\\x", "/app/\r\nx: y", "/docs", "app/x", "javascript:alert(1)"],
)  # fmt: skip
def test_it_leads_nowhere_else(people: People, client: Client, onward: str) -> None:
    """LOG-23."""
    answer = Visitor(client).post("/sign-in", {"email": people.make(), "password": PASSWORD, "next": onward})
    assert (answer.status, answer.header("location")) == (303, "/app")
    assert 'name="next"' not in text_of(Visitor(client).get("/sign-in", next=onward))


@pytest.mark.case("LOG-06")
def test_many_tries(people: People, client: Client, clock: Clock) -> None:
    """LOG-06: from one place ten a minute at one account; the right password does not help any more."""
    email, other, visitor = people.make(), people.make(), Visitor(client)
    assert {people.try_in(visitor, email, "wrong password") for _ in range(10)} == {422}
    assert people.try_in(visitor, email) == 429
    assert visitor.cookies == {}
    assert people.try_in(Visitor(client), other) == 303
    clock.advance(seconds=61)
    assert people.try_in(visitor, email) == 303


@pytest.mark.case("LOG-06")
def test_many_places_do_not_lock_the_owner_out(database: Database, clock: Clock) -> None:
    """LOG-06: tries from a hundred places at one account are slowed, and not those of the browser that knows it."""
    clock.advance(minutes=2)
    counters = [MemoryLimiter(limit) if database.engine == "sqlite" else DatabaseLimiter(limit) for limit in (10, 30)]
    throttle = Throttle(*counters)

    def tried(address: str, known: str | None = None) -> bool:
        return database.write(lambda tx: throttle.lets(tx, address, " Pat@example.com", known))

    assert [tried(f"198.51.100.{number}") for number in range(100)] == [True] * 30 + [False] * 70
    assert not tried("203.0.113.1")
    assert [tried("203.0.113.2", "user_pat") for _ in range(11)] == [True] * 10 + [False]
    clock.advance(seconds=61)
    assert tried("203.0.113.1")


def test_a_browser_that_only_says_it_knows_the_account(people: People, client: Client) -> None:
    email, known = people.make(), Visitor(client)
    assert people.try_in(known, email) == 303
    mark = known.cookies["userhero-device"]
    for forged in (mark[:-1] + ("0" if mark[-1] != "0" else "1"), "", ".", "user_x.zz", mark.partition(".")[0]):
        assert people.try_in(Visitor(client, {"userhero-device": forged}), email, "wrong password") == 422


@pytest.mark.case("LOG-09")
def test_sessions_end_by_themselves(tenant: Tenants, client: Client, database: Database, clock: Clock) -> None:
    """LOG-09: after seven idle days, and after thirty in all."""
    idle, busy = (signed_in(database, client, tenant()) for _ in range(2))
    for day in range(29):
        clock.advance(days=1)
        assert busy.get("/app/workspaces").status == 200, day
        # The use is written down a moment later.
        while clock.now() not in database.read(lambda tx: tx.texts(_SEEN)):
            pass
        if day == 5:
            assert idle.get("/app/workspaces").status == 200
    assert idle.get("/app/workspaces").status == 303
    clock.advance(days=1)
    assert busy.get("/app/workspaces").status == 303
    finish(database, "workspaces.purge_sessions")
    assert busy.get("/app/workspaces").status == 303


def test_it_is_in_the_audit_log(tenant: Tenants, client: Client, database: Database) -> None:
    owner = tenant()
    visitor = signed_in(database, client, owner)
    visitor.post("/sign-out", {})
    acts = [(each["act"], each["actor"]["via"]) for each in owner.get("/audit-log").data]
    assert acts[:2] == [("session.ended", "session"), ("session.started", "session")]


@pytest.mark.case("LOG-01")
def test_what_is_kept_of_a_password(people: People) -> None:
    """A set that OWASP names: argon2id, 19 MiB, two passes, one lane; a salt of 16 bytes, each time another."""
    hashes = []
    for email in (people.make(), people.make()):
        account = people._database.read(partial(find_account, email=email))
        assert account is not None
        hashes.append(str(account.password_hash))
    salts = [re.findall(r"^\$argon2id\$v=19\$m=19456,t=2,p=1\$([^$]{22})\$", each) for each in hashes]
    assert all(salts)
    assert salts[0] != salts[1], hashes


@pytest.mark.case("LOG-05")
@pytest.mark.figure(no="H15")
def test_known_and_unknown_addresses_take_as_long(
    people: People, client: Client, clock: Clock, long: bool, measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In turns, so that what else the machine does hits both. What takes the time is to check a hash: the suite, whose
    machine may be busy, counts how often that is done.
    """
    checked: list[str] = []
    verify = PasswordHasher.verify

    def counted(hasher: PasswordHasher, hashed: str, password: str) -> bool:
        checked.append(hashed.rpartition("$")[0].rpartition("$")[0])
        return bool(verify(hasher, hashed, password))

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    tries, email = (500 if long else 3), people.make()
    took: dict[str, list[float]] = {email: [], "nobody@example.com": []}
    for _ in range(tries):
        clock.advance(minutes=1)
        for each, times in took.items():
            began = time.perf_counter()
            assert people.try_in(Visitor(client), each, "wrong password") == 422
            times.append(time.perf_counter() - began)
    known, unknown = (statistics.median(times) * 1_000 for times in took.values())
    assert len(checked) == 2 * tries
    assert len(set(checked)) == 1, "hashes of the same cost"
    assert not long or abs(known - unknown) < 5
    measured(attempts=tries, found=f"medians of {known:.1f} and {unknown:.1f} ms")


@pytest.mark.case("LOG-02")
def test_a_password_hashed_the_old_way_is_hashed_anew(
    people: People, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LOG-02."""
    email = people.make()
    stronger = PasswordHasher(time_cost=3, memory_cost=8 * 1024, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", stronger)
    passwords._nobodys.cache_clear()
    visitor = Visitor(client)
    assert people.try_in(visitor, email) == 303
    account = people._database.read(lambda tx: find_account(tx, email))
    assert account is not None
    assert "m=8192,t=3" in str(account.password_hash)
    assert people.try_in(Visitor(client), email) == 303
    passwords._nobodys.cache_clear()
