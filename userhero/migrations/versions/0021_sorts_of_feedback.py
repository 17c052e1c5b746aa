"""Indexes for the sorts of a list of feedback, and for what few items are."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

RANK = "(CASE priority WHEN 'low' THEN 1 WHEN 'medium' THEN 2 WHEN 'high' THEN 3 WHEN 'urgent' THEN 4 END)"


def upgrade() -> None:
    for name, column in (("votes", "votes"), ("due_date", "due_date"), ("rank", sa.text(RANK))):
        op.create_index(f"ix_feedback_workspace_id_{name}", "feedback", ["workspace_id", column, "id"])
    for name, column in (("due_date", "due_date"), ("rank", sa.text(RANK))):
        op.create_index(f"ix_feedback_status_{name}", "feedback", ["workspace_id", "status", column, "id"])
    for name, flag in (("ix_feedback_breached", "sla_breached"), ("ix_feedback_public", "is_public")):
        columns = ["workspace_id", "created_at", "id"]
        # As the engines spell the filter itself.
        op.create_index(name, "feedback", columns, sqlite_where=sa.text(f"{flag} = 1"), postgresql_where=sa.text(flag))
