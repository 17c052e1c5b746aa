"""One installation: its data directory, its secret key, its database, and what it knows about itself."""

import fcntl
import hashlib
import importlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Table, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from userhero.kernel.config import ConfigurationError, Settings
from userhero.kernel.crypto import Keys
from userhero.kernel.db import Database, PostgresDatabase, SqliteDatabase, Statement, Transaction, columns, metadata
from userhero.kernel.db.schema import is_current

SECRET_FILE = "secret.key"
LOCK_FILE = "server.lock"

instance_facts = Table("instance_facts", metadata, columns.identifier("name"), columns.words("value"))
_t = instance_facts
_put = insert(_t).values(name=bindparam("name"), value=bindparam("value"))
_SET = Statement(_put.on_conflict_do_update(index_elements=[_t.c.name], set_={"value": _put.excluded.value}))
_ADD = Statement(_put.on_conflict_do_nothing(index_elements=[_t.c.name]))
_GET = Statement(select(_t.c.value).where(_t.c.name == bindparam("name")))
_DROP = Statement(delete(_t).where(_t.c.name == bindparam("name")))


def open_database(settings: Settings) -> Database:
    """The database of the installation, made or brought to this release's schema where that is missing.

    Raises ConfigurationError where it can't be opened, belongs to a later release or to another secret key.
    """
    make_directory(settings.data)
    keys = read_keys(settings)
    prepare_schema(settings.address)
    database = connect(settings, keys)
    try:
        _check_keys(database, keys)
    except BaseException:
        database.close()
        raise
    return database


def connect(settings: Settings, keys: Keys) -> Database:
    """The database as it is. Nothing is asked of it yet."""
    if settings.database is None:
        return SqliteDatabase(settings.data / "userhero.db", keys)
    return PostgresDatabase(settings.database, keys, size=settings.pool_size)


def prepare_schema(address: str) -> bool:
    """Run the migrations that a database lacks; returns False where it lacks none."""
    if is_current(address):
        return False
    # Alembic is loaded when there is something to do: a start that need not wait for it should not.
    return bool(importlib.import_module("userhero.kernel.db.migrate").upgrade(address))


def make_directory(path: Path) -> None:
    """Make the data directory, for this user alone. Raises ConfigurationError where that is not possible."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"the data directory {path} can't be made: {error.strerror}") from None


def read_keys(settings: Settings) -> Keys:
    """What the installation seals and signs with, from the setting or from the file, which is made if need be."""
    secret = settings.secret_key or _secret_from(settings.data / SECRET_FILE)
    return Keys(hashlib.sha256(secret.encode()).digest())


def set_fact(tx: Transaction, name: str, value: str) -> None:
    """Keep something about the installation."""
    tx.run(_SET, name=name, value=value)


def find_fact(tx: Transaction, name: str) -> str | None:
    """What is kept under a name, or None."""
    value: str | None = tx.value(_GET, name=name)
    return value


def drop_fact(tx: Transaction, name: str) -> None:
    """Forget what is kept under a name."""
    tx.run(_DROP, name=name)


@contextmanager
def held(data: Path, purpose: str) -> Iterator[None]:
    """Inside, no other server runs on this data directory. Raises ConfigurationError where one does already."""
    with (data / LOCK_FILE).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigurationError(f"a server is running on {data}; stop it to {purpose}") from None
        yield


def _check_keys(database: Database, keys: Keys) -> None:
    """Refuse a key that what is stored was not sealed with: half of it would read as damaged."""
    name = "secret_key_fingerprint"
    found = database.read(lambda tx: find_fact(tx, name))
    if found is None:
        database.write(lambda tx: tx.run(_ADD, name=name, value=keys.fingerprint))
        found = database.read(lambda tx: find_fact(tx, name))
    if found != keys.fingerprint:
        raise ConfigurationError(
            "the secret key is not the one that this database was first used with: give that one as "
            f"USERHERO_SECRET_KEY, or put its {SECRET_FILE} into the data directory"
        )


def _secret_from(file: Path) -> str:
    if not file.exists():
        _make_secret(file)
    secret = file.read_text("ascii").strip()
    if len(secret) < 32:
        raise ConfigurationError(f"{file} is damaged: it must hold at least 32 characters")
    return secret


def _make_secret(file: Path) -> None:
    """Under its name it is whole and on disk, or not there; of two processes at once, one wins."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(secrets.token_hex(32) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    try:
        file.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    sync_directory(file.parent)


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
