"""An archive (tar, gzip) that is written part by part, and never lies anywhere as a whole.

A part is a gzip file by itself with whole files of the archive in it, and parts put together are a gzip file again
(RFC 1952, 2.2). So whoever goes on with an archive needs only to know how many rows are in it already (``Place``), and
a part that was begun and not finished has never been there.
"""

import gzip
import hashlib
import os
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from userhero.kernel import clock
from userhero.kernel.storage import draft

_BLOCK = 512
_COPIED = 1024 * 1024
# More makes JSON a little smaller and takes twice as long.
_LEVEL = 4


class PartWriter:
    """A part under way, in a file of its own. ``moment`` is the time that its files carry."""

    def __init__(self, folder: Path, moment: str) -> None:
        descriptor, self.path = draft(folder)
        self._folder = folder
        self._moment = int(clock.unix(moment))
        self._raw = os.fdopen(descriptor, "wb")
        self._stream = gzip.GzipFile(fileobj=self._raw, mode="wb", compresslevel=_LEVEL, mtime=0, filename="")

    @property
    def size(self) -> int:
        """About how many bytes it has so far."""
        return self._raw.tell()

    def scratch(self) -> IO[bytes]:
        """A file to write down what becomes a file of the archive; it is gone once it is closed."""
        return tempfile.TemporaryFile(dir=self._folder)

    def add(self, name: str, content: IO[bytes], size: int) -> None:
        """Put a file into the archive: so many bytes of ``content``."""
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode, entry.mtime = size, 0o600, self._moment
        self._stream.write(entry.tobuf(tarfile.PAX_FORMAT))
        left = size
        while left:
            chunk = content.read(min(left, _COPIED))
            if not chunk:
                raise EOFError(f"{name} ended {left} bytes too early")
            self._stream.write(chunk)
            left -= len(chunk)
        self._stream.write(bytes(-size % _BLOCK))

    def end_archive(self) -> None:
        """Say that nothing follows."""
        self._stream.write(bytes(2 * _BLOCK))

    def close(self) -> int:
        """Finish the file; returns its size."""
        self._stream.close()
        self._raw.close()
        return self.path.stat().st_size

    def discard(self) -> None:
        """Forget it, wherever it is by now."""
        self._stream.close()
        self._raw.close()
        self.path.unlink(missing_ok=True)


class Digesting:
    """Writes into a file and knows how many bytes it was, and their SHA-256."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, pieces: Iterable[bytes]) -> None:
        """Put pieces at the end."""
        for piece in pieces:
            self._stream.write(piece)
            self._hash.update(piece)
            self.size += len(piece)

    @property
    def sha256(self) -> str:
        """The digest so far, in hex."""
        return self._hash.hexdigest()
