"""Writes the next step of the schema from what the tables say. Read it before you commit it.

``python tools/make_migration.py "votes on feedback"`` compares the tables with a database at the newest step. What only
one engine has (triggers, generated columns) is for you to add.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import Script

from userhero.kernel.db import migrate, schema
from userhero.server import composition


def write(message: str, address: str) -> Path:
    """Compare an empty database at the newest step with the tables, and write the next step; returns its file."""
    migrate.upgrade(address)
    engine = migrate.engine_for(address)
    with engine.connect() as connection:
        config = migrate.configuration(connection)
        config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
        config.attributes["metadata"] = composition.all_tables()
        number = f"{len(schema.steps()) + 1:04d}"
        script = command.revision(config, message, autogenerate=True, rev_id=number)
    engine.dispose()
    assert isinstance(script, Script), "one message makes one step"
    path = Path(script.path)
    tidy(path)
    return path


def tidy(path: Path) -> None:
    """Take Alembic's remarks out and format the rest."""
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "### " not in line), "utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", path], check=True)


def main() -> None:
    """Read the arguments and write the file."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("message", help="what the step does, in a few words")
    with tempfile.TemporaryDirectory() as folder:
        print(write(arguments.parse_args().message, str(Path(folder, "compared.db"))))


if __name__ == "__main__":
    main()
