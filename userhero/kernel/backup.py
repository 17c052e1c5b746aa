"""An installation as one file: its database at one moment, its uploaded files and its secret key.

The file is a tar archive: ``backup.json`` says what it is, ``database`` is the dump, and everything else lies as it lay
in the data directory. It holds the secret key, so it is for its owner's eyes only.
"""

import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Literal

import msgspec

from userhero import __version__
from userhero.kernel import clock
from userhero.kernel.config import ConfigurationError, Settings
from userhero.kernel.db import dump, schema
from userhero.kernel.instance import DATABASE_FILE, LOCK_FILE, held, make_directory, sync_directory
from userhero.kernel.storage import LASTING

_MANIFEST, _DATABASE = "backup.json", "database"
_FORMAT = 1


class Backup(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What a backup says of itself."""

    format: int
    engine: Literal["sqlite", "postgresql"]
    schema: str
    release: str
    created_at: str


def back_up(settings: Settings, file: Path) -> Backup:
    """Write a backup; a file of that name is replaced, once the new one is whole and on disk.

    Raises ConfigurationError where there is no database, or its client programs are missing.
    """
    current = schema.current(settings.address)
    if current is None:
        raise ConfigurationError(f"there is no database in {settings.data} to back up")
    made = Backup(
        format=_FORMAT,
        engine=_engine(settings),
        schema=current,
        release=__version__,
        created_at=clock.now(),
    )
    with tempfile.TemporaryDirectory(prefix=".userhero-backup-", dir=file.absolute().parent) as folder:
        database, archive = Path(folder, _DATABASE), Path(folder, "archive")
        dump.dump(settings.address, database)
        archive.touch(mode=0o600)
        with archive.open("wb") as stream:
            with tarfile.open(fileobj=stream, mode="w") as tar:
                _add_text(tar, _MANIFEST, msgspec.json.encode(made))
                tar.add(database, _DATABASE)
                for path in _kept(settings):
                    tar.add(path, f"data/{path.name}", filter=_is_whole)
            stream.flush()
            os.fsync(stream.fileno())
        archive.replace(file)
    sync_directory(file.absolute().parent)
    return made


def restore(settings: Settings, file: Path, *, replace: bool) -> Backup:
    """Put a backup in the place of what is there; returns what it says of itself.

    Raises ConfigurationError where the file is no backup, is for the other engine, or comes from a later release; where
    a server runs; where there is a database already, unless ``replace``.
    """
    make_directory(settings.data)
    with held(settings.data, "restore a backup"), tempfile.TemporaryDirectory(dir=settings.data) as folder:
        found = _unpack(file, Path(folder))
        _check(found, settings)
        if dump.is_in_use(settings.address):
            raise ConfigurationError("a server or worker is connected to the database; stop it to restore a backup")
        if schema.current(settings.address) is not None and not replace:
            raise ConfigurationError("there is a database already; --force replaces it and everything with it")
        dump.load(settings.address, Path(folder, _DATABASE))
        for path in Path(folder, "data").glob("*"):
            _put(path, settings.data / path.name)
        sync_directory(settings.data)
    return found


def _engine(settings: Settings) -> Literal["sqlite", "postgresql"]:
    return "sqlite" if settings.database is None else "postgresql"


def _kept(settings: Settings) -> Iterator[Path]:
    """What the data directory holds besides the database itself, and what only matters while a server runs."""
    for path in sorted(settings.data.iterdir()) if settings.data.exists() else []:
        if not path.name.startswith((".", DATABASE_FILE, LOCK_FILE)):
            yield path


def _is_whole(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Everything but uploads that are still on their way in."""
    return None if "/incoming/" in entry.name else entry


def _add_text(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = len(content), 0o600, int(clock.seconds())
    tar.addfile(entry, BytesIO(content))


def _unpack(file: Path, folder: Path) -> Backup:
    try:
        with tarfile.open(file) as tar:
            # The filter refuses what would land outside the folder, and anything but files and directories.
            tar.extractall(folder, filter="data")
        return msgspec.json.decode(Path(folder, _MANIFEST).read_bytes(), type=Backup)
    except (tarfile.TarError, msgspec.MsgspecError, FileNotFoundError) as error:
        if not file.exists():
            raise ConfigurationError(f"there is no file {file}") from None
        raise ConfigurationError(f"{file} is not a backup of userhero: {error}") from None


def _check(found: Backup, settings: Settings) -> None:
    if found.format != _FORMAT or found.schema not in schema.steps():
        raise ConfigurationError(f"the backup was made by a later release ({found.release})")
    if found.engine != _engine(settings):
        raise ConfigurationError(f"the backup is of a {found.engine} database: it can only be restored to one")


def _carry(old: Path, new: Path) -> None:
    """What outlasts a restore is among what was there as well as in the backup."""
    for file in old.glob("*"):
        new.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copy2(file, new / file.name)


def _put(new: Path, place: Path) -> None:
    if place.is_dir():
        _carry(place / "files" / LASTING, new / "files" / LASTING)
        old = place.rename(new.with_name(f"{new.name}.replaced"))
        assert old.exists(), "the folder around it is removed at the end"
    new.replace(place)
