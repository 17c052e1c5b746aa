"""Writes the next step of the schema from what the tables say. Read it before you commit it.

``python tools/make_migration.py "votes on feedback"`` compares the tables with a database at the newest step.
``--first`` writes step 0001 anew instead, from nothing; that ends with the first release.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from alembic import command

from userhero.kernel.db import metadata, migrate, schema
from userhero.server import composition

VERSIONS = schema.SCRIPTS / "versions"


def write(message: str, number: int, folder: Path) -> Path:
    """Compare a database at the step before with the tables, and write step ``number``."""
    address = str(folder / "compared.db")
    if number > 1:
        migrate.upgrade(address, f"{number - 1:04d}")
    engine = migrate.engine_for(address)
    with engine.connect() as connection:
        config = migrate.configuration()
        config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
        config.attributes["connection"] = connection
        config.attributes["metadata"] = metadata
        before = "base" if number == 1 else f"{number - 1:04d}"
        script = command.revision(
            config, message, autogenerate=True, rev_id=f"{number:04d}", head=before, splice=True
        )
    engine.dispose()
    assert script is not None and not isinstance(script, list), "one message makes one step"
    return Path(script.path)


def main() -> None:
    """Read the arguments and write the file."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("message", help="what the step does, in a few words")
    arguments.add_argument("--first", action="store_true", help="write step 0001 anew")
    given = arguments.parse_args()
    assert composition.ROUTES, "importing the slices is what fills the metadata"
    for old in VERSIONS.glob("0001_*.py") if given.first else ():
        old.unlink()
    number = 1 if given.first else len(schema.steps()) + 1
    with tempfile.TemporaryDirectory() as folder:
        print(write(given.message, number, Path(folder)))


if __name__ == "__main__":
    sys.exit(main())
