"""What projects count against the plan of their workspace."""

from collections.abc import Set as AbstractSet
from typing import Literal

from sqlalchemy import bindparam, select

from userhero.kernel.db import Statement, Transaction
from userhero.projects.definitions import definitions
from userhero.projects.statuses import own_ids, statuses
from userhero.projects.tables import projects
from userhero.workspaces import Access, check_limit, counts_usage, reserve

_p = projects
_SETTINGS = Statement(
    select(_p.c.custom_field_definitions, _p.c.statuses).where(_p.c.workspace_id == bindparam("workspace"))
)


@counts_usage("projects", "custom_fields", "custom_statuses")
def count_settings(tx: Transaction, workspace_id: str) -> tuple[int, ...]:
    """How many projects the workspace has, and how many fields and statuses of their own these have in all."""
    rows = tx.all(_SETTINGS, workspace=workspace_id)
    fields = sum(len(definitions(row[0])) for row in rows)
    return len(rows), fields, sum(len(own_ids(statuses(row[1]))) for row in rows)


def check_allowance(
    tx: Transaction,
    access: Access,
    what: Literal["custom_fields", "custom_statuses"],
    before: AbstractSet[str],
    after: AbstractSet[str],
) -> None:
    """Raises Forbidden where a project is to get new ones, by id, and the plan does not allow so many in all. What is
    there already may stay and be changed.
    """
    if after <= before or not reserve(tx, access, what):
        return
    added = len(after) - len(before)
    _, fields, own_statuses = count_settings(tx, access.workspace_id)
    check_limit(access, what, added + (fields if what == "custom_fields" else own_statuses))
