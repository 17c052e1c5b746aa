"""``python tests/trust/disk.py serve …``: the program on a disk that fails as it is told to.

SQLite reaches its files through a table of functions. Here some of them are put in front of its own, in the SQLite
that the product uses and with nothing of the product changed. What is not flushed yet can be taken back, which is what
a power cut does: killing a process alone loses nothing that it has written, since the system still has it.

The file that ``USERHERO_TEST_DISK`` names says what happens, from the next write or flush on:

- ``cut N SEED``: after N more, a power cut: of what each file got since its last flush, a part by chance stays, its
  last piece torn. The process is killed. With ``all`` for a seed nothing of it stays.
- ``full``, ``io``: writes fail, because the disk is full or broken. ``flush``: flushes fail.
- ``once WORD``: the next flush fails, all others do well, until it is told so with another word.

``USERHERO_TEST_SYNCHRONOUS`` weakens SQLite's own setting, to show that a loss would be noticed.
"""

import ctypes
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from pysqlite3 import _sqlite3

from userhero import cli
from userhero.kernel.db import sqlite

ORDERS = "USERHERO_TEST_DISK"
WEAKENED = "USERHERO_TEST_SYNCHRONOUS"
SECTOR = 512
# Orders are looked at so often.
FRESH_SECONDS = 0.01
# From sqlite3.h.
FULL, IO_WRITE, IO_FSYNC = 13, 10 | 3 << 8, 10 | 4 << 8
_MAIN, _WAL = 0x100, 0x80000

_Write = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_Truncate = CFUNCTYPE(c_int, c_void_p, c_int64)
_Sync = CFUNCTYPE(c_int, c_void_p, c_int)
# The name stays a pointer: SQLite keeps more behind it than its end.
_Open = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, POINTER(c_int))


class _Methods(Structure):
    """sqlite3_io_methods, as far as it is used by name."""

    _fields_ = (
        ("version", c_int),
        ("close", c_void_p),
        ("read", c_void_p),
        ("write", c_void_p),
        ("truncate", c_void_p),
        ("sync", c_void_p),
        ("rest", c_void_p * 13),
    )


