"""Invitations: made, mailed or copied, accepted once, by whoever has the link."""

import re
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from sqlalchemy import func, select

from tests.support.client import Client
from tests.support.clock import Clock
from tests.support.mail_servers import Post
from tests.support.problems import unchanged
from tests.support.tenants import Tenant, Tenants
from tests.support.visitors import Visitor, signed_in, text_of
from tests.support.work import finish
from tests.workspaces.conftest import Posted
from userhero import workspaces
from userhero.kernel import ids
from userhero.kernel.crypto import digest
from userhero.kernel.db import Database, Statement
from userhero.kernel.errors import Problem
from userhero.kernel.jobs import Runner
from userhero.server.composition import job_table
from userhero.workspaces.actions import invitations as actions
from userhero.workspaces.membership import find_role
from userhero.workspaces.tables import invitations
from userhero.workspaces.types import ROLES

PASSWORD = "Correct horse 🐎 battery"
HOSTILE = '"><script>alert(1)</script>'
_LINK = re.compile(r"/invitations/([A-Za-z0-9_-]{43})")
_COUNT = Statement(select(func.count()).select_from(invitations))
_KEPT = Statement(select(invitations.c.id, invitations.c.email, invitations.c.digest, invitations.c.way))
_numbers = count(1)


class House:
    """A workspace whose owner invites people."""

    def __init__(self, database: Database, client: Client, tenants: Tenants) -> None:
        self.database, self.client, self.tenants = database, client, tenants
        self.owner = tenants()
        self.visitor = self.browser(self.owner)
        self.path = f"/app/{self.owner.workspace_id}/members"
        self.below = f"/app/{self.owner.workspace_id}/invitations"

    def browser(self, person: Tenant) -> Visitor:
        return signed_in(self.database, self.client, person)

    def form(self, **fields: str) -> dict[str, str]:
        """The form of a new invitation, filled in."""
        return self.form_in(self.visitor, **fields)

    def form_in(self, visitor: Visitor, **fields: str) -> dict[str, str]:
        """The same in somebody else's browser."""
        token = visitor.token_on("/app/account")
        return {"csrf": token, "form_id": ids.new("form"), "email": address(), "role": "member"} | fields

    def invite(self, **fields: str) -> str:
        """The token of the link that was shown."""
        page = text_of(self.visitor.post(self.path, self.form(**fields)))
        return token_in(page)

    def id_of(self, email: str) -> str:
        """An open invitation's."""
        return next(str(row[0]) for row in self.database.read(lambda tx: tx.all(_KEPT)) if row[1] == email)

    def act(self, email: str, what: str, visitor: Visitor | None = None, **fields: str) -> tuple[int, str]:
        """Do something with an invitation; status, and the page or where to go."""
        token = (visitor or self.visitor).token_on("/app/account")
        answer = (visitor or self.visitor).post(f"{self.below}/{self.id_of(email)}/{what}", {"csrf": token} | fields)
        return answer.status, answer.header("location") or answer.body.decode()

    def role_of(self, email: str) -> str | None:
        """What the account with this address is in the workspace."""
        return self.database.read(
            lambda tx: find_role(tx, self.owner.workspace_id, workspaces.act_as(tx, email).user_id)
        )


def address() -> str:
    return f"new{next(_numbers)}.{ids.new('p')}@example.com"


def token_in(page: str) -> str:
    found = _LINK.search(page)
    assert found is not None, page
    return found[1]


@pytest.fixture
def house(database: Database, client: Client, tenant: Tenants, clock: Clock) -> House:
    clock.advance(hours=next(_numbers))
    return House(database, client, tenant)


