"""Where files are kept: a directory of this machine, or a bucket that speaks S3. Names are given by the caller.

A file is under its name whole and durable, or not there at all. Nothing here holds a whole file in memory.
"""

import errno
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qsl, urlsplit

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, S3Store

from userhero.kernel.config import ConfigurationError, Settings
from userhero.kernel.errors import ServiceUnavailable

CHUNK = 256 * 1024
# What is below stays when a backup takes the place of all the rest.
LASTING = "erasures/"
_S3_OPTIONS = frozenset({"endpoint", "region", "style"})


class StoredFile:
    """A name in the store and when it was last written, as Unix seconds."""

    __slots__ = ("name", "written_at")

    def __init__(self, name: str, written_at: float) -> None:
        self.name = name
        self.written_at = written_at


class Storage(Protocol):
    """A store of files. ``origin`` is the address under which browsers get at it, without a slash at its end.

    ``incoming`` is a directory for files that are on their way in. Raises ServiceUnavailable where the store is full
    or can't be reached.
    """

    origin: str
    incoming: Path

    def put(self, name: str, file: Path) -> None:
        """Take a file over: it is moved or copied, and durable when this returns."""
        ...

    def read(self, name: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from ``start`` up to but not including ``end``, in pieces. Raises FileNotFoundError."""
        ...

    def delete(self, name: str) -> None:
        """Remove a file; that there is none is fine."""
        ...

    def all(self, below: str = "") -> Iterator[StoredFile]:
        """Every file in the store, or in a folder of it (``name/``)."""
        ...


class LocalStorage:
    """A directory of this machine."""

    def __init__(self, directory: Path, origin: str) -> None:
        self.origin = origin
        self.incoming = directory / "incoming"
        self._root = directory / "files"
        for folder in (self.incoming, self._root):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._store = LocalStore(prefix=self._root)

    def put(self, name: str, file: Path) -> None:
        """See ``Storage.put``."""
        target = self._root / name
        try:
            if not target.parent.is_dir():
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                _sync(self._root)
            _sync(file)
            file.replace(target)
            _sync(target.parent)
        except OSError as error:
            raise unavailable(error) from error

    async def read(self, name: str, start: int, end: int) -> AsyncIterator[bytes]:
        """See ``Storage.read``."""
        async for chunk in _read(self._store, name, start, end):
            yield chunk

    def delete(self, name: str) -> None:
        """See ``Storage.delete``."""
        (self._root / name).unlink(missing_ok=True)

    def all(self, below: str = "") -> Iterator[StoredFile]:
        """See ``Storage.all``."""
        return _all(self._store, "", below)


class S3Storage:
    """A bucket. Files on their way in are kept in a directory of this machine meanwhile."""

    def __init__(self, settings: Settings, origin: str) -> None:
        assert settings.storage is not None, "without one, files are kept locally"
        self.origin = origin
        self.incoming = settings.data / "media" / "incoming"
        self.incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._store, self._prefix = _bucket(settings, settings.storage)

    def put(self, name: str, file: Path) -> None:
        """See ``Storage.put``."""
        try:
            obstore.put(self._store, self._prefix + name, file, chunk_size=5 * 1024 * 1024, max_concurrency=2)
        except (BaseError, OSError) as error:
            raise unavailable(error) from error

    async def read(self, name: str, start: int, end: int) -> AsyncIterator[bytes]:
        """See ``Storage.read``."""
        async for chunk in _read(self._store, self._prefix + name, start, end):
            yield chunk

    def delete(self, name: str) -> None:
        """See ``Storage.delete``."""
        try:
            obstore.delete(self._store, self._prefix + name)
        except (NotFoundError, FileNotFoundError):
            return
        except BaseError as error:
            raise unavailable(error) from error

    def all(self, below: str = "") -> Iterator[StoredFile]:
        """See ``Storage.all``."""
        return _all(self._store, self._prefix, below)


def open_storage(settings: Settings) -> Storage:
    """The store that the settings name. Raises ConfigurationError where they name none that can be used."""
    origin = settings.media_origin or settings.base_url
    if settings.storage is not None:
        return S3Storage(settings, origin.rstrip("/"))
    try:
        return LocalStorage(settings.data / "media", origin.rstrip("/"))
    except OSError as error:
        raise ConfigurationError(f"the directory for media can't be made: {error.strerror}") from None


def draft(directory: Path) -> tuple[int, Path]:
    """A new empty file in ``directory``, open for writing, and its path. Raises ServiceUnavailable."""
    try:
        descriptor, name = tempfile.mkstemp(dir=directory, prefix="draft-")
    except OSError as error:
        raise unavailable(error) from error
    return descriptor, Path(name)


def sweep_drafts(directory: Path, older_than: float) -> int:
    """Remove what crashed processes left in ``directory`` before a Unix time; returns how many files that were."""
    stale = [file for file in directory.glob("draft-*") if file.stat().st_mtime < older_than]
    for file in stale:
        file.unlink(missing_ok=True)
    return len(stale)


def unavailable(error: Exception) -> ServiceUnavailable:
    """What a caller hears where the store failed."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ServiceUnavailable("There is no room for files left on the server.", retry_after=60)
    return ServiceUnavailable("The file store can't be reached now.")


def _bucket(settings: Settings, address: str) -> tuple[S3Store, str]:
    url = urlsplit(address)
    options = dict(parse_qsl(url.query, strict_parsing=bool(url.query)))
    if url.scheme != "s3" or not url.hostname or options.keys() - _S3_OPTIONS:
        raise ConfigurationError(
            "storage must look like s3://bucket/prefix?endpoint=https://…&region=…&style=path|virtual"
        )
    endpoint = options.get("endpoint")
    prefix = url.path.strip("/")
    store = S3Store(
        url.hostname,
        endpoint=endpoint,
        region=options.get("region", "us-east-1"),
        virtual_hosted_style_request=options.get("style", "path" if endpoint else "virtual") == "virtual",
        access_key_id=settings.storage_key_id,
        secret_access_key=settings.storage_secret,
        client_options={"allow_http": bool(endpoint and endpoint.startswith("http://")), "timeout": "60 seconds"},
        retry_config={"max_retries": 2},
    )
    return store, f"{prefix}/" if prefix else ""


async def _read(store: LocalStore | S3Store, name: str, start: int, end: int) -> AsyncIterator[bytes]:
    if start == end:
        return
    try:
        found = await obstore.get_async(store, name, options={"range": (start, end)})
        async for chunk in found.stream(min_chunk_size=CHUNK):
            yield bytes(chunk)
    except (NotFoundError, FileNotFoundError) as error:
        raise FileNotFoundError(name) from error
    except BaseError as error:
        raise unavailable(error) from error


def _all(store: LocalStore | S3Store, prefix: str, below: str) -> Iterator[StoredFile]:
    for page in obstore.list(store, prefix + below or None, chunk_size=1000):
        for found in page:
            yield StoredFile(found["path"].removeprefix(prefix), found["last_modified"].timestamp())


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
