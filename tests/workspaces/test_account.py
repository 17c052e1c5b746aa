"""One's own account: name, password, and where one is signed in."""

import itertools
import re

import pytest

from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.problems import unchanged
from tests.support.tenants import Tenant, Tenants
from tests.support.visitors import Visitor, signed_in, text_of
from userhero import workspaces
from userhero.kernel.db import Database
from userhero.workspaces.clients import client_name

PATH = "/app/account"
OLD, NEW = "Old pony 🐎 stapled", " new mule, unstapled "
HOSTILE = '"><script>alert(1)</script>'
_HOURS = itertools.count(1)


@pytest.fixture(autouse=True)
def _hour_of_its_own(clock: Clock) -> None:
    """Tries of other tests do not count."""
    clock.advance(hours=next(_HOURS))


@pytest.fixture
def owner(tenant: Tenants, database: Database) -> Tenant:
    made = tenant()
    hashed = workspaces.hash_password(OLD)
    database.write(lambda tx: workspaces.set_password(tx, made.email, hashed))
    return made


def send(visitor: Visitor, path: str, **fields: str) -> tuple[int, str]:
    """Status, and the page or where to go."""
    answer = visitor.post(path, {"csrf": visitor.token_on(PATH)} | fields)
    return answer.status, answer.header("location") or answer.body.decode()


def is_in(visitor: Visitor) -> bool:
    return visitor.get(PATH).status == 200


def try_in(client: Client, owner: Tenant, password: str) -> int:
    return Visitor(client).post("/sign-in", {"email": owner.email, "password": password}).status


def test_a_name_of_ones_own(owner: Tenant, client: Client, database: Database) -> None:
    visitor = signed_in(database, client, owner)
    assert send(visitor, f"{PATH}/profile", own_name=f" {HOSTILE} ") == (303, f"{PATH}?done=name")
    page = text_of(visitor.get(PATH, done="name"))
    assert "Your name was changed." in page
    assert 'value="&#34;&gt;&lt;script&gt;' in page
    assert "<script>alert" not in page
    newest = owner.get("/audit-log").data[0]
    assert (newest["act"], newest["before"], newest["after"]) == (
        "user.renamed", {"name": "Jane Smith"}, {"name": HOSTILE},
    )  # fmt: skip
    for wrong in ("", "  ", "x" * 201):
        with unchanged(database, owner):
            status, page = send(visitor, f"{PATH}/profile", own_name=wrong)
        assert status == 422
        assert "must have 1 to 200 characters" in page


@pytest.mark.case("LOG-08", "LOG-24")
def test_a_new_password_ends_every_other_session(owner: Tenant, client: Client, database: Database) -> None:
    here, there = (signed_in(database, client, owner) for _ in range(2))
    done = send(here, f"{PATH}/password", present_password=OLD, new_password=NEW)
    assert done == (303, f"{PATH}?done=password")
    assert is_in(here)
    assert not is_in(there)
    assert [try_in(client, owner, each) for each in (OLD, NEW.strip(), NEW)] == [422, 422, 303]
    acts = [(each["act"], each["actor"]["via"]) for each in owner.get("/audit-log").data]
    assert acts[1:3] == [("session.ended", "session"), ("user.password_changed", "session")]


@pytest.mark.case("LOG-04", "LOG-24", "LOG-03")
@pytest.mark.parametrize(
    ("present", "new", "said"),
    [
        ("", NEW, "is not your password"), ("wrong", NEW, "is not your password"), ("x" * 1025, NEW, "is not your"),
        (OLD, "short", "must have 8 to 1024 characters"), (OLD, "x" * 1025, "must have 8 to 1024 characters"),
        (OLD, "password1", "many people use"), (OLD, "PassWord1", "many people use"), (OLD, "iloveyou", "many people"),
        (OLD, "zzzzzzzzzzz", "many people use"), (OLD, "EMAIL", "others know of you"),
        (OLD, "Acme Inc", "others know of you"), (OLD, "jane smith", "others know of you"),
    ],
)  # fmt: skip
def test_passwords_that_are_not_taken(
    owner: Tenant, client: Client, database: Database, present: str, new: str, said: str
) -> None:
    here, there = (signed_in(database, client, owner) for _ in range(2))
    new = owner.email if new == "EMAIL" else new
    with unchanged(database, owner):
        status, page = send(here, f"{PATH}/password", present_password=present, new_password=new)
    assert status == 422
    assert said in page
    assert re.search(r'type="password"[^>]* value=', page) is None
    assert is_in(there)
    assert try_in(client, owner, OLD) == 303


