"""``userhero retention``."""

import click
import msgspec

from userhero import records
from userhero.cli.opening import opened
from userhero.cli.options import command
from userhero.cli.output import Output
from userhero.kernel.config import Settings


@click.group()
def retention() -> None:
    """How long feedback is kept."""


@command("status")
def status(settings: Settings, output: Output) -> None:
    """Show for each workspace after how many days feedback is removed, and how many items are due for it.

    They are removed once a day; `userhero jobs run` does it where that time has come.
    """
    with opened(settings) as database:
        found = database.read(records.list_retention_status)
    output.table([msgspec.to_builtins(each) for each in found], "There are no workspaces.")


retention.add_command(status)
