"""What exports hold of workflows: the boards, what stands on them, and the rules that put it there."""

from sqlalchemy import bindparam

from userhero.feedback import THEIR_ITEMS
from userhero.kernel.db.extract import Extract
from userhero.workflows import item_queries, queries, rule_queries
from userhero.workflows.tables import intake_rules, workflow_items, workflows

_w, _i, _r = workflows, workflow_items, intake_rules

EXTRACTS = (
    Extract(
        "workflows",
        queries.DOCUMENT,
        [_w.c.created_at, _w.c.id],
        of_workspace=[_w.c.workspace_id == bindparam("workspace"), _w.c.created_at <= bindparam("until")],
    ),
    Extract(
        "workflow_items",
        item_queries.DOCUMENT,
        [_i.c.id],
        of_workspace=[_i.c.workspace_id == bindparam("workspace"), _i.c.created_at <= bindparam("until")],
        of_customer=[_i.c.feedback_id.in_(THEIR_ITEMS)],
    ),
    Extract(
        "intake_rules",
        rule_queries.DOCUMENT,
        [_r.c.id],
        of_workspace=[_r.c.workspace_id == bindparam("workspace"), _r.c.created_at <= bindparam("until")],
    ),
)
