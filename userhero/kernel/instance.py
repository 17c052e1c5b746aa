"""One installation: its data directory, its secret key, its database, and what it knows about itself."""

import fcntl
import hashlib
import importlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Table, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from userhero.kernel.config import ConfigurationError, Settings
from userhero.kernel.crypto import Keys
from userhero.kernel.db import Database, PostgresDatabase, SqliteDatabase, Statement, Transaction, columns, metadata
from userhero.kernel.db.schema import is_current
from userhero.kernel.events import keep_order
from userhero.kernel.mail import open_mailer
from userhero.kernel.outbound import open_outbound
from userhero.kernel.storage import open_storage

DATABASE_FILE = "userhero.db"
SECRET_FILE = "secret.key"
LOCK_FILE = "server.lock"
_FINGERPRINT = "secret_key_fingerprint"
_ADDRESS = "public_address"
_MAIL = "mail"

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
    if settings.secret_key is None:
        _make_secret(settings.data / SECRET_FILE)
    prepare_schema(settings)
    database = connect(settings)
    try:
        if database.read(_find_fingerprint) is None:
            fingerprint = database.keys.fingerprint
            database.write(lambda tx: tx.run(_ADD, name=_FINGERPRINT, value=fingerprint))
        check_keys(database)
        database.write(keep_order)
    except BaseException:
        database.close()
        raise
    return database


def connect(settings: Settings) -> Database:
    """The database as it is. Raises ConfigurationError where the secret key or a setting is missing or damaged."""
    secret = settings.secret_key or _read_secret(settings.data / SECRET_FILE)
    keys = Keys(hashlib.sha256(secret.encode()).digest())
    storage, mailer, outbound = open_storage(settings), open_mailer(settings), open_outbound(settings)
    if settings.database is None:
        path = settings.data / DATABASE_FILE
        return SqliteDatabase(path, keys, storage, mailer, outbound, audit_days=settings.audit_days)
    return PostgresDatabase(
        settings.database, keys, storage, mailer, outbound, audit_days=settings.audit_days, size=settings.pool_size
    )


def check_keys(database: Database) -> None:
    """Refuse a key that what is stored was not sealed with: half of it would read as damaged."""
    if database.read(_find_fingerprint) != database.keys.fingerprint:
        raise ConfigurationError(
            "the secret key is not the one that this database was first used with: give that one as "
            f"USERHERO_SECRET_KEY, or put its {SECRET_FILE} into the data directory"
        )


def prepare_schema(settings: Settings) -> bool:
    """Run the migrations that the database lacks; returns False where it lacks none."""
    if is_current(settings.address):
        return False
    if settings.database is None:
        # Made here, so that nobody else on the machine can read it; SQLite's other files take after this one.
        (settings.data / DATABASE_FILE).touch(mode=0o600)
    # Alembic is loaded when there is something to do: a start that need not wait for it should not.
    return bool(importlib.import_module("userhero.kernel.db.migrate").upgrade(settings.address))


def make_directory(path: Path) -> None:
    """Make the data directory, for this user alone. Raises ConfigurationError where that is not possible."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"the data directory {path} can't be made: {error.strerror}") from None


def set_fact(tx: Transaction, name: str, value: str) -> None:
    """Keep something about the installation."""
    tx.run(_SET, name=name, value=value)


def find_fact(tx: Transaction, name: str) -> str | None:
    """What is kept under a name, or None."""
    value: str | None = tx.value(_GET, name=name)
    return value


def drop_fact(tx: Transaction, name: str) -> bool:
    """Forget what is kept under a name; False where nothing was, or somebody else has just done it."""
    return tx.run(_DROP, name=name) == 1


def record_address(database: Database, base_url: str) -> None:
    """Note under which address people reach the server, for processes that were not told."""
    if database.read(_find_address) != base_url:
        database.write(lambda tx: set_fact(tx, _ADDRESS, base_url))


def record_mail(database: Database) -> None:
    """Note whether mail can go out, for what has no mailer at hand: pages offer what there is."""
    value = "on" if database.mailer.is_configured else "off"
    if database.read(lambda tx: find_fact(tx, _MAIL)) != value:
        database.write(lambda tx: set_fact(tx, _MAIL, value))


def is_mail_set_up(tx: Transaction) -> bool:
    """Whether the server that was started last had a mail server to send by."""
    return find_fact(tx, _MAIL) == "on"


def public_address(tx: Transaction) -> str:
    """The address under which people reach the server, without a slash at its end; empty before the first start."""
    return _find_address(tx) or ""


@contextmanager
def held(data: Path, purpose: str) -> Iterator[None]:
    """Inside, no other server runs on this data directory. Raises ConfigurationError where one does already."""
    with (data / LOCK_FILE).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigurationError(f"a server is running on {data}; stop it to {purpose}") from None
        yield


def _find_address(tx: Transaction) -> str | None:
    return find_fact(tx, _ADDRESS)


def _find_fingerprint(tx: Transaction) -> str | None:
    return find_fact(tx, _FINGERPRINT)


def _read_secret(file: Path) -> str:
    try:
        secret = file.read_text("ascii").strip()
    except (OSError, UnicodeError) as error:
        raise ConfigurationError(f"the secret key can't be read from {file}: {error}") from None
    if len(secret) < 32:
        raise ConfigurationError(f"{file} is damaged: it must hold at least 32 characters")
    return secret


def _make_secret(file: Path) -> None:
    """Make the file where it is missing. It is whole and on disk, or not there; of two processes at once one wins."""
    if file.exists():
        return
    descriptor, draft = tempfile.mkstemp(prefix=".secret-", dir=file.parent)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(secrets.token_hex(32) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    with suppress(FileExistsError):
        file.hardlink_to(draft)
    Path(draft).unlink()
    sync_directory(file.parent)


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
