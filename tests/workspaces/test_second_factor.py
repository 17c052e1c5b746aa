"""The second factor: set up, asked for at sign-in, used once, taken away."""

import base64
import itertools
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.tenants import Tenant, Tenants
from tests.support.visitors import Visitor, signed_in, text_of
from userhero import workspaces
from userhero.kernel import ids
from userhero.kernel.actor import Actor
from userhero.kernel.db import Database, Statement
from userhero.workspaces import second_factor, totp
from userhero.workspaces.tables import recovery_codes, second_factors

ACCOUNT = "/app/account"
PATH = f"{ACCOUNT}/second-factor"
PASSWORD, NEW = "Old pony 🐎 stapled", "New mule unstapled 1"
_HOURS = itertools.count(1)
_CODES = re.compile(r"<code>([2-9a-hjkmnp-z]{4}-[2-9a-hjkmnp-z]{4}-[2-9a-hjkmnp-z]{4})</code>")
_KEPT = Statement(select(recovery_codes.c.user_id, recovery_codes.c.mark))
_SECRETS = Statement(select(second_factors.c.user_id, second_factors.c.secret))
# RFC 6238, appendix B: times and the last six of their eight digits.
VECTORS = [
    (59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037"),
    (20000000000, "353130"),
]  # fmt: skip


class Somebody:
    """An account with a password, an app, and a browser in which its owner is signed in."""

    def __init__(self, tenant: Tenants, database: Database, client: Client, clock: Clock) -> None:
        self.person: Tenant = tenant()
        self.database, self.client, self.clock = database, client, clock
        hashed = workspaces.hash_password(PASSWORD)
        database.write(lambda tx: workspaces.set_password(tx, self.person.email, hashed))
        self.visitor = signed_in(database, client, self.person)
        self.secret = b""

    def send(self, path: str, **fields: str) -> tuple[int, str]:
        """Status, and the page or where to go."""
        answer = self.visitor.post(path, {"csrf": self.visitor.token_on(ACCOUNT)} | fields)
        return answer.status, answer.header("location") or answer.body.decode()

    def begin(self) -> None:
        """Take the secret into the app."""
        assert self.send(PATH, present_password=PASSWORD) == (303, PATH)
        found = re.search(r"<code>((?:[A-Z2-7]{4} ){7}[A-Z2-7]{4})</code>", text_of(self.visitor.get(PATH)))
        assert found is not None
        self.secret = base64.b32decode(found[1].replace(" ", ""))

    def set_up(self) -> list[str]:
        """The recovery codes; the clock has gone on so far that the app shows another code."""
        self.begin()
        status, page = self.send(f"{PATH}/confirm", code=self.code(), form_id=ids.new("form"))
        assert status == 200
        self.clock.advance(seconds=30)
        return _CODES.findall(page)

    def code(self, steps: int = 0) -> str:
        """What the app shows, so many steps from now."""
        return totp.code_at(self.secret, totp.step_at(self.clock.seconds) + steps)

    def knock(self, password: str = PASSWORD) -> tuple[Visitor, str]:
        """Another browser in which the password was given, and the proof of that."""
        visitor = Visitor(self.client)
        page = visitor.post("/sign-in", {"email": self.person.email, "password": password, "next": "/app/x"})
        found = re.search(r'name="proof" value="([^"]+)"', page.body.decode())
        return visitor, found[1] if found else ""

    def enter(self, code: str) -> int:
        """Sign in with password and code, in a new browser; the answer's status."""
        visitor, proof = self.knock()
        status = visitor.post("/sign-in/code", {"proof": proof, "code": code}).status
        assert ("userhero" in visitor.cookies) == (status == 303)
        return status

    def acts(self) -> list[str]:
        """What was done, the newest first."""
        return [each["act"] for each in self.person.get("/audit-log").data]


@pytest.fixture
def somebody(tenant: Tenants, database: Database, client: Client, clock: Clock) -> Somebody:
    """Tries of other tests do not count."""
    clock.advance(hours=next(_HOURS))
    return Somebody(tenant, database, client, clock)


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert totp.code_at(b"12345678901234567890", totp.step_at(seconds)) == code


@pytest.mark.parametrize("apart", range(-3, 4))
def test_clocks_may_be_a_step_apart(apart: int) -> None:
    secret, now = totp.new_secret(), 1_800_000_000
    step = totp.step_at(now) + apart
    assert totp.find_step(secret, totp.code_at(secret, step), now, 0) == (step if abs(apart) <= 1 else None)


def test_what_an_app_reads() -> None:
    link = totp.link(b"12345678901234567890", "a b+c@example.com", "userhero")
    assert link == (
        "otpauth://totp/userhero:a%20b%2Bc%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=userhero"
    )


def test_from_setting_up_to_signing_in(somebody: Somebody) -> None:
    other = signed_in(somebody.database, somebody.client, somebody.person)
    somebody.begin()
    assert '<svg class="qr"' in text_of(somebody.visitor.get(PATH))
    assert "Set it up" in text_of(somebody.visitor.get(ACCOUNT))
    codes = somebody.set_up()
    assert (len(codes), len(set(codes))) == (10, 10)
    assert other.get(ACCOUNT).status == 303
    page = text_of(somebody.visitor.get(PATH))
    assert "10 are left" in page
    assert not _CODES.search(page)
    assert base64.b32encode(somebody.secret).decode()[:8] not in page

    visitor, proof = somebody.knock()
    assert "userhero" not in visitor.cookies
    answer = visitor.post("/sign-in/code", {"proof": proof, "code": somebody.code(), "next": "/app/account"})
    assert (answer.status, answer.header("location")) == (303, "/app/account")
    assert visitor.get(ACCOUNT).status == 200
    assert "user.second_factor_on" in somebody.acts()


@pytest.mark.case("LOG-23")
def test_it_leads_nowhere_else(somebody: Somebody) -> None:
    somebody.set_up()
    visitor, proof = somebody.knock()
    answer = visitor.post("/sign-in/code", {"proof": proof, "code": somebody.code(), "next": "//evil.example"})
    assert answer.header("location") == "/app"


def test_a_wrong_password_asks_for_no_code(somebody: Somebody) -> None:
    somebody.set_up()
    assert somebody.knock("wrong password")[1] == ""


@pytest.mark.case("LOG-18")
def test_the_password_alone_opens_nothing(somebody: Somebody) -> None:
    somebody.set_up()
    visitor, proof = somebody.knock()
    assert visitor.get(ACCOUNT).status == 303
    for code in (
        "",
        "000000",
        "x" * 50_000,
        "12345",
        "\uff11\uff12\uff13\uff14\uff15\uff16",
        somebody.code()[::-1] + "0",
        proof,
    ):
        assert visitor.post("/sign-in/code", {"proof": proof, "code": code}).status == 422
        somebody.clock.advance(minutes=16)
        visitor, proof = somebody.knock()
    assert visitor.cookies == {}


@pytest.mark.case("LOG-15")
def test_a_code_is_used_once(somebody: Somebody) -> None:
    somebody.set_up()
    code = somebody.code()
    assert somebody.enter(code) == 303
    assert somebody.enter(code) == 422
    # Nor one from before it.
    assert somebody.enter(somebody.code(-1)) == 422
    assert somebody.enter(somebody.code(1)) == 303


@pytest.mark.case("LOG-15")
def test_the_code_of_setting_up_is_used_too(somebody: Somebody) -> None:
    somebody.set_up()
    assert somebody.enter(somebody.code(-1)) == 422
    assert somebody.enter(somebody.code()) == 303


@pytest.mark.case("LOG-15")
def test_of_two_at_once_with_one_code_one_is_let_in(somebody: Somebody) -> None:
    somebody.set_up()
    person, code = somebody.person, somebody.code()
    actor = Actor(person.user_id, "Jane", person.email, "x", frozenset(), "session")

    def attempt(_: int) -> str:
        return somebody.database.write(lambda tx: second_factor.check(tx, actor, code))

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, range(2))) == ["fits", "wrong"]


