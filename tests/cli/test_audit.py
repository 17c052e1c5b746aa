"""What the operator does at the command line is in the audit log, which they can read there."""

from collections.abc import Iterator

import click

from tests.cli.conftest import CommandLine
from userhero.cli import commands
from userhero.kernel.clock import shift

_ACTS = {
    "user create", "user set-password", "user reset-second-factor", "workspace create", "workspace set",
    "workspace delete", "member set", "key create", "key revoke", "setup", "import",
}  # fmt: skip
# Each with the reason why it is no act on a workspace or an account.
_OTHERS = {
    "serve": "starts a process",
    "worker": "starts a process",
    "demo": "does what setup does, and fills it",
    "key list": "reads",
    "jobs list": "reads",
    "outbox list": "reads",
    "outbox show": "reads",
    "audit list": "reads",
    "retention status": "reads",
    "check": "reads",
    "openapi": "reads",
    "jobs run": "does what a server does by itself",
    "outbox retry": "does what a server does by itself, once more",
    "migrate": "is about the whole installation, before there may be a log",
    "backup": "is about the whole installation",
    "restore": "is about the whole installation, and replaces the log",
}


def names(group: click.Group, before: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from names(command, f"{before}{name} ")
        else:
            yield before + name


def test_every_command_is_an_act_or_is_said_to_be_none() -> None:
    assert set(names(commands)) == _ACTS | _OTHERS.keys()
    assert not _ACTS & _OTHERS.keys()


def test_what_is_done_at_the_command_line_is_recorded(userhero: CommandLine) -> None:
    made = userhero("setup", "--email", "jane@example.com", "--workspace", "Acme Inc", "--project", "My App").json
    john = userhero("user", "create", "--email", "john@example.com", "--name", "John Doe").json["id"]
    second = userhero("workspace", "create", "--name", "Second", "--owner", "john@example.com").json["id"]
    workspace = made["workspaceId"]
    userhero("workspace", "set", workspace, "--plan", "pro", "--api-access", "off")
    userhero("member", "set", "--workspace", workspace, "--email", "john@example.com", "--role", "viewer")
    key = userhero("key", "create", "--email", "john@example.com", "--name", "Bot").json
    userhero("key", "revoke", key["id"])
    userhero("workspace", "set", workspace, "--plan", "none", code=1)
    userhero("key", "revoke", key["id"], code=1)

    found = userhero("audit", "list", "--json").json
    first_key = found[-4]["subject"]["id"]
    assert {(each["actor"]["via"], each["actor"]["credentialId"]) for each in found} == {("operator", "operator")}
    keys = {second, workspace}
    assert [(each["act"], each["subject"]["id"]) for each in found] == [
        *[("key.revoked", key["id"])] * len(keys),
        *[("key.created", key["id"])] * len(keys),
        ("member.added", john),
        ("workspace.updated", workspace),
        ("workspace.created", second),
        ("user.created", john),
        ("key.created", first_key),
        ("project.created", made["projectId"]),
        ("workspace.created", workspace),
        ("user.created", made["userId"]),
    ]
    assert {each["workspaceId"] for each in found[:2]} == {each["workspaceId"] for each in found[2:4]} == keys
    assert found[-3]["actor"]["userId"] == made["userId"], "the project is made as the new owner"
    assert found[5]["before"] == {"plan": "pro_max", "apiAccessEnabled": True}
    assert found[5]["after"] == {"plan": "pro", "apiAccessEnabled": False}
    assert key["apiKey"] not in str(found)
    assert made["apiKey"] not in str(found)


def test_the_log_is_filtered_and_shown(userhero: CommandLine) -> None:
    jane = userhero("user", "create", "--email", "jane@example.com", "--name", "Jane\x1b[31m\nDoe").json["id"]
    made = userhero("workspace", "create", "--name", "Acme Inc", "--owner", "jane@example.com").json["id"]
    userhero("workspace", "set", made, "--plan", "pro")
    changed, created, person = userhero("audit", "list", "--json").json
    assert userhero("audit", "list", "--workspace", made, "--json").json == [changed, created]
    assert userhero("audit", "list", "--act", "workspace.updated", "--json").json == [changed]
    assert userhero("audit", "list", "--subject", jane, "--actor", "operator", "--json").json == [person]
    assert userhero("audit", "list", "--after", changed["createdAt"], "--json").json == []
    assert userhero("audit", "list", "--before", "2000-01-01").out == "There are none.\n"
    assert "ISO 8601" in userhero("audit", "list", "--after", "soon", code=1).err
    header, *rows = userhero("audit", "list").out.splitlines()
    assert header.split() == ["createdAt", "act", "subject", "name", "by", "via", "address", "workspace"]
    assert len(rows) == 3
    assert "Jane\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}Doe" in rows[2]


def test_the_operator_says_for_how_long_it_is_kept(userhero: CommandLine) -> None:
    userhero("user", "create", "--email", "jane@example.com", "--name", "Jane")
    (record,) = userhero("audit", "list", "--json").json
    for days, kept, left in ((29, "30", [record]), (31, "32", [record]), (33, "32", [])):
        moment = shift(record["createdAt"], days=days)
        userhero("jobs", "run", "--now", moment, env={"USERHERO_AUDIT_DAYS": kept})
        assert userhero("audit", "list", "--json").json == left
