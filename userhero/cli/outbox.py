"""``userhero outbox``."""

from functools import partial

import click
import msgspec

from userhero import notifications
from userhero.cli.opening import opened
from userhero.cli.options import command
from userhero.cli.output import Output
from userhero.kernel.config import Settings

_STATUSES = ("waiting", "held", "sent", "failed", "kept", "capped")


@click.group()
def outbox() -> None:
    """Mails and messages: those that wait, and what became of the others."""


@command("list")
@click.option("--status", type=click.Choice(_STATUSES), help="Only those with this status.")
def list_(settings: Settings, output: Output, status: str | None) -> None:
    """List the newest 1,000 mails and messages of all workspaces."""
    with opened(settings) as database:
        found = database.read(partial(notifications.list_newest, status=status))
    output.table([msgspec.to_builtins(summary) for summary in found], "There are none.")


@command("show")
@click.argument("outbox_id", metavar="ID")
def show(settings: Settings, output: Output, outbox_id: str) -> None:
    """Show a mail or message with what it says."""
    with opened(settings) as database:
        found = database.read(partial(notifications.show_outbox_item, outbox_id=outbox_id))
    output.result(msgspec.Raw(found.encode()))


@command("retry")
@click.argument("outbox_id", metavar="[ID]", required=False)
def retry(settings: Settings, output: Output, outbox_id: str | None) -> None:
    """Send a mail or message that did not go out; without an ID all that failed or were put aside.

    A server or worker sends them within moments; `userhero jobs run` does it at once.
    """
    with opened(settings) as database:
        if outbox_id is not None:
            database.write(partial(notifications.retry_one, outbox_id=outbox_id))
            output.result({"retried": 1})
            return
        retried = 0
        while found := database.write(notifications.retry_some):
            retried += found
    output.result({"retried": retried})


outbox.add_command(list_)
outbox.add_command(show)
outbox.add_command(retry)
