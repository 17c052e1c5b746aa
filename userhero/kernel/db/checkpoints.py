"""Moving what SQLite's log holds into the file, beside the writer.

By itself SQLite does that within a commit, each time the log has grown by some megabytes: whoever commits then waits
for the disk once more, and everybody else with them. A thread with a connection of its own does it while the writer
goes on. See docs/adr/0003-group-commit.md.
"""

import threading
from typing import Any

from userhero.kernel import log

# In pages of 4 KiB: from so many on they are moved; a log of so many is made to start anew.
_WORTHWHILE, _LONG = 1_000, 8_000
# With so many left to move, work in the background waits for the disk, and everybody else.
_BEHIND, _FAR_BEHIND = 2_000, 25_000
_PAUSE_SECONDS, _PATIENCE_SECONDS = 0.2, 0.25

_logger = log.get("sqlite")


class Checkpoints:
    """A thread that keeps the log short, on a connection that it closes at its end."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._is_long = False
        self._left = 0
        self._caught_up = threading.Event()
        self._caught_up.set()
        self._committed = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="sqlite-checkpoints", daemon=True)
        self._thread.start()

    def committed(self, writer: Any) -> None:
        """The writer has committed on this connection, and is in no transaction.

        The log starts anew only when all of it has been moved while nobody added to it. Where the writer never pauses
        it has to do that itself, once the log is long; there is little left to move by then.
        """
        if self._is_long:
            self._is_long = not _move(writer)
        self._committed.set()
        if self._left >= _FAR_BEHIND:
            self._caught_up.wait(_PATIENCE_SECONDS)

    def catch_up(self) -> None:
        """Wait, for some seconds at the most, while there is much to move: for those who have time."""
        self._caught_up.wait(_PATIENCE_SECONDS * 8)

    def stop(self) -> None:
        """End the thread. What is left in the log is moved by whoever closes the last connection."""
        self._stopping.set()
        self._committed.set()
        self._caught_up.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stopping.is_set():
            self._committed.wait()
            self._committed.clear()
            try:
                self._look()
            except Exception as error:  # noqa: BLE001  (the log is whole; a later turn may fare better)
                _logger.warning("checkpoint failed", error=str(error))
            # Whatever came of it, nobody waits for more than one look.
            self._left = 0
            self._caught_up.set()
            self._stopping.wait(_PAUSE_SECONDS)
        self._connection.close()

    def _look(self) -> None:
        """Move what there is, and go on while the writer has added much meanwhile: little must be left for it to do."""
        held, moved = self._count()
        while held - moved >= _WORTHWHILE and not self._stopping.is_set():
            self._left = held - moved
            if self._left >= _BEHIND:
                self._caught_up.clear()
            before = held, moved
            _move(self._connection)
            held, moved = self._count()
            self._is_long = held >= _LONG and held - moved < _WORTHWHILE
            if moved == before[1] and held >= before[0]:
                break  # A reader who takes long needs what is left; nobody is to wait for that.

    def _count(self) -> tuple[int, int]:
        """How many pages the log holds, and how many of them have been moved."""
        _, held, moved = self._connection.execute("PRAGMA wal_checkpoint(NOOP)").fetchone()
        return held, moved


def _move(connection: Any) -> bool:
    """Move what no reader needs in the log; True where that was all of it. Never raises: the log is whole, a later turn
    may fare better, and the writer has to live.
    """
    try:
        busy, held, moved = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    except Exception as error:  # noqa: BLE001  (see above)
        _logger.warning("checkpoint failed", error=str(error))
        return False
    return not busy and held == moved
