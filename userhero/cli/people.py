"""``userhero user``, ``userhero workspace`` and ``userhero member``."""

import click
import msgspec

from userhero import records, workspaces
from userhero.cli.opening import opened
from userhero.cli.options import command
from userhero.cli.output import Output
from userhero.cli.passwords import password_option, read_password
from userhero.kernel.config import Settings


@click.group()
def user() -> None:
    """Accounts of people."""


@click.group()
def workspace() -> None:
    """Workspaces: each holds one team's projects and feedback."""


@click.group()
def member() -> None:
    """Who is in a workspace, and as what."""


@command("create")
@click.option("--email", required=True, metavar="EMAIL", help="Address to sign in with.")
@click.option("--name", required=True, metavar="NAME", help="Name that others see.")
@password_option
def create_user(settings: Settings, output: Output, email: str, name: str, password: str | None) -> None:
    """Make an account. It is in no workspace yet: see `userhero member set`."""
    secret = read_password(password)
    with opened(settings) as database:
        made = database.write(lambda tx: workspaces.create_user(tx, email=email, name=name, password=secret))
    output.result({"id": made, "email": email, "name": name})


@command("create")
@click.option("--name", required=True, metavar="NAME", help="Name of the workspace.")
@click.option("--owner", required=True, metavar="EMAIL", help="Address of the account that owns it.")
@click.option("--plan", default="pro_max", show_default=True, metavar="PLAN", help="Its plan.")
def create_workspace(settings: Settings, output: Output, name: str, owner: str, plan: str) -> None:
    """Make a workspace."""
    with opened(settings) as database:
        made = database.write(lambda tx: workspaces.create_workspace(tx, name=name, owner_email=owner, plan=plan))
    output.result({"id": made, "name": name, "owner": owner, "plan": plan})


@command("set")
@click.argument("workspace_id", metavar="ID")
@click.option("--plan", metavar="PLAN", help=f"Change the plan: {', '.join(workspaces.PLANS)}.")
@click.option("--api-access", type=click.Choice(["on", "off"]), help="Switch the REST API on or off.")
@click.option(
    "--retention-days",
    type=int,
    metavar="DAYS",
    help="Remove feedback that is older, where the plan keeps it longer; 0 to do as the plan says.",
)
def set_workspace(
    settings: Settings,
    output: Output,
    workspace_id: str,
    plan: str | None,
    api_access: str | None,
    retention_days: int | None,
) -> None:
    """Change the plan of a workspace, its API access, or how long it keeps feedback."""
    if plan is None and api_access is None and retention_days is None:
        raise click.UsageError(
            "say what to change: --plan, --api-access, --retention-days", click.get_current_context()
        )
    access = None if api_access is None else api_access == "on"
    with opened(settings) as database:
        database.write(
            lambda tx: workspaces.set_workspace(
                tx, workspace_id, plan=plan, api_access=access, retention_days=retention_days
            )
        )
    changed = {"plan": plan, "apiAccess": access, "retentionDays": retention_days}
    output.result({"id": workspace_id, **{name: value for name, value in changed.items() if value is not None}})


@command("delete")
@click.argument("workspace_id", metavar="ID")
@click.option("--name", metavar="NAME", help="Its name, as a confirmation; asked for where it is not given.")
def delete_workspace(settings: Settings, output: Output, workspace_id: str, name: str | None) -> None:
    """Delete a workspace with all that it has. There is no way back but a backup of the whole installation.

    Nobody gets in from then on; what it has is removed by the server, in parts. Accounts of people stay.
    """
    with opened(settings) as database:
        goes = database.read(lambda tx: records.weigh_workspace(tx, workspace_id))
        if name is None:
            said = ", ".join(f"{number:,} {what}" for what, number in msgspec.structs.asdict(goes).items())
            output.note(f"All of {workspace_id} will go: {said}, and everything else in it.")
            name = click.prompt("Name of the workspace", err=True)
        typed = name
        database.write(lambda tx: records.delete_workspace(tx, workspace_id, name=typed))
    output.result({"id": workspace_id, "deleted": True, **msgspec.to_builtins(goes)})
    output.note("Nobody gets in any more. The server removes what it had; without one, userhero jobs run does.")


@command("set")
@click.option("--workspace", "workspace_id", required=True, metavar="ID", help="The workspace.")
@click.option("--email", required=True, metavar="EMAIL", help="Address of the account.")
@click.option(
    "--role",
    required=True,
    type=click.Choice(["owner", "admin", "member", "viewer", "none"]),
    help="What the account is in the workspace; none takes it out.",
)
def set_member(settings: Settings, output: Output, workspace_id: str, email: str, role: str) -> None:
    """Give an account a role in a workspace, or take it out."""
    with opened(settings) as database:
        database.write(lambda tx: workspaces.set_member(tx, workspace_id, email=email, role=role))
    output.result({"workspaceId": workspace_id, "email": email, "role": role})


@command("set-password")
@click.option("--email", required=True, metavar="EMAIL", help="Address of the account.")
@click.option(
    "--password",
    default="-",
    show_default=True,
    metavar="PASSWORD",
    help="The new one; - asks for it, or reads it from standard input.",
)
def set_password(settings: Settings, output: Output, email: str, password: str) -> None:
    """Give somebody a new password, and sign them out everywhere."""
    hashed = workspaces.hash_password(read_password(password) or "", (email,))
    with opened(settings) as database:
        changed = database.write(lambda tx: workspaces.set_password(tx, email, hashed))
    output.result({"id": changed, "email": email})


@command("reset-second-factor")
@click.option("--email", required=True, metavar="EMAIL", help="Address of the account.")
def reset_second_factor(settings: Settings, output: Output, email: str) -> None:
    """Let somebody sign in with their password alone, who has lost app and recovery codes. Be sure of who asks."""
    with opened(settings) as database:
        changed = database.write(lambda tx: workspaces.reset_second_factor(tx, email))
    output.result({"id": changed, "email": email})


user.add_command(create_user)
user.add_command(set_password)
user.add_command(reset_second_factor)
workspace.add_command(create_workspace)
workspace.add_command(set_workspace)
workspace.add_command(delete_workspace)
member.add_command(set_member)