def test_from_the_invitation_to_the_workspace(house: House, clock: Clock) -> None:
    email = address()
    token = house.invite(email=f" {email.upper()} ", role="admin")
    shown = text_of(house.visitor.get(house.path))
    assert email in shown
    assert token not in shown
    newcomer = Visitor(house.client)
    page = text_of(newcomer.get(f"/invitations/{token}"))
    assert email in page
    assert "Jane Smith invites you to Acme Inc, as admin." in page
    answer = newcomer.post(f"/invitations/{token}", {"name": " Pat ", "password": PASSWORD})
    assert (answer.status, answer.header("location")) == (303, f"{house.path}?done=joined")
    assert "Pat" in text_of(newcomer.get(house.path))
    assert house.role_of(email) == "admin"
    again = Visitor(house.client)
    assert again.post("/sign-in", {"email": email, "password": PASSWORD}).status == 303
    acts = [(each["act"], each["actor"]["name"]) for each in house.owner.get("/audit-log").data]
    assert acts[:5] == [
        ("session.started", "Pat"), ("session.started", "Pat"), ("member.added", "Pat"),
        ("invitation.accepted", "Pat"), ("invitation.created", "Jane Smith"),
    ]  # fmt: skip


def test_it_is_used_once(house: House) -> None:
    token = house.invite()
    assert Visitor(house.client).post(f"/invitations/{token}", {"name": "A", "password": PASSWORD}).status == 303
    later = Visitor(house.client)
    assert later.get(f"/invitations/{token}").status == 404
    assert later.post(f"/invitations/{token}", {"name": "B", "password": PASSWORD}).status == 404
    assert later.cookies == {}


def test_of_two_who_use_it_at_once_one_is_let_in(house: House) -> None:
    token = house.invite()
    people = [house.tenants.colleague(house.owner, "none") for _ in range(2)]

    def attempt(person: Tenant) -> str:
        try:
            house.database.write(lambda tx: actions.accept(tx, workspaces.act_as(tx, person.email), token))
        except Problem as problem:
            return type(problem).__name__
        return "in"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, people)) == ["NotFound", "in"]
    assert sorted(str(house.role_of(each.email)) for each in people) == ["None", "member"]


def test_it_ends_after_seven_days(house: House, clock: Clock) -> None:
    email = address()
    token = house.invite(email=email)
    clock.advance(days=7, seconds=-1)
    assert Visitor(house.client).get(f"/invitations/{token}").status == 200
    clock.advance(seconds=1)
    assert Visitor(house.client).get(f"/invitations/{token}").status == 404
    assert Visitor(house.client).post(f"/invitations/{token}", {"name": "A", "password": PASSWORD}).status == 404
    house.visitor = house.browser(house.owner)
    assert ">over<" in text_of(house.visitor.get(house.path))
    status, page = house.act(email, "again")
    assert status == 200
    assert Visitor(house.client).get(f"/invitations/{token_in(page)}").status == 200
    assert Visitor(house.client).get(f"/invitations/{token}").status == 404
    clock.advance(days=8)
    house.visitor = house.browser(house.owner)
    house.invite(email=email)
    clock.advance(days=38)
    finish(house.database, "workspaces.purge_invitations")
    assert house.database.read(lambda tx: tx.value(_COUNT)) == 0


def test_only_digests_are_kept(house: House) -> None:
    email = address()
    token = house.invite(email=email)
    kept = {row[1]: row for row in house.database.read(lambda tx: tx.all(_KEPT))}[email]
    assert (kept[2], kept[3]) == (digest(token), "link")
    told = str(house.owner.get("/audit-log").data)
    assert token not in told
    assert digest(token) not in told


@pytest.mark.parametrize("is_theirs", [True, False])
def test_whoever_is_signed_in_joins_with_that_account(house: House, is_theirs: bool) -> None:
    person = house.tenants()
    visitor = house.browser(person)
    token = house.invite(email=person.email if is_theirs else address(), role="viewer")
    sent_on = visitor.get(f"/invitations/{token}")
    assert (sent_on.status, sent_on.header("location")) == (303, f"/app/invitations/{token}")
    page = text_of(visitor.get(f"/app/invitations/{token}"))
    assert ("These are two addresses" in page) == (not is_theirs)
    answer = visitor.post(f"/app/invitations/{token}", {"csrf": visitor.token_on("/app/account")})
    assert (answer.status, answer.header("location")) == (303, f"{house.path}?done=joined")
    assert house.role_of(person.email) == "viewer"
    assert visitor.get(f"/app/invitations/{token}").status == 404


