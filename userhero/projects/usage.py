"""What projects count against the plan of their workspace."""

from typing import Literal

from sqlalchemy import bindparam, select

from userhero.kernel.db import Statement, Transaction
from userhero.projects.definitions import definitions
from userhero.projects.statuses import count_own, statuses
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
    return len(rows), fields, sum(count_own(statuses(row[1])) for row in rows)


def check_allowance(
    tx: Transaction, access: Access, what: Literal["custom_fields", "custom_statuses"], added: int
) -> None:
    """Raises Forbidden where the plan does not allow so many more. What is there already may stay and be changed."""
    if added <= 0 or not reserve(tx, access, what):
        return
    _, fields, own_statuses = count_settings(tx, access.workspace_id)
    check_limit(access, what, added + (fields if what == "custom_fields" else own_statuses))