def test_spaces_do_not_matter(somebody: Somebody) -> None:
    somebody.set_up()
    code = somebody.code()
    assert somebody.enter(f" {code[:3]} {code[3:]} ") == 303


@pytest.mark.case("LOG-16")
def test_five_wrong_codes_stop_the_guessing_and_not_the_owner(somebody: Somebody) -> None:
    codes = somebody.set_up()
    wrong = f"{(int(somebody.code()) + 1) % 1_000_000:06}"
    assert wrong not in {somebody.code(step) for step in (-1, 0, 1)}
    assert [somebody.enter(wrong) for _ in range(5)] == [422] * 5
    assert somebody.acts()[0] == "user.second_factor_blocked"
    visitor, proof = somebody.knock()
    refused = visitor.post("/sign-in/code", {"proof": proof, "code": somebody.code()})
    assert refused.status == 422
    assert "quarter of an hour" in refused.body.decode()
    assert somebody.enter(codes[0]) == 303
    for _ in range(2):
        somebody.clock.advance(minutes=2)
        assert [somebody.enter(wrong) for _ in range(5)] == [422] * 5
    somebody.clock.advance(minutes=15, seconds=1)
    assert somebody.enter(somebody.code()) == 303


@pytest.mark.case("LOG-16")
def test_tries_are_counted_by_the_minute_too(somebody: Somebody) -> None:
    somebody.set_up()
    visitor, proof = somebody.knock()
    told = [visitor.post("/sign-in/code", {"proof": proof, "code": "aaaa-aaaa-aaaa"}).status for _ in range(11)]
    assert told == [422] * 10 + [429]


