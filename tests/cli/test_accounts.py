"""Accounts, workspaces, members and keys at the command line, while a server runs on the same data."""

import json
from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from tests.cli.conftest import CommandLine
from tests.support.client import Response
from tests.support.live import LiveServer
from userhero import workspaces
from userhero.kernel import clock
from userhero.workspaces import second_factor, totp


@pytest.fixture
def server(userhero: CommandLine, serve: Callable[..., LiveServer]) -> LiveServer:
    return serve(userhero.instance)


def ask(server: LiveServer, key: str, path: str = "/workspaces") -> Response:
    return server.client.request("GET", f"/api/v1{path}", headers=[("authorization", f"Bearer {key}")])


def test_a_tenant_from_set_up_to_its_end(server: LiveServer, userhero: CommandLine) -> None:
    made = userhero("setup", "--email", "Owner@Example.com", "--workspace", "Acme Inc", "--project", "My App").json
    assert list(made) == ["userId", "workspaceId", "projectId", "widgetId", "publicKey", "apiKey"]
    assert made["publicKey"].startswith("pk_live_")
    key, workspace = made["apiKey"], made["workspaceId"]
    (listed,) = ask(server, key).data
    assert (listed["id"], listed["plan"], listed["role"]) == (workspace, "pro_max", "owner")
    (project,) = ask(server, key, f"/projects?workspaceId={workspace}").data
    assert (project["id"], project["name"]) == (made["projectId"], "My App")

    userhero("workspace", "set", workspace, "--api-access", "off")
    assert ask(server, key, f"/projects?workspaceId={workspace}").status == 403
    userhero("workspace", "set", workspace, "--api-access", "on", "--plan", "growth")
    assert ask(server, key, f"/projects?workspaceId={workspace}").status == 403
    userhero("workspace", "set", workspace, "--plan", "pro")
    assert ask(server, key).data[0]["plan"] == "pro"

    second = userhero("key", "create", "--email", "owner@example.com", "--scopes", "projects:read", "--json")
    assert second.out.count("\n") == 1
    assert list(second.json) == ["id", "apiKey"]
    assert ask(server, second.json["apiKey"], f"/projects?workspaceId={workspace}").status == 200
    assert ask(server, second.json["apiKey"]).status == 403
    assert second.json["id"] in userhero("key", "list", "--email", "owner@example.com").out
    userhero("key", "revoke", second.json["id"])
    assert ask(server, second.json["apiKey"]).status == 401


def test_members_come_and_go(server: LiveServer, userhero: CommandLine) -> None:
    workspace = userhero("setup", "--email", "owner@example.com", "--workspace", "Acme").json["workspaceId"]
    user = userhero(
        "user", "create", "--email", "jane@example.com", "--name", "Jane", "--password", "-", stdin="correct horse\n"
    )
    assert user.json["id"].startswith("user_")
    key = userhero("key", "create", "--email", "jane@example.com").json["apiKey"]
    path = f"/projects?workspaceId={workspace}"
    assert ask(server, key, path).status == 404
    for role, status in (("viewer", 403), ("admin", 200), ("none", 404)):
        userhero("member", "set", "--workspace", workspace, "--email", "jane@example.com", "--role", role)
        assert ask(server, key, path).status == status
    last = userhero("member", "set", "--workspace", workspace, "--email", "owner@example.com", "--role", "none", code=1)
    assert last.err.startswith("error: A workspace needs an owner")


def test_a_workspace_is_deleted_by_its_name(server: LiveServer, userhero: CommandLine) -> None:
    made = userhero("setup", "--email", "owner@example.com", "--workspace", "Acme", "--project", "My App").json
    wrong = userhero("workspace", "delete", made["workspaceId"], "--name", "acme", code=1)
    assert "is not the name of" in wrong.err
    assert [each["id"] for each in ask(server, made["apiKey"]).data] == [made["workspaceId"]]
    asked = userhero("workspace", "delete", made["workspaceId"], stdin="Acme\n")
    assert "1 members, 1 projects, 0 feedback" in asked.err
    assert asked.json["deleted"] is True
    assert ask(server, made["apiKey"]).data == []
    gone = userhero("workspace", "delete", "ws_nothing", "--name", "Acme", code=1)
    assert "no workspace" in gone.err
    (record, *_) = userhero("audit", "list", "--act", "workspace.deleted", "--json").json
    assert record["subject"]["id"] == made["workspaceId"]


