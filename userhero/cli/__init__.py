"""The command line. Every command works while the server runs, on both engines.

A result goes to standard output, as JSON; what goes wrong goes to standard error, with exit code 1, or 2 where the
command was not understood.
"""

import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from userhero import __version__
from userhero.cli import audit, bring, check, demo, jobs, keys, outbox, people, processes, retention, setup, storage
from userhero.cli.output import report
from userhero.kernel.config import ConfigurationError
from userhero.kernel.errors import Problem

__all__ = ["main"]

_EXPECTED = (click.ClickException, click.Abort, ConfigurationError, Problem, OSError)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(version)s")
def commands() -> None:
    """Collect what users say about your product, sort it, answer it.

    Begin with `userhero demo --serve`, or with `userhero serve` and `userhero setup` in another terminal. Settings are
    options, or environment variables: --port is USERHERO_PORT.
    """


for command in (
    processes.serve,
    processes.worker,
    setup.setup,
    demo.demo,
    people.user,
    people.workspace,
    people.member,
    keys.key,
    jobs.jobs,
    outbox.outbox,
    audit.audit,
    retention.retention,
    bring.bring,
    storage.migrate,
    check.check,
    storage.backup,
    storage.restore,
    processes.openapi,
):
    commands.add_command(command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command that the arguments name, and end the process."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = commands.main(given, prog_name="userhero", standalone_mode=False)
    except _EXPECTED as error:
        sys.exit(report(error, as_json="--json" in given))
    sys.exit(code if isinstance(code, int) else 0)
