"""What belongs to a workspace: the rows of every table, below others first, so that none takes many with it."""

from functools import cache

from sqlalchemy import ColumnElement, Table, bindparam, delete, func, literal_column, select, tuple_

from userhero.kernel.db import Statement, Transaction, metadata

# Rows in one unit of work: on SQLite it holds up everybody's writes.
CHUNK = 200
# By another name than ``workspace_id``; and where a workspace's rows are not to be found by it.
_NAMES = {"idempotency_keys": "tenant", "workspaces": "id"}
_BY_OWNER = frozenset({"customer_moves"})


@cache
def tables() -> tuple[str, ...]:
    """The names of all tables with rows of workspaces, in the order in which they can be emptied. That of the
    workspaces comes last but for those that nothing ties to it.
    """
    names = [table.name for table in reversed(metadata.sorted_tables) if table in _conditions()]
    loose = [name for name in names if name != "workspaces" and not metadata.tables[name].foreign_keys]
    return (*(name for name in names if name not in loose and name != "workspaces"), "workspaces", *loose)


def remove_some(tx: Transaction, name: str, workspace_id: str) -> bool:
    """Remove some of a workspace's rows from a table; True where there may be more."""
    return tx.run(_removal(name), workspace=workspace_id) == CHUNK


def count(tx: Transaction, name: str, workspace_id: str) -> int:
    """How many rows of a workspace a table has."""
    return int(tx.value(_count(name), workspace=workspace_id))


@cache
def _conditions() -> dict[Table, ColumnElement[bool]]:
    found: dict[Table, ColumnElement[bool]] = {}
    for table in metadata.sorted_tables:
        name = _NAMES.get(table.name, "workspace_id")
        if name in table.c and table.name not in _BY_OWNER:
            found[table] = table.c[name] == bindparam("workspace")
            continue
        # Not the workspace's itself, but of something that is.
        above = [key for key in table.foreign_keys if key.column.table in found]
        if above:
            owners = select(above[0].column).where(found[above[0].column.table])
            found[table] = above[0].parent.in_(owners)
    return found


@cache
def _removal(name: str) -> Statement:
    table = metadata.tables[name]
    key = list(table.primary_key)
    some = select(*key).where(_conditions()[table]).limit(literal_column(str(CHUNK)))
    return Statement(delete(table).where((key[0] if len(key) == 1 else tuple_(*key)).in_(some)))


@cache
def _count(name: str) -> Statement:
    table = metadata.tables[name]
    return Statement(select(func.count()).select_from(table).where(_conditions()[table]))
