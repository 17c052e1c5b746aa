"""The database for one command."""

from collections.abc import Iterator
from contextlib import contextmanager

from userhero.kernel.config import Settings
from userhero.kernel.db import Database
from userhero.kernel.instance import open_database


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """The installation's database, closed at the end. Made, or brought to this release's schema, if need be."""
    database = open_database(settings)
    try:
        yield database
    finally:
        database.close()
