"""What becomes of SQLite's log where the disk did not take the end of it.

A system that could not flush a page reports that once. It then takes the page for clean: it is read as it was written,
later flushes succeed, and it is not on the disk. In the process that failed nobody sees the part of the log that was
not acknowledged. But whoever opens the file after it was killed takes that for committed: what was refused is there
after all, new commits are put behind it, and the next power cut takes them too. So nothing is committed any more until
the log was moved into the file and cut to nothing: what comes then is written, and flushed, anew.
"""

from typing import Any

import pysqlite3

from userhero.kernel import log

# From sqlite3.h. The low byte of a code says what kind it is; the driver tells nothing finer of a failed commit.
_KIND, _IO_ERROR = 0xFF, 10

_logger = log.get("sqlite")


def is_doubtful(error: BaseException) -> bool:
    """Whether a commit that failed with this may have left something in the log that is not on the disk."""
    return isinstance(error, pysqlite3.Error) and getattr(error, "sqlite_errorcode", 0) & _KIND == _IO_ERROR


def start_log_anew(connection: Any) -> bool:
    """Move the log into the file and cut it to nothing; True where that was done.

    Never raises. False while the disk fails, or while a reader takes longer than a connection waits.
    """
    try:
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except Exception as error:  # noqa: BLE001  (the writer has to live, and tries again)
        _logger.error("the log can't be started anew; no writes until it can", error=str(error))
        return False
    return not busy
