"""``userhero jobs``."""

import click
import msgspec

from userhero.cli.opening import opened
from userhero.cli.options import command
from userhero.cli.output import Output
from userhero.kernel import clock
from userhero.kernel.config import Settings
from userhero.kernel.jobs import Runner, list_jobs
from userhero.server import job_table


@click.group()
def jobs() -> None:
    """Background work."""


@command("run")
@click.option("--now", "moment", metavar="TIME", help="ISO 8601 time: do what would be due then.")
def run(settings: Settings, output: Output, moment: str | None) -> None:
    """Do all the background work that is due, then exit.

    Servers and workers do it by themselves; this is for tests, and for looking ahead with --now.
    """
    if moment is not None:
        frozen = _seconds(moment)
        clock.use(lambda: frozen)
    with opened(settings) as database:
        done = Runner(database, job_table()).run_due()
    output.result({"done": done})


@command("list")
def list_(settings: Settings, output: Output) -> None:
    """List the jobs that wait, and those that failed for good (kept for 30 days), with their last error."""
    with opened(settings) as database:
        found = database.read(list_jobs)
    output.table([msgspec.to_builtins(summary) for summary in found], "No jobs wait, and none failed.")


def _seconds(moment: str) -> float:
    try:
        return clock.unix(clock.parse(moment))
    except ValueError:
        raise click.BadParameter(
            f"{moment!r} is not an ISO 8601 time", click.get_current_context(), param_hint="--now"
        ) from None


jobs.add_command(run)
jobs.add_command(list_)
