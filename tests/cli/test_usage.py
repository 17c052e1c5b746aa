"""What every command has in common: help for a stranger, JSON for a program, errors in one shape."""

import json

import click
import pytest

from tests.cli.conftest import CommandLine
from userhero.cli import commands


def every_command(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found += every_command(command, (*path, name))
        else:
            found.append((*path, name))
    return found


def command_at(path: tuple[str, ...]) -> click.Command:
    found: click.Command = commands
    for name in path:
        assert isinstance(found, click.Group)
        found = found.commands[name]
    return found


@pytest.mark.parametrize("path", every_command(commands), ids=" ".join)
def test_every_command_is_described_and_takes_the_shared_options(path: tuple[str, ...]) -> None:
    command = command_at(path)
    assert command.help
    options = {name for parameter in command.params for name in parameter.opts}
    assert {"--data", "--database", "--json"} <= options
    for parameter in command.params:
        assert not isinstance(parameter, click.Option) or parameter.help, f"{path} {parameter.name}"


def test_the_commands_are_those_that_the_documentation_names() -> None:
    assert {" ".join(path) for path in every_command(commands)} == {
        "serve", "worker", "setup", "demo", "openapi", "migrate", "check", "backup", "restore",
        "user create", "user set-password", "user reset-second-factor",
        "workspace create", "workspace set", "workspace delete", "member set",
        "key create", "key revoke", "key list", "jobs run", "jobs list", "outbox list", "outbox show", "outbox retry",
            "audit list",
        "retention status", "import",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing"], "No such command 'nothing'"),
        (["serve", "--prot", "1"], "No such option"),
        (["setup", "--email", "a@example.com"], "Missing option '--workspace'"),
        (["member", "set", "--workspace", "w", "--email", "e", "--role", "king"], "is not one of"),
        (["jobs", "run", "--now", "soon"], "'soon' is not an ISO 8601 time"),
        (["workspace", "set", "ws_1"], "say what to change"),
        (["key", "create", "--email", "a@example.com", "--scopes", ","], "name at least one scope"),
    ],
)
def test_what_is_not_understood(userhero: CommandLine, words: list[str], said: str) -> None:
    done = userhero(*words, code=2, placed=False)
    assert done.out == ""
    assert done.err.startswith("error: ")
    assert said in done.err
    assert "--help" in done.err


def test_errors_as_json(userhero: CommandLine) -> None:
    done = userhero("serve", "--port", "http", "--json", code=1)
    assert json.loads(done.err) == {
        "error": {"code": "configuration", "message": "--port (USERHERO_PORT): must be a number from 0 to 65535"}
    }
    assert json.loads(userhero("setup", "--json", code=2).err)["error"]["code"] == "usage"


def test_settings_come_from_the_environment_too(userhero: CommandLine) -> None:
    data = str(userhero.instance.data)
    env = {"USERHERO_DATA": data} | ({"USERHERO_DATABASE": userhero.instance.url} if userhero.instance.url else {})
    assert userhero("migrate", env=env, placed=False).json["changed"] is True
    assert userhero("migrate").json["changed"] is False
    assert "did you mean USERHERO_DATA?" in userhero("migrate", env={"USERHERO_DATE": data}, code=1).err


def test_the_document_is_the_one_that_the_server_has(userhero: CommandLine) -> None:
    document = userhero("openapi", "--public-url", "https://feedback.example.com", "--json").json
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": "https://feedback.example.com/api/v1"}]
    assert not (userhero.instance.data / "userhero.db").exists(), "printing it needs no database"
