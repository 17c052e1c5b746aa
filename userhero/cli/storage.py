"""``userhero migrate``, ``userhero backup`` and ``userhero restore``."""

from pathlib import Path

import click
import msgspec

from userhero.cli.options import command
from userhero.cli.output import Output
from userhero.kernel import backup as backups
from userhero.kernel.config import Settings
from userhero.kernel.db import schema
from userhero.kernel.instance import make_directory, prepare_schema

_FILE = click.Path(dir_okay=False, path_type=Path)


@command("migrate")
def migrate(settings: Settings, output: Output) -> None:
    """Bring the database to this release's schema.

    Servers do so when they start; run it before, where a big database must not make them wait. The previous release
    goes on working meanwhile.
    """
    make_directory(settings.data)
    before = schema.current(settings.address)
    changed = prepare_schema(settings)
    output.result({"from": before, "to": schema.head(), "changed": changed})


@command("backup")
@click.argument("file", type=_FILE)
def backup(settings: Settings, output: Output, file: Path) -> None:
    """Write database, uploaded files and secret key to FILE, while the server runs.

    The file opens everything: keep it as safe as the server. With PostgreSQL, pg_dump must be on the PATH.
    """
    made = backups.back_up(settings, file)
    output.result({"file": str(file), "bytes": file.stat().st_size, **msgspec.to_builtins(made)})


@command("restore")
@click.argument("file", type=_FILE)
@click.option("--force", is_flag=True, help="Replace the database that is there, and everything with it.")
def restore(settings: Settings, output: Output, file: Path, *, force: bool) -> None:
    """Put a backup in place. The server must be stopped.

    With PostgreSQL, pg_restore must be on the PATH, and every server and worker on the database be stopped.
    """
    found = backups.restore(settings, file, replace=force)
    output.result({"file": str(file), **msgspec.to_builtins(found)})
