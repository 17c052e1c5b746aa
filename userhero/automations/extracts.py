"""What exports hold of automations: those that the workspace has made."""

from sqlalchemy import bindparam

from userhero.automations.queries import DOCUMENT
from userhero.automations.tables import automations
from userhero.kernel.db.extract import Extract

_a = automations

EXTRACTS = (
    Extract(
        "automations",
        DOCUMENT,
        [_a.c.id],
        of_workspace=[_a.c.workspace_id == bindparam("workspace"), _a.c.created_at <= bindparam("until")],
    ),
)
