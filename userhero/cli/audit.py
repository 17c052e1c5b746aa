"""``userhero audit``."""

import click
import msgspec

from userhero import workspaces
from userhero.cli.opening import opened
from userhero.cli.options import command
from userhero.cli.output import Output
from userhero.kernel.config import Settings


@click.group()
def audit() -> None:
    """The audit log: who did what, to what, from where."""


@command("list")
@click.option("--workspace", metavar="ID", help="Only what was done in this workspace.")
@click.option("--actor", metavar="ID", help="Only what this user did; or operator, or system.")
@click.option("--act", metavar="ACT", help="Only this act, such as project.updated.")
@click.option("--subject", metavar="ID", help="Only what was done to this.")
@click.option("--after", metavar="TIME", help="Only what was done after this ISO 8601 time.")
@click.option("--before", metavar="TIME", help="Only what was done before this ISO 8601 time.")
def list_(settings: Settings, output: Output, **wanted: str | None) -> None:
    """List the newest 1,000 records, of all workspaces and of what belongs to none.

    With --json each has what was there before and after, as the API shows it.
    """
    filtered = workspaces.AuditFilter(**wanted)
    with opened(settings) as database:
        found = database.read(lambda tx: workspaces.list_newest_acts(tx, filtered))
    if output.as_json:
        output.result(msgspec.Raw(f"[{','.join(found)}]".encode()))
    else:
        output.table([_row(record) for record in found], "There are none.")


def _row(record: str) -> dict[str, object]:
    shown = msgspec.json.decode(record)
    actor, subject = shown["actor"], shown["subject"]
    return {
        "createdAt": shown["createdAt"],
        "act": shown["act"],
        "subject": subject["id"],
        "name": subject["name"],
        "by": actor["userId"],
        "via": actor["via"],
        "address": shown["address"],
        "workspace": shown["workspaceId"],
    }


audit.add_command(list_)
