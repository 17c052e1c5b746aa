"""Which schema a database has, and which one this release needs: asked at every start, so it costs one query.

The steps are the files of ``userhero/migrations/versions``, ``0001_….py`` and on, each named after its number.
``kernel.db.migrate`` runs them.
"""

from pathlib import Path
from typing import Any

import psycopg

from userhero.kernel.config import ConfigurationError, is_postgresql
from userhero.kernel.db.sqlite import connect

SCRIPTS = Path(__file__).parents[2] / "migrations"
_CONNECT_SECONDS = 10


class SchemaTooNew(ConfigurationError):
    """A later release has changed the database; this one must not touch it."""


def steps() -> list[str]:
    """The steps that this release knows, oldest first."""
    return sorted(file.name.partition("_")[0] for file in (SCRIPTS / "versions").glob("[0-9]*_*.py"))


def head() -> str:
    """The newest step that this release knows."""
    return steps()[-1]


def current(address: str) -> str | None:
    """The step that a database is at; None where it is empty or does not exist.

    ``address`` is a PostgreSQL URL or the path of a SQLite file. Raises ConfigurationError where it can't be opened.
    """
    try:
        return _on_postgresql(address) if is_postgresql(address) else _on_sqlite(Path(address))
    except psycopg.OperationalError as error:
        raise ConfigurationError(f"PostgreSQL can't be reached: {str(error).strip()}") from None


def is_current(address: str) -> bool:
    """True where a database has this release's schema, False where steps are missing. Raises SchemaTooNew."""
    found = current(address)
    if found is not None and found not in steps():
        raise SchemaTooNew(
            f"the database is at schema {found}, which this release does not know (its newest is {head()}): "
            "use the release that the database was last used with, or a later one"
        )
    return found == head()


def _on_postgresql(url: str) -> str | None:
    with psycopg.connect(url, connect_timeout=_CONNECT_SECONDS) as connection:
        row = connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL").fetchone()
        return _version(connection) if row is not None and row[0] else None


def _on_sqlite(path: Path) -> str | None:
    if not path.exists():
        return None
    connection = connect(path)
    try:
        table = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        return _version(connection) if table is not None else None
    finally:
        connection.close()


def _version(connection: Any) -> str | None:
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])
