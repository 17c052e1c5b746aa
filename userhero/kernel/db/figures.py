"""What SQLite's planner knows of the tables: how many rows they have, and how many an index finds.

It plans by figures that somebody once took, and keeps to them however much a table grows: one that was as good as empty
is read from end to end for ever after. So figures are taken anew whenever the data has doubled, and none are kept of
tables that are small.
"""

from collections.abc import Callable
from typing import Any

import pysqlite3

from userhero.kernel import log

# With a limit no samples of values are taken, for which SQLite would plan a statement anew whenever a value is bound.
_LOOKED_AT = 1_000
_SMALL = 1_000
# https://www.sqlite.org/pragma.html#pragma_optimize: ANALYZE where that helps, and look at all tables.
_OPTIMIZE = "PRAGMA optimize = 0x10002"
_SEEN = "SELECT group_concat(tbl || coalesce(idx, '') || stat) FROM (SELECT * FROM sqlite_stat1 ORDER BY tbl, idx)"
_FORGET = f"""
    DELETE FROM sqlite_stat1
    WHERE tbl IN (SELECT tbl FROM sqlite_stat1 GROUP BY tbl HAVING max(CAST(stat AS integer)) < {_SMALL})
"""  # noqa: S608
_IS_ANY = "SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'"

Execute = Callable[[str], Any]

_logger = log.get("sqlite")


def refresh(execute: Execute) -> None:
    """Take the figures that are missing or outdated. ``execute`` runs a statement in a transaction; once that is
    committed, everybody plans by them.
    """
    before = _seen(execute)
    execute(f"PRAGMA analysis_limit = {_LOOKED_AT}")
    execute(_OPTIMIZE)
    if _seen(execute) == before:
        return
    execute(_FORGET)
    # Other connections look at figures only when they read the schema, which they do when its version has changed.
    version = execute("PRAGMA schema_version").fetchone()[0]
    execute(f"PRAGMA schema_version = {version + 1}")


def _seen(execute: Execute) -> Any:
    return execute(_SEEN).fetchone()[0] if execute(_IS_ANY).fetchone()[0] else None


class Growth:
    """Follows how much one connection writes, and has the figures taken anew when that has doubled."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._due = 2 * _SMALL

    def committed(self) -> None:
        """Look whether it is time to; to be called after a commit."""
        if self._connection.total_changes >= self._due:
            self.refresh()
            self._due = 2 * self._connection.total_changes

    def refresh(self) -> None:
        """See ``refresh``. Without new figures everything works, if slower: a failure is logged, and that is all."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            refresh(self._connection.execute)
            self._connection.execute("COMMIT")
        except pysqlite3.Error as error:
            _logger.warning("the planner's figures can't be taken", error=str(error))
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
