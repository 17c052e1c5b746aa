"""``userhero key``."""

import click
import msgspec

from userhero import workspaces
from userhero.cli.opening import opened
from userhero.cli.options import command
from userhero.cli.output import Output
from userhero.kernel.config import Settings


@click.group()
def key() -> None:
    """API keys."""


@command("create")
@click.option("--email", required=True, metavar="EMAIL", help="Address of the account that the key acts for.")
@click.option("--name", default="Command line", show_default=True, metavar="NAME", help="What the key is for.")
@click.option("--scopes", metavar="A,B", help="Scopes, such as feedback:read,feedback:write. Default: all.")
@click.option("--expires", metavar="TIME", help="ISO 8601 time at which the key ends. Default: never.")
def create(settings: Settings, output: Output, email: str, name: str, scopes: str | None, expires: str | None) -> None:
    """Make an API key and print it. It is shown this once."""
    wanted = None if scopes is None else frozenset(scope.strip() for scope in scopes.split(",") if scope.strip())
    if wanted is not None and not wanted:
        raise click.BadParameter("name at least one scope", click.get_current_context(), param_hint="--scopes")
    with opened(settings) as database:
        made = database.write(
            lambda tx: workspaces.create_key(tx, email=email, name=name, scopes=wanted, expires_at=expires)
        )
    output.result(made)


@command("revoke")
@click.argument("key_id", metavar="ID")
def revoke(settings: Settings, output: Output, key_id: str) -> None:
    """End an API key. Requests with it are refused from now on."""
    with opened(settings) as database:
        database.write(lambda tx: workspaces.revoke_key(tx, key_id))
    output.result({"id": key_id, "revoked": True})


@command("list")
@click.option("--email", required=True, metavar="EMAIL", help="Address of the account whose keys to list.")
def list_(settings: Settings, output: Output, email: str) -> None:
    """List the API keys of an account, newest first, without their secrets."""
    with opened(settings) as database:
        found = database.read(lambda tx: workspaces.list_keys(tx, email))
    output.table([msgspec.to_builtins(summary) for summary in found], f"{email} has no API keys.")


key.add_command(create)
key.add_command(revoke)
key.add_command(list_)