@pytest.mark.case("LOG-17")
def test_a_recovery_code_is_used_once(somebody: Somebody) -> None:
    codes = somebody.set_up()
    assert somebody.enter(codes[3].upper().replace("-", " ")) == 303
    assert somebody.acts()[1] == "user.recovery_code_used"
    assert somebody.enter(codes[3]) == 422
    somebody.visitor = signed_in(somebody.database, somebody.client, somebody.person)
    assert "9 are left" in text_of(somebody.visitor.get(PATH))
    assert somebody.enter(codes[4]) == 303


@pytest.mark.case("LOG-17")
def test_nobody_elses_recovery_code(somebody: Somebody, tenant: Tenants, database: Database, client: Client) -> None:
    codes = somebody.set_up()
    other = Somebody(tenant, database, client, somebody.clock)
    other.set_up()
    assert other.enter(codes[0]) == 422
    assert somebody.enter(codes[0]) == 303


@pytest.mark.case("LOG-17")
def test_what_is_kept(somebody: Somebody) -> None:
    """No code and no secret can be read out of the database, nor worked out without the instance's key."""
    codes = somebody.set_up()
    user_id = somebody.person.user_id
    kept = {mark for owner, mark in somebody.database.read(lambda tx: tx.all(_KEPT)) if owner == user_id}
    assert len(kept) == 10
    assert all(re.fullmatch("[0-9a-f]{24}", mark) for mark in kept)
    (sealed,) = (
        bytes(found) for owner, found in somebody.database.read(lambda tx: tx.all(_SECRETS)) if owner == user_id
    )
    assert somebody.secret not in sealed
    told = str(somebody.person.get("/audit-log").data)
    assert not any(each in told or each.replace("-", "") in told for each in codes)


def test_new_recovery_codes_end_the_old_ones(somebody: Somebody) -> None:
    old = somebody.set_up()
    status, page = somebody.send(f"{PATH}/codes", present_password="wrong")
    assert status == 422
    assert "is not your password" in page
    status, page = somebody.send(f"{PATH}/codes", present_password=PASSWORD)
    new = _CODES.findall(page)
    assert (status, len(new)) == (200, 10)
    assert somebody.acts()[0] == "user.recovery_codes_made"
    assert (somebody.enter(old[0]), somebody.enter(new[0])) == (422, 303)


@pytest.mark.case("LOG-24")
def test_switching_off_asks_for_the_password(somebody: Somebody) -> None:
    codes = somebody.set_up()
    for wrong in ("", "wrong"):
        status, page = somebody.send(f"{PATH}/off", present_password=wrong)
        assert status == 422
        assert "is not your password" in page
    assert somebody.knock()[1] != ""
    assert somebody.send(f"{PATH}/off", present_password=PASSWORD) == (303, f"{PATH}?done=off")
    assert somebody.acts()[0] == "user.second_factor_off"
    visitor, proof = somebody.knock()
    assert proof == ""
    assert visitor.get(ACCOUNT).status == 200
    # Set up once more, nothing of before counts.
    old = somebody.secret
    somebody.set_up()
    assert somebody.secret != old
    assert somebody.enter(codes[0]) == 422


@pytest.mark.case("LOG-24")
def test_setting_up_asks_for_the_password(somebody: Somebody) -> None:
    status, page = somebody.send(PATH, present_password="wrong")
    assert status == 422
    assert "is not your password" in page
    assert "otpauth:" not in text_of(somebody.visitor.get(PATH))


