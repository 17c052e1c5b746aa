"""What exports hold of projects and widgets."""

from sqlalchemy import bindparam

from userhero.kernel.db.extract import Extract
from userhero.projects import queries, widgets_queries
from userhero.projects.tables import projects, widgets

_p, _w = projects, widgets

EXTRACTS = (
    Extract(
        "projects",
        queries.DOCUMENT,
        [_p.c.created_at, _p.c.id],
        of_workspace=[_p.c.workspace_id == bindparam("workspace"), _p.c.created_at <= bindparam("until")],
    ),
    Extract(
        "widgets",
        widgets_queries.DOCUMENT,
        [_w.c.created_at, _w.c.id],
        of_workspace=[_w.c.workspace_id == bindparam("workspace"), _w.c.created_at <= bindparam("until")],
    ),
)
