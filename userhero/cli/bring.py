"""``userhero import``."""

from pathlib import Path
from typing import Any, get_args

import click
import msgspec

from userhero import records
from userhero.cli.opening import opened
from userhero.cli.options import command
from userhero.cli.output import Output
from userhero.kernel.config import Settings

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SAID_EVERY = 10_000


@command("import")
@click.argument("file", type=_FILE)
@click.option("--workspace", "workspace_id", required=True, metavar="ID", help="The workspace.")
@click.option("--project", "project_id", required=True, metavar="ID", help="The project that the items go to.")
@click.option(
    "--map",
    "chosen",
    multiple=True,
    metavar="COLUMN=FIELD",
    help="Which field a column goes to, where its name does not say so; nothing after the = drops it.",
)
@click.option("--format", "kind", type=click.Choice(get_args(records.Kind)), help="What FILE is; by its ending else.")
@click.option("--comments", type=_FILE, help="What was said to customers, by the feedbackId of each comment.")
@click.option("--notes", type=_FILE, help="Internal notes in the same way.")
@click.option("--dry-run", "trial", is_flag=True, help="Write nothing, and say what would happen.")
@click.option(
    "--errors",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where refused records go; FILE.errors.ndjson, with --dry-run nowhere.",
)
def bring(settings: Settings, output: Output, **given: Any) -> None:
    """Bring feedback in from FILE: CSV with a header, or JSON (an array of objects, or an object a line).

    Imported again, what has changed is updated and nothing comes twice: by externalId (a column id will do), else by
    the line. Nobody is told of what is imported: no automations, mails or webhooks. Exits with 1 where records were
    refused; the others are imported all the same.
    """
    file = given["file"]
    if given["errors"] is None and not given["trial"]:
        given["errors"] = file.with_name(f"{file.name}.errors.ndjson")
    wanted = records.Wanted(**given | {"chosen": tuple(map(_pair, given["chosen"]))})
    with opened(settings) as database:
        try:
            report = records.import_file(database, wanted, lambda done: _say(output, done))
        except (records.UnknownField, records.UnreadableFile) as error:
            raise click.ClickException(str(error)) from error
    output.result(msgspec.to_builtins(report))
    if report.refused:
        click.get_current_context().exit(1)


def _pair(text: str) -> tuple[str, str]:
    column, found, field = text.rpartition("=")
    if not found or not column:
        raise click.UsageError(f"--map {text}: must be COLUMN=FIELD", click.get_current_context())
    return column, field.strip()


def _say(output: Output, done: int) -> None:
    if done > records.BATCH and done % _SAID_EVERY < records.BATCH:
        output.note(f"{done:,} records")