def test_a_password_found_open_is_not_guessed_here(somebody: Somebody) -> None:
    told = [somebody.send(PATH, present_password="wrong")[0] for _ in range(11)]
    assert told == [422] * 10 + [429]


@pytest.mark.parametrize("code", ["", "000", "abcdef", "x" * 5000])
def test_what_does_not_confirm_it(somebody: Somebody, code: str) -> None:
    somebody.begin()
    status, page = somebody.send(f"{PATH}/confirm", code=code, form_id="form_2")
    assert status == 422
    assert 'id="code-wrong"' in page
    assert somebody.knock()[1] == ""
    # It is still there, to be confirmed.
    status, page = somebody.send(f"{PATH}/confirm", code=somebody.code(), form_id="form_2")
    assert status == 200
    assert len(_CODES.findall(page)) == 10


def test_confirmed_twice_shows_the_same_codes(somebody: Somebody) -> None:
    somebody.begin()
    pages = [somebody.send(f"{PATH}/confirm", code=somebody.code(), form_id="form_3")[1] for _ in range(2)]
    assert _CODES.findall(pages[0]) == _CODES.findall(pages[1]) != []
    assert somebody.acts().count("user.second_factor_on") == 1
    # Once more after they have gone, nobody is shown codes that open nothing.
    code = somebody.code()
    assert somebody.send(f"{PATH}/off", present_password=PASSWORD)[0] == 303
    status, page = somebody.send(f"{PATH}/confirm", code=code, form_id="form_3")
    assert (status, _CODES.findall(page)) == (422, [])


def test_one_that_counts_is_not_set_up_again(somebody: Somebody) -> None:
    somebody.set_up()
    assert somebody.send(PATH, present_password=PASSWORD)[0] == 422
    assert somebody.enter(somebody.code()) == 303


def test_given_up_before_it_counts(somebody: Somebody) -> None:
    somebody.begin()
    assert somebody.send(f"{PATH}/cancel") == (303, f"{PATH}?done=cancelled")
    assert somebody.send(f"{PATH}/confirm", code=somebody.code(), form_id="form_4")[0] == 422
    assert somebody.knock()[1] == ""


@pytest.mark.case("LOG-18")
def test_a_proof_ends(somebody: Somebody) -> None:
    """After ten minutes, and when the password is changed; nobody can make one up."""
    somebody.set_up()
    visitor, proof = somebody.knock()
    for forged in ("", "..", "user_x.1.00", proof[:-1] + ("0" if proof[-1] != "0" else "1"), proof.replace(".1", ".2")):
        answer = visitor.post("/sign-in/code", {"proof": forged, "code": somebody.code()})
        assert answer.status == 422
        assert 'name="password"' in answer.body.decode()
    somebody.clock.advance(minutes=10)
    assert visitor.post("/sign-in/code", {"proof": proof, "code": somebody.code()}).status == 422
    visitor, proof = somebody.knock()
    hashed = workspaces.hash_password(NEW)
    somebody.database.write(lambda tx: workspaces.set_password(tx, somebody.person.email, hashed))
    assert visitor.post("/sign-in/code", {"proof": proof, "code": somebody.code()}).status == 422
    visitor, proof = somebody.knock(NEW)
    assert visitor.post("/sign-in/code", {"proof": proof, "code": somebody.code()}).status == 303


@pytest.mark.case("LOG-11")
def test_what_another_site_sends_signs_nobody_in(somebody: Somebody) -> None:
    somebody.set_up()
    visitor, proof = somebody.knock()
    sent = {"proof": proof, "code": somebody.code()}
    assert visitor.post("/sign-in/code", sent, headers=[("sec-fetch-site", "cross-site")]).status == 403
    assert visitor.get("/sign-in/code").header("location") == "/sign-in"
    assert visitor.post("/sign-in/code", sent).status == 303


def test_keys_need_no_code(somebody: Somebody) -> None:
    somebody.set_up()
    assert somebody.person.get("/feedback").status == 200


def test_an_account_without_a_password(tenant: Tenants, database: Database, client: Client, clock: Clock) -> None:
    clock.advance(hours=next(_HOURS))
    visitor = signed_in(database, client, tenant())
    assert "You have no password" in text_of(visitor.get(PATH))
    answer = visitor.post(PATH, {"csrf": visitor.token_on(ACCOUNT), "present_password": ""})
    assert answer.status == 422
