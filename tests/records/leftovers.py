"""All that an installation has in its database and in its file store, to look for somebody in it."""

from pathlib import Path
from typing import Any

import psycopg
import pysqlite3

from tests.support.databases import Instance


def find_left(instance: Instance, words: list[str], folder: Path) -> list[str]:
    """The words that can still be read somewhere, whatever their case."""
    places = {**_tables(instance, folder), **_files(instance)}
    return sorted(
        f"{word} in {place}" for word in words for place, content in places.items() if word.lower().encode() in content
    )


def _files(instance: Instance) -> dict[str, bytes]:
    media = instance.data / "media"
    return {str(file): file.read_bytes().lower() for file in media.rglob("*") if file.is_file()}


def _tables(instance: Instance, folder: Path) -> dict[str, bytes]:
    """SQLite: the file, without what is free in it. PostgreSQL: every row of every table."""
    if instance.url is None:
        copy = folder / "copy.db"
        copy.unlink(missing_ok=True)
        connection = pysqlite3.connect(instance.address)
        connection.execute(f"VACUUM INTO '{copy}'")
        connection.close()
        return {"the database": copy.read_bytes().lower()}
    with psycopg.connect(instance.url) as connected:
        names = connected.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return {name: _rows(connected, name) for (name,) in names}


def _rows(connection: "psycopg.Connection[Any]", table: str) -> bytes:
    rows = connection.execute(f'SELECT t::text FROM "{table}" AS t').fetchall()
    return "\n".join(row[0] for row in rows).lower().encode()
