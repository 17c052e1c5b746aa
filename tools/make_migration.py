"""Writes the next step of the schema from what the tables say. Read it before you commit it.

``python tools/make_migration.py "votes on feedback"`` compares the tables with a database at the newest step.
``--first`` writes step 0001 anew instead, from nothing; that ends with the first release.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import Script

from userhero.kernel.db import migrate, schema
from userhero.server import composition

VERSIONS = schema.SCRIPTS / "versions"


def write(message: str, number: int, folder: Path) -> Path:
    """Compare a database at the step before with the tables, and write step ``number``; returns the file."""
    scripts = folder / "migrations"
    shutil.copytree(schema.SCRIPTS, scripts)
    later = [file for file in (scripts / "versions").glob("[0-9]*.py") if int(file.name[:4]) >= number]
    for file in later:
        file.unlink()
    address = str(folder / "compared.db")
    if number > 1:
        migrate.upgrade(address, f"{number - 1:04d}")
    engine = migrate.engine_for(address)
    with engine.connect() as connection:
        config = migrate.configuration(connection, scripts)
        config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
        config.attributes["metadata"] = composition.all_tables()
        script = command.revision(config, message, autogenerate=True, rev_id=f"{number:04d}")
    engine.dispose()
    assert isinstance(script, Script), "one message makes one step"
    return Path(script.path)


def tidy(path: Path) -> None:
    """Take Alembic's remarks out and format the rest."""
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "### " not in line), "utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", path], check=True)


def main() -> None:
    """Read the arguments and write the file."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("message", help="what the step does, in a few words")
    arguments.add_argument("--first", action="store_true", help="write step 0001 anew")
    given = arguments.parse_args()
    number = 1 if given.first else len(schema.steps()) + 1
    with tempfile.TemporaryDirectory() as folder:
        made = write(given.message, number, Path(folder))
        for old in VERSIONS.glob(f"{number:04d}_*.py"):
            old.unlink()
        path = VERSIONS / made.name
        shutil.copyfile(made, path)
    tidy(path)
    print(path)


if __name__ == "__main__":
    main()