class _Vfs(Structure):
    """sqlite3_vfs, as far as it is used by name."""

    _fields_ = (
        ("version", c_int),
        ("file_size", c_int),
        ("longest_path", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("data", c_void_p),
        ("open", c_void_p),
    )


class Undo(NamedTuple):
    """What it takes to take back one change: what stood there, and how long the file was."""

    offset: int
    before: bytes
    size: int
    length: int


class File:
    """What was done to one file since its last flush."""

    def __init__(self, path: Path) -> None:
        # Never closed: closing any descriptor of a file gives up the locks that SQLite has on it.
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self.pending: list[Undo] = []

    def is_at(self, path: str) -> bool:
        """Whether the path still leads to this file."""
        return os.path.samestat(Path(path).stat(), os.fstat(self._descriptor))

    def remember(self, offset: int, length: int) -> None:
        """A change of this part is about to be made."""
        size = os.fstat(self._descriptor).st_size
        self.pending.append(Undo(offset, os.pread(self._descriptor, length, offset), size, length))

    def remember_end(self, size: int) -> None:
        """The file is about to be cut to this size."""
        self.remember(size, max(0, os.fstat(self._descriptor).st_size - size))

    def cut(self, chance: Random | None) -> None:
        """Take back what came after some change by chance, and a part of that one; all of it without chance."""
        kept = 0 if chance is None else chance.randint(0, len(self.pending))
        for undo in reversed(self.pending[kept:]):
            self._take_back(undo, 0)
        if chance is not None and kept and self.pending[kept - 1].length > SECTOR:
            self._take_back(self.pending[kept - 1], chance.randrange(0, self.pending[kept - 1].length, SECTOR))

    def _take_back(self, undo: Undo, torn: int) -> None:
        os.pwrite(self._descriptor, undo.before[torn:], undo.offset + torn)
        os.ftruncate(self._descriptor, max(undo.size, undo.offset + torn if torn else 0))


class Disk:
    """The functions that stand in front of SQLite's own."""

    def __init__(self, orders: Path) -> None:
        self._orders = orders
        self._lock = threading.RLock()
        self._files: dict[str, File] = {}
        self._opened: dict[int, File] = {}
        self._words: list[str] = []
        self._read_at = 0.0
        self._events = 0
        self._failed_for = ""
        # What C has pointers to must not be collected.
        self._kept: list[Any] = []

    def install(self) -> None:
        """Put them in front, for every connection of this process."""
        library = ctypes.CDLL(_sqlite3.__file__)
        library.sqlite3_vfs_find.restype = POINTER(_Vfs)
        vfs = library.sqlite3_vfs_find(None).contents
        original = _Open(vfs.open)

        def opened(own: int, name: int | None, file: int, flags: int, out: Any) -> int:
            code = int(original(own, name, file, flags, out))
            if code == 0 and name is not None and flags & (_MAIN | _WAL):
                self._watch(os.fsdecode(ctypes.string_at(name)), file)
            return code

        vfs.open = self._pointer(_Open, opened)

    def _pointer(self, prototype: Any, work: Callable[..., int]) -> int | None:
        def called(*given: Any) -> int:
            try:
                return work(*given)
            except BaseException:  # noqa: BLE001  (C would take it for success)
                traceback.print_exc()
                os._exit(os.EX_SOFTWARE)

        function = prototype(called)
        self._kept.append(function)
        address: int | None = ctypes.cast(function, c_void_p).value
        return address

    def _watch(self, path: str, address: int) -> None:
        with self._lock:
            # The last connection that closes removes the log; the next one has a new file of that name.
            if path not in self._files or not self._files[path].is_at(path):
                self._files[path] = File(Path(path))
            self._opened[address] = self._files[path]
        place = ctypes.cast(address, POINTER(POINTER(_Methods)))
        methods = _Methods.from_buffer_copy(place.contents.contents)
        write, truncate = _Write(methods.write), _Truncate(methods.truncate)
        methods.write = self._pointer(_Write, partial(self._write, write))
        methods.truncate = self._pointer(_Truncate, partial(self._truncate, truncate))
        methods.sync = self._pointer(_Sync, self._sync)
        self._kept.append(methods)
        place[0] = ctypes.pointer(methods)

    def _write(self, original: Callable[..., int], file: int, data: int, length: int, offset: int) -> int:
        with self._lock:
            order = self._order()
            if order in ("full", "io"):
                return FULL if order == "full" else IO_WRITE
            self._opened[file].remember(offset, length)
            return int(original(file, data, length, offset))

    def _truncate(self, original: Callable[..., int], file: int, size: int) -> int:
        with self._lock:
            self._order()
            self._opened[file].remember_end(size)
            return int(original(file, size))

    def _sync(self, file: int, flags: int) -> int:
        """The system has what was written, and nothing here outlives it: the disk itself need not hear of it."""
        with self._lock:
            order = self._order()
            if order == "flush" or (order == "once" and self._words[1] != self._failed_for):
                self._failed_for = self._words[-1]
                return IO_FSYNC
            self._opened[file].pending.clear()
            return 0

    def _order(self) -> str:
        if time.monotonic() - self._read_at > FRESH_SECONDS:
            self._words = self._orders.read_text("ascii").split()
            self._read_at = time.monotonic()
        if self._words[:1] == ["cut"]:
            self._events += 1
            if self._events >= int(self._words[1]):
                self._cut(None if self._words[2] == "all" else Random(int(self._words[2])))
        return self._words[0] if self._words else ""

    def _cut(self, chance: Random | None) -> None:
        for path, file in self._files.items():
            file.cut(chance)
            Path(f"{path}-shm").unlink(missing_ok=True)
        os.kill(os.getpid(), signal.SIGKILL)


def weaken(setting: str) -> None:
    """Open connections with another ``synchronous`` than the product does."""
    original = sqlite.connect

    def connect(*given: Any, **named: Any) -> Any:
        connection = original(*given, **named)
        connection.execute(f"PRAGMA synchronous = {setting}")
        return connection

    sqlite.connect = connect


if __name__ == "__main__":
    # Named, so that it stays: nothing but C points to it.
    disk = Disk(Path(os.environ.pop(ORDERS)))
    disk.install()
    if WEAKENED in os.environ:
        weaken(os.environ.pop(WEAKENED))
    cli.main(sys.argv[1:])