def test_an_expired_key(server: LiveServer, userhero: CommandLine) -> None:
    userhero("setup", "--email", "owner@example.com", "--workspace", "Acme")
    key = userhero("key", "create", "--email", "owner@example.com", "--expires", "2020-01-01").json["apiKey"]
    assert ask(server, key).status == 401


def test_a_second_tenant_needs_another_address(userhero: CommandLine) -> None:
    first = userhero("setup", "--email", "a@example.com", "--workspace", "One", "--plan", "free").json
    second = userhero("setup", "--email", "b@example.com", "--workspace", "Two").json
    assert first["workspaceId"] != second["workspaceId"]
    again = userhero("setup", "--email", "a@example.com", "--workspace", "Three", "--json", code=1)
    assert again.out == ""
    assert json.loads(again.err)["error"]["code"] == "conflict"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["user", "create", "--email", "nobody", "--name", "N"], "email: "),
        (["user", "create", "--email", "a@example.com", "--name", "N", "--password", "short"], "password: "),
        (["workspace", "create", "--name", "N", "--owner", "nobody@example.com"], "no account"),
        (["workspace", "set", "ws_nothing", "--plan", "pro"], "no workspace"),
        (["key", "create", "--email", "nobody@example.com"], "no account"),
        (["key", "revoke", "key_nothing"], "API key not found"),
        (["setup", "--email", "a@example.com", "--workspace", "W", "--plan", "gold"], "plan: must be one of free"),
    ],
)
def test_a_refusal_says_why_and_leaves_nothing(userhero: CommandLine, words: list[str], said: str) -> None:
    done = userhero(*words, code=1)
    assert done.out == ""
    assert done.err.startswith("error: ")
    assert said in done.err
    assert "no account" in userhero("key", "list", "--email", "a@example.com", code=1).err


def test_a_new_password_from_the_command_line(server: LiveServer, userhero: CommandLine) -> None:
    userhero("setup", "--email", "owner@example.com", "--workspace", "Acme", "--password", "old mule 123 stapled")
    done = userhero("user", "set-password", "--email", "Owner@example.com", stdin="new pony 321 stapled\n")
    assert done.json["id"].startswith("user_")
    headers = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")]
    for password, status in (("old mule 123 stapled", 422), ("new pony 321 stapled", 303)):
        body = urlencode({"email": "owner@example.com", "password": password}).encode()
        assert server.client.request("POST", "/sign-in", headers=headers, body=body).status == status
    for email, password in (("owner@example.com", "password1"), ("nobody@example.com", "new pony 321 stapled")):
        userhero("user", "set-password", "--email", email, stdin=f"{password}\n", code=1)


def test_a_second_factor_that_was_lost(server: LiveServer, userhero: CommandLine) -> None:
    userhero("setup", "--email", "owner@example.com", "--workspace", "Acme", "--password", "old mule 123 stapled")
    person = server.database.read(lambda tx: workspaces.act_as(tx, "owner@example.com"))
    server.database.write(lambda tx: second_factor.begin(tx, person))
    state = server.database.read(lambda tx: second_factor.find_state(tx, person))
    assert state.secret is not None
    code = totp.code_at(state.secret, totp.step_at(clock.seconds()))
    server.database.write(lambda tx: second_factor.confirm(tx, person, code))

    def try_in() -> int:
        headers = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")]
        body = urlencode({"email": "owner@example.com", "password": "old mule 123 stapled"}).encode()
        return server.client.request("POST", "/sign-in", headers=headers, body=body).status

    assert try_in() == 200
    done = userhero("user", "reset-second-factor", "--email", "Owner@example.com")
    assert done.json == {"id": person.user_id, "email": "Owner@example.com"}
    assert try_in() == 303
    newest = userhero("audit", "list", "--json").json
    assert "user.second_factor_off" in str(newest)
    for email, said in (("owner@example.com", "has no second factor"), ("nobody@example.com", "no account")):
        assert said in userhero("user", "reset-second-factor", "--email", email, code=1).err