@pytest.mark.case("LOG-06")
def test_a_session_that_was_found_open_does_not_guess(owner: Tenant, client: Client, database: Database) -> None:
    visitor = signed_in(database, client, owner)
    token = visitor.token_on(PATH)
    wrong = {"csrf": token, "present_password": "wrong", "new_password": NEW}
    told = [visitor.post(f"{PATH}/password", wrong).status for _ in range(11)]
    assert told == [422] * 10 + [429]
    right = wrong | {"present_password": OLD}
    assert visitor.post(f"{PATH}/password", right).status == 429
    assert try_in(client, owner, OLD) == 303


def test_whoever_has_no_password_is_told(tenant: Tenants, client: Client, database: Database) -> None:
    owner = tenant()
    visitor = signed_in(database, client, owner)
    assert "You have no password" in text_of(visitor.get(PATH))
    status, _ = send(visitor, f"{PATH}/password", present_password="", new_password=NEW)
    assert status == 422
    assert try_in(client, owner, NEW) == 422


@pytest.mark.case("LOG-08")
def test_sessions_are_listed_and_ended(owner: Tenant, client: Client, database: Database, clock: Clock) -> None:
    first, second, third = (signed_in(database, client, owner) for _ in range(3))
    ends = set(re.findall(r"/sessions/(sess_\w+)/end", text_of(first.get(PATH))))
    assert len(ends) == 2
    (seen_by_second,) = ends - set(re.findall(r"/sessions/(sess_\w+)/end", text_of(second.get(PATH))))
    assert send(first, f"{PATH}/sessions/{seen_by_second}/end") == (303, f"{PATH}?done=session")
    assert [is_in(each) for each in (first, second, third)] == [True, False, True]
    newest = owner.get("/audit-log").data[0]
    assert (newest["act"], newest["subject"]["id"]) == ("session.ended", seen_by_second)

    fourth = signed_in(database, client, owner)
    assert send(first, f"{PATH}/sessions/end-others") == (303, f"{PATH}?done=sessions")
    assert [is_in(each) for each in (first, third, fourth)] == [True, False, False]
    page = text_of(first.get(PATH))
    assert "this browser" in page
    assert "/end" not in page
    clock.advance(days=8)
    assert not is_in(first)


@pytest.mark.case("TEN-15")
def test_nobody_elses_session(owner: Tenant, tenant: Tenants, client: Client, database: Database) -> None:
    other = tenant()
    theirs = [signed_in(database, client, other) for _ in range(2)]
    (session_id,) = re.findall(r"/sessions/(sess_\w+)/end", text_of(theirs[0].get(PATH)))
    visitor = signed_in(database, client, owner)
    assert session_id not in text_of(visitor.get(PATH))
    for each in (session_id, "sess_unknown"):
        assert send(visitor, f"{PATH}/sessions/{each}/end")[0] == 404
    send(visitor, f"{PATH}/sessions/end-others")
    assert all(map(is_in, theirs))


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19) AppleWebKit/605 Version/19 Safari/604", "Safari on iPhone"),
        ("curl/8.1", "curl"), (None, "Unknown browser"), ("", "Unknown browser"), ("x" * 500, "x" * 60),
    ],
)  # fmt: skip
def test_browsers_by_name(said: str | None, name: str) -> None:
    assert client_name(said) == name
