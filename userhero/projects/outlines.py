"""Projects as those need to know them who show items of several: what they are called, and what their values mean."""

import msgspec
from sqlalchemy import bindparam, select

from userhero.kernel.db import Statement, Transaction
from userhero.projects.definitions import definitions
from userhero.projects.field_settings import CustomField
from userhero.projects.settings import Status
from userhero.projects.statuses import statuses
from userhero.projects.tables import projects
from userhero.workspaces import Access

_p = projects
_ALL = Statement(
    select(_p.c.id, _p.c.name, _p.c.statuses, _p.c.custom_field_definitions)
    .where(_p.c.workspace_id == bindparam("workspace"))
    .order_by(_p.c.created_at, _p.c.id)
)


class ProjectOutline(msgspec.Struct, array_like=True, frozen=True):
    """A project in short. ``own_statuses`` and ``own_fields`` are JSON as stored."""

    id: str
    name: str
    own_statuses: str
    own_fields: str

    @property
    def statuses(self) -> tuple[Status, ...]:
        """The statuses that its items may have."""
        return statuses(self.own_statuses)

    @property
    def fields(self) -> tuple[CustomField, ...]:
        """Its custom fields."""
        return definitions(self.own_fields)


def list_outlines(tx: Transaction, access: Access) -> list[ProjectOutline]:
    """Every project of a workspace, oldest first."""
    return tx.list(ProjectOutline, _ALL, workspace=access.workspace_id)