def test_an_address_with_an_account_signs_in_first(house: House) -> None:
    person = house.tenants()
    token = house.invite(email=person.email)
    visitor = Visitor(house.client)
    page = text_of(visitor.get(f"/invitations/{token}"))
    assert 'type="password"' not in page
    assert f'href="/app/invitations/{token}"' in page
    sent = visitor.get(f"/app/invitations/{token}")
    assert sent.header("location") == f"/sign-in?next=%2Fapp%2Finvitations%2F{token}"
    with unchanged(house.database, house.owner, person):
        answer = visitor.post(f"/invitations/{token}", {"name": "Mallory", "password": PASSWORD})
    assert answer.status == 409
    assert visitor.cookies == {}
    assert visitor.get(f"/invitations/{token}").status == 200


def test_a_member_does_not_use_it_up(house: House) -> None:
    email = address()
    token = house.invite(email=email, role="viewer")
    answer = house.visitor.post(f"/app/invitations/{token}", {"csrf": house.visitor.token_on("/app/account")})
    assert answer.status == 409
    assert f"still open for {email}" in answer.body.decode()
    assert house.role_of(house.owner.email) == "owner"
    assert Visitor(house.client).get(f"/invitations/{token}").status == 200


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": ""}, "must have 1 to 200 characters"), ({"name": "x" * 201}, "must have 1 to 200"),
        ({"password": "short"}, "must have 8 to 1024"), ({"password": "password1"}, "many people use"),
        ({"password": "acme inc"}, "others know of you"), ({"password": "EMAIL"}, "others know of you"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_new_account(house: House, fields: dict[str, str], said: str) -> None:
    email = address()
    token = house.invite(email=email)
    if fields.get("password") == "EMAIL":
        fields = {"password": email}
    visitor = Visitor(house.client)
    with unchanged(house.database, house.owner):
        answer = visitor.post(f"/invitations/{token}", {"name": HOSTILE, "password": PASSWORD} | fields)
    page = answer.body.decode()
    assert answer.status == 422
    assert said in page
    assert "<script>alert" not in page
    assert PASSWORD not in page
    assert visitor.cookies == {}
    assert visitor.get(f"/invitations/{token}").status == 200


def test_what_another_site_sends_lets_nobody_in(house: House) -> None:
    token = house.invite()
    with unchanged(house.database, house.owner):
        answer = Visitor(house.client).post(
            f"/invitations/{token}", {"name": "A", "password": PASSWORD}, headers=[("sec-fetch-site", "cross-site")]
        )
    assert answer.status == 403


@pytest.mark.parametrize("token", ["x", "x" * 43, "x" * 5000, "%00", '"><script>alert(1)'])
def test_links_that_lead_nowhere(house: House, token: str) -> None:
    visitor = Visitor(house.client)
    for answer in (
        visitor.get(f"/invitations/{token}"),
        visitor.post(f"/invitations/{token}", {"name": "A", "password": PASSWORD}),
    ):
        assert answer.status == 404
        assert "<script>alert" not in answer.body.decode()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("own", ROLES)
def test_who_may_invite_as_what(house: House, own: str, role: str) -> None:
    visitor = house.browser(house.tenants.colleague(house.owner, own))
    email = address()
    answer = visitor.post(house.path, house.form_in(visitor, email=email, role=role))
    allowed = own == "owner" or (own == "admin" and role != "owner")
    assert answer.status == (200 if allowed else 403)
    if allowed:
        assert token_in(answer.body.decode())
    else:
        assert email not in text_of(house.visitor.get(house.path))


def test_admins_leave_invitations_of_owners_alone(house: House) -> None:
    email = address()
    token = house.invite(email=email, role="owner")
    admin = house.browser(house.tenants.colleague(house.owner, "admin"))
    assert house.act(email, "withdraw", admin)[0] == 403
    assert house.act(email, "again", admin)[0] == 403
    assert Visitor(house.client).get(f"/invitations/{token}").status == 200


def test_withdrawn(house: House) -> None:
    email = address()
    token = house.invite(email=email)
    assert house.act(email, "withdraw") == (303, f"{house.path}?done=withdrawn")
    assert Visitor(house.client).get(f"/invitations/{token}").status == 404
    assert email not in text_of(house.visitor.get(house.path))
    newest = house.owner.get("/audit-log").data[0]
    assert (newest["act"], newest["before"]) == ("invitation.withdrawn", {"email": email, "role": "member"})


@pytest.mark.parametrize(("then", "left"), [("none", set()), ("member", set()), ("admin", {"member"})])
def test_nobody_lets_in_whom_they_could_not_any_more(house: House, then: str, left: set[str]) -> None:
    person = house.tenants.colleague(house.owner, "owner")
    visitor = house.browser(person)
    tokens = {
        role: token_in(text_of(visitor.post(house.path, house.form_in(visitor, role=role))))
        for role in ("owner", "member")
    }
    house.database.write(lambda tx: workspaces.set_member(tx, house.owner.workspace_id, email=person.email, role=then))
    open_still = {
        role for role, token in tokens.items() if Visitor(house.client).get(f"/invitations/{token}").status == 200
    }
    assert open_still == left


@pytest.mark.parametrize("email", ["", "nobody", "a@b@c", HOSTILE, "x" * 400, "'; DROP TABLE users"])
def test_addresses_that_are_none(house: House, email: str) -> None:
    sent = house.form(email=email, role="viewer")
    with unchanged(house.database, house.owner):
        answer = house.visitor.post(house.path, sent)
    page = answer.body.decode()
    assert answer.status == 422
    assert 'id="email-wrong"' in page
    assert "<script>alert" not in page
    assert '<option value="viewer" selected>' in page.partition('id="role"')[2]


def test_who_is_in_or_invited_is_not_invited_again(house: House) -> None:
    email = address()
    house.invite(email=email)
    for again, said in ((email.upper(), "is invited already"), (house.owner.email, "is a member of this workspace")):
        sent = house.form(email=again)
        with unchanged(house.database, house.owner):
            answer = house.visitor.post(house.path, sent)
        assert answer.status == 422
        assert said in answer.body.decode()


def test_a_form_sent_twice_is_one_invitation(house: House) -> None:
    sent = house.form()
    tokens = {token_in(text_of(house.visitor.post(house.path, sent))) for _ in range(2)}
    assert len(tokens) == 1
    assert house.act(sent["email"], "withdraw")[0] == 303
    assert house.visitor.post(house.path, sent).status == 409


def test_no_more_than_the_plan_has_room_for(house: House) -> None:
    house.database.write(lambda tx: workspaces.set_workspace(tx, house.owner.workspace_id, plan="free"))
    tokens = [house.invite() for _ in range(2)]
    answer = house.visitor.post(house.path, house.form())
    assert answer.status == 403
    assert "allows 3 members" in answer.body.decode()
    for _ in range(2):
        house.tenants.colleague(house.owner, "viewer")
    newcomer = Visitor(house.client)
    with unchanged(house.database, house.owner):
        answer = newcomer.post(f"/invitations/{tokens[0]}", {"name": "A", "password": PASSWORD})
    assert answer.status == 403
    assert "allows 3 members" in answer.body.decode()
    assert newcomer.cookies == {}


def test_there_is_an_end_to_inviting(house: House, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(actions, "MAX_OPEN", 2)
    first = address()
    house.invite(email=first)
    house.invite()
    assert house.visitor.post(house.path, house.form()).status == 409
    house.act(first, "withdraw")
    house.invite(email=first)
    monkeypatch.setattr(actions, "MAX_A_DAY", 4)
    assert house.act(first, "again")[0] == 200
    assert house.act(first, "again")[0] == 409
    clock.advance(days=1)
    assert house.act(first, "again")[0] == 200


class Mailed(House):
    """A workspace on a server that has a mail server, whose mind the test makes up."""

    def __init__(self, database: Database, client: Client, tenants: Tenants, office: Post) -> None:
        super().__init__(database, client, tenants)
        self.office = office

    def ask(self, **fields: str) -> str:
        """Invite by mail; returns the address."""
        sent = self.form(**fields)
        answer = self.visitor.post(self.path, sent)
        assert (answer.status, answer.header("location")) == (303, f"{self.path}?done=invited"), answer
        return sent["email"]

    def work(self) -> None:
        """Send what is due."""
        finish(self.database, actions.MAIL)

    def way_of(self, email: str) -> str:
        """How far the link has come."""
        return next(str(row[3]) for row in self.database.read(lambda tx: tx.all(_KEPT)) if row[1] == email)


@pytest.fixture
def mailed(posted: Posted) -> Mailed:
    return Mailed(posted.database, posted.client, posted.tenants, posted.office)


def test_the_link_comes_by_mail_and_is_nowhere_else(mailed: Mailed) -> None:
    email = mailed.ask(role="viewer")
    assert "waits to be mailed" in text_of(mailed.visitor.get(mailed.path))
    mailed.work()
    (mail,) = mailed.office.mails
    assert mail.recipient == email
    words = mail.content.decode().replace("=\r\n", "")
    assert "Subject: Jane Smith invites you to Acme Inc" in words
    token = token_in(words)
    assert f"http://feedback.example.com/invitations/{token}" in words
    assert ">mailed<" in text_of(mailed.visitor.get(mailed.path))
    newcomer = Visitor(mailed.client)
    assert newcomer.post(f"/invitations/{token}", {"name": "Pat", "password": PASSWORD}).status == 303
    assert mailed.role_of(email) == "viewer"


def test_a_second_mail_ends_the_link_of_the_first(mailed: Mailed) -> None:
    email = mailed.ask()
    mailed.work()
    assert mailed.act(email, "again") == (303, f"{mailed.path}?done=invited")
    mailed.work()
    first, second = (token_in(mail.content.decode().replace("=\r\n", "")) for mail in mailed.office.mails)
    assert [Visitor(mailed.client).get(f"/invitations/{each}").status for each in (first, second)] == [404, 200]


def test_a_link_to_copy_where_mail_goes_too(mailed: Mailed) -> None:
    email = mailed.ask()
    status, page = mailed.act(email, "again", copy="1")
    assert status == 200
    token = token_in(page)
    mailed.work()
    assert mailed.office.mails == []
    assert Visitor(mailed.client).get(f"/invitations/{token}").status == 200
    assert mailed.way_of(email) == "link"


def test_what_was_withdrawn_is_not_mailed(mailed: Mailed) -> None:
    email = mailed.ask()
    assert mailed.act(email, "withdraw")[0] == 303
    mailed.work()
    assert mailed.office.mails == []


def test_a_mail_server_that_refuses(mailed: Mailed) -> None:
    email = mailed.ask()
    mailed.office.replies["RCPT"] = ["550 5.1.1 <b>no such person"]
    mailed.work()
    page = text_of(mailed.visitor.get(mailed.path))
    assert ">not mailed<" in page
    assert "&lt;b&gt;no such person" in page
    assert mailed.way_of(email) == "failed"


def test_a_mail_server_that_is_busy_is_asked_again(mailed: Mailed, clock: Clock) -> None:
    email = mailed.ask()
    mailed.office.replies["RCPT"] = ["451 4.3.0 Later"]
    runner = Runner(mailed.database, job_table())
    runner.run_due()
    assert mailed.way_of(email) == "waiting"
    assert mailed.office.mails == []
    clock.advance(minutes=2)
    runner.run_due()
    assert mailed.way_of(email) == "sent"
    assert len(mailed.office.mails) == 1


def test_the_same_link_is_not_mailed_for_two(mailed: Mailed) -> None:
    for _ in range(2):
        mailed.ask()
    mailed.work()
    tokens = {token_in(mail.content.decode().replace("=\r\n", "")) for mail in mailed.office.mails}
    assert len(tokens) == 2
