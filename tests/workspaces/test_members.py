"""Who is in a workspace, and as what: seen by all, changed by those who may."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from tests.support.client import Client
from tests.support.problems import unchanged
from tests.support.tenants import Tenant, Tenants
from tests.support.visitors import Visitor, signed_in, text_of
from tests.support.work import settle
from userhero import workspaces
from userhero.kernel.db import Database, Transaction
from userhero.kernel.errors import Conflict, Forbidden, NotFound, Problem
from userhero.workspaces.actions.members import change_role, leave_workspace, remove_member
from userhero.workspaces.membership import find_role
from userhero.workspaces.types import ROLES

HOSTILE = '"><script>alert(1)</script>'


class Team:
    """A workspace with its owner, and others in it."""

    def __init__(self, tenant: Tenants, database: Database, client: Client) -> None:
        self.owner = tenant()
        self._tenants, self._database, self._client = tenant, database, client
        self.path = f"/app/{self.owner.workspace_id}/members"

    def add(self, role: str) -> Tenant:
        """Somebody else."""
        return self._tenants.colleague(self.owner, role)

    def browser(self, person: Tenant) -> Visitor:
        """A browser in which they are signed in."""
        return signed_in(self._database, self._client, person)

    def send(self, visitor: Visitor, path: str, **fields: str) -> tuple[int, str]:
        """Status, and the page or where to go."""
        token = visitor.token_on("/app/account")
        answer = visitor.post(path, {"csrf": token} | fields)
        return answer.status, answer.header("location") or answer.body.decode()

    def role_of(self, person: Tenant) -> str | None:
        """What they are by now."""
        return self._database.read(lambda tx: find_role(tx, self.owner.workspace_id, person.user_id))

    def acts(self) -> list[str]:
        """What was done, the newest first."""
        return [each["act"] for each in self.owner.get("/audit-log").data]


@pytest.fixture
def team(tenant: Tenants, database: Database, client: Client) -> Team:
    return Team(tenant, database, client)


def test_everybody_sees_who_is_in(team: Team) -> None:
    people = {role: team.add(role) for role in ROLES[1:]}
    for role, person in people.items():
        page = text_of(team.browser(person).get(team.path))
        assert all(each.email in page for each in (team.owner, *people.values())), role
        assert ("/role" in page) == (role == "admin")
        assert ("Invite somebody" in page) == (role == "admin")
    page = text_of(team.browser(people["viewer"]).get(team.path))
    row = page.partition(people["viewer"].email)[2].partition("</tr>")[0]
    assert "never" not in row
    assert "never" in page.partition(team.owner.email)[2].partition("</tr>")[0]


@pytest.mark.case("LOG-08", "TEN-15")
def test_a_role_is_changed_and_holds_at_once(team: Team) -> None:
    person = team.add("viewer")
    theirs, owners = team.browser(person), team.browser(team.owner)
    outbox = f"/app/{team.owner.workspace_id}/outbox"
    assert theirs.get(outbox).status == 403
    done = team.send(owners, f"{team.path}/{person.user_id}/role", role="admin", seen="viewer")
    assert done == (303, f"{team.path}?done=role")
    assert theirs.get(outbox).status == 200
    newest = team.owner.get("/audit-log").data[0]
    assert (newest["act"], newest["actor"]["userId"], newest["subject"]["id"], newest["before"], newest["after"]) == (
        "member.role_changed", team.owner.user_id, person.user_id, {"role": "viewer"}, {"role": "admin"},
    )  # fmt: skip


@pytest.mark.case("TEN-15")
@pytest.mark.parametrize("new", ROLES)
@pytest.mark.parametrize("theirs", ROLES)
@pytest.mark.parametrize("own", ROLES)
def test_who_may_make_whom_what(team: Team, database: Database, own: str, theirs: str, new: str) -> None:
    """Every actor, every member, every role: only owners touch owners, admins the others, the rest nobody."""
    actor, person = team.add(own), team.add(theirs)
    allowed = own == "owner" or (own == "admin" and "owner" not in (theirs, new))
    act = partial(
        change_role,
        workspace_id=team.owner.workspace_id,
        user_id=person.user_id,
        role=new,
        seen=theirs,
    )

    def unit(tx: Transaction) -> None:
        act(tx, workspaces.act_as(tx, actor.email))

    if allowed:
        database.write(unit)
    else:
        with unchanged(database, team.owner), pytest.raises(Forbidden):
            database.write(unit)
    assert team.role_of(person) == (new if allowed else theirs)


@pytest.mark.parametrize("theirs", ROLES)
@pytest.mark.parametrize("own", ROLES)
def test_who_may_remove_whom(team: Team, own: str, theirs: str) -> None:
    actor, person = team.browser(team.add(own)), team.add(theirs)
    status, _ = team.send(actor, f"{team.path}/{person.user_id}/remove", sure="on")
    allowed = own == "owner" or (own == "admin" and theirs != "owner")
    assert status == (303 if allowed else 403)
    assert team.role_of(person) == (None if allowed else theirs)


@pytest.mark.parametrize("own", ROLES[1:])
def test_nobody_raises_themself(team: Team, own: str) -> None:
    person = team.add(own)
    visitor = team.browser(person)
    for role in ROLES[: ROLES.index(own)]:
        status, _ = team.send(visitor, f"{team.path}/{person.user_id}/role", role=role, seen=own)
        assert status == 403
    assert team.role_of(person) == own


def test_who_steps_down_stays_down(team: Team) -> None:
    admin = team.add("admin")
    visitor = team.browser(admin)
    assert team.send(visitor, f"{team.path}/{admin.user_id}/role", role="viewer", seen="admin")[0] == 303
    assert team.send(visitor, f"{team.path}/{admin.user_id}/role", role="admin", seen="viewer")[0] == 403
    assert team.role_of(admin) == "viewer"


def test_the_last_owner_stays(team: Team, database: Database) -> None:
    owner, path = team.browser(team.owner), f"/app/{team.owner.workspace_id}"
    for address, fields in (
        (f"{team.path}/{team.owner.user_id}/role", {"role": "admin", "seen": "owner"}),
        (f"{team.path}/{team.owner.user_id}/remove", {"sure": "on"}),
        (f"{path}/leave", {"sure": "on"}),
    ):
        with unchanged(database, team.owner):
            status, page = team.send(owner, address, **fields)
        assert status == 409
        assert "A workspace needs an owner" in page
    assert "A workspace needs an owner" in text_of(owner.get(f"{path}/leave"))
    second = team.add("owner")
    assert team.send(owner, f"{path}/leave", sure="on") == (303, "/app/workspaces")
    assert (team.role_of(team.owner), team.role_of(second)) == (None, "owner")


def test_of_two_owners_who_remove_each_other_one_stays(team: Team, database: Database) -> None:
    """The second is judged by what the first has made of them."""
    second = team.add("owner")

    def removing(actor: Tenant, person: Tenant) -> Callable[[], str]:
        def attempt() -> str:
            try:
                database.write(
                    lambda tx: remove_member(
                        tx, workspaces.act_as(tx, actor.email), team.owner.workspace_id, person.user_id
                    )
                )
            except Problem as problem:
                return type(problem).__name__
            return "done"

        return attempt

    with ThreadPoolExecutor(2) as pool:
        tries = [pool.submit(each) for each in (removing(team.owner, second), removing(second, team.owner))]
        assert sorted(each.result() for each in tries) == ["NotFound", "done"]
    assert sorted(map(str, (team.role_of(team.owner), team.role_of(second)))) == ["None", "owner"]


def test_two_owners_who_leave_at_once(team: Team, database: Database) -> None:
    second = team.add("owner")

    def attempt(person: Tenant) -> str:
        try:
            database.write(lambda tx: leave_workspace(tx, workspaces.act_as(tx, person.email), team.owner.workspace_id))
        except Conflict:
            return "kept"
        return "left"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, (team.owner, second))) == ["kept", "left"]


def test_a_stale_form_changes_nothing(team: Team, database: Database) -> None:
    person = team.add("member")
    owner, admin = team.browser(team.owner), team.browser(team.add("admin"))
    assert team.send(owner, f"{team.path}/{person.user_id}/role", role="admin", seen="member")[0] == 303
    with unchanged(database, team.owner):
        status, page = team.send(admin, f"{team.path}/{person.user_id}/role", role="viewer", seen="member")
    assert status == 409
    assert "is admin now" in page
    assert 'name="seen" value="admin"' in page


@pytest.mark.parametrize("role", ["", "none", "Owner", "x" * 1000, HOSTILE])
def test_roles_that_are_none(team: Team, database: Database, role: str) -> None:
    person, visitor = team.add("member"), team.browser(team.owner)
    with unchanged(database, team.owner):
        status, page = team.send(visitor, f"{team.path}/{person.user_id}/role", role=role, seen="member")
    assert status == 422
    assert "must be one of the choices" in page
    assert "<script>alert" not in page


def test_removal_is_asked_for_once(team: Team, database: Database) -> None:
    person, owner = team.add("member"), team.browser(team.owner)
    page = text_of(owner.get(f"{team.path}/{person.user_id}/remove"))
    assert f"/inbox?assignee={person.user_id}" in page
    with unchanged(database, team.owner):
        status, page = team.send(owner, f"{team.path}/{person.user_id}/remove")
    assert status == 422
    assert "Check the box" in page
    assert team.send(owner, f"{team.path}/{person.user_id}/remove", sure="on") == (303, f"{team.path}?done=removed")
    assert team.send(owner, f"{team.path}/{person.user_id}/remove", sure="on")[0] == 404
    assert team.acts()[0] == "member.removed"


def test_strangers_members_are_not_there(team: Team, tenant: Tenants, database: Database) -> None:
    other, visitor = tenant(), team.browser(team.owner)
    for path in ("role", "remove"):
        with unchanged(database, team.owner, other):
            status, _ = team.send(
                visitor, f"{team.path}/{other.user_id}/{path}", role="viewer", seen="owner", sure="on"
            )
        assert status == 404


@pytest.mark.case("LOG-08")
def test_what_becomes_of_those_who_go(team: Team, tenant: Tenants, database: Database) -> None:
    """Pages and keys stop at once, here and nowhere else; open items go back to all, closed ones keep the name."""
    person = team.add("admin")
    own = tenant()
    database.write(lambda tx: workspaces.set_member(tx, own.workspace_id, email=person.email, role="admin"))
    items = [team.owner.new_feedback(f"Item {number}") for number in range(3)]
    for item in items:
        team.owner.patch(f"/feedback/{item['id']}", {"assigneeId": person.user_id})
    team.owner.patch(f"/feedback/{items[2]['id']}", {"status": "resolved"})
    visitor = team.browser(person)
    assert visitor.get(team.path).status == 200
    assert person.get("/feedback").status == 200

    assert team.send(team.browser(team.owner), f"{team.path}/{person.user_id}/remove", sure="on")[0] == 303
    assert visitor.get(team.path).status == 404
    assert visitor.get("/app/account").status == 200
    assert visitor.get(f"/app/{own.workspace_id}/members").status == 200
    assert person.get("/feedback").status == 404
    assert person.get("/feedback", workspaceId=own.workspace_id).status == 200

    settle(database, "feedback.unassign")
    found = [team.owner.get(f"/feedback/{item['id']}").data for item in items]
    assert [each["assigneeId"] for each in found] == [None, None, person.user_id]
    page = text_of(team.browser(team.owner).get(f"/app/{team.owner.workspace_id}/feedback/{items[0]['id']}"))
    assert "An automation" not in page.partition("History")[2]


def test_more_open_items_than_one_job_takes(team: Team, database: Database) -> None:
    person = team.add("member")
    items = [team.owner.new_feedback(f"Item {number}")["id"] for number in range(60)]
    for item in items:
        team.owner.patch(f"/feedback/{item}", {"assigneeId": person.user_id})
    assert team.send(team.browser(person), f"/app/{team.owner.workspace_id}/leave", sure="on")[0] == 303
    settle(database, "feedback.unassign")
    assert team.owner.count(assigneeId=person.user_id) == 0
    assert team.owner.count(assigneeId="none") == 60


def test_who_comes_back_before_that_keeps_their_items(team: Team, database: Database) -> None:
    person = team.add("member")
    item = team.owner.new_feedback()["id"]
    team.owner.patch(f"/feedback/{item}", {"assigneeId": person.user_id})

    def unit(tx: Transaction) -> None:
        for role in ("none", "member"):
            workspaces.set_member(tx, team.owner.workspace_id, email=person.email, role=role)

    database.write(unit)
    settle(database, "feedback.unassign")
    assert team.owner.get(f"/feedback/{item}").data["assigneeId"] == person.user_id


def test_the_command_line_may_all_but_leave_no_owner(team: Team, database: Database) -> None:
    person = team.add("viewer")
    for role in ("owner", "admin", "none"):
        database.write(
            lambda tx, role=role: workspaces.set_member(tx, team.owner.workspace_id, email=person.email, role=role)  # type: ignore[misc]
        )
        assert team.role_of(person) == (None if role == "none" else role)
    assert team.acts()[:3] == ["member.removed", "member.role_changed", "member.role_changed"]
    with pytest.raises(Conflict):
        database.write(
            lambda tx: workspaces.set_member(tx, team.owner.workspace_id, email=team.owner.email, role="none")
        )
    with pytest.raises(NotFound):
        database.write(lambda tx: workspaces.set_member(tx, "ws_unknown", email=team.owner.email, role="admin"))


def test_names_are_shown_as_they_are(team: Team) -> None:
    visitor = team.browser(team.owner)
    team.send(visitor, "/app/account/profile", own_name=HOSTILE)
    page = text_of(visitor.get(team.path))
    assert "<script>alert" not in page
    assert re.search(r"&#34;&gt;&lt;script&gt;", page)
