"""Indexes for what is still to be done, and for the history of an item."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

OPEN = sa.text("status_category = 'open'")
DUE = sa.text("status_category = 'open' AND due_date IS NOT NULL")
CHANGES = sa.text("kind = 'feedback.updated'")


def upgrade() -> None:
    for table, name, columns, where in (
        ("feedback", "ix_feedback_open", ["workspace_id", "created_at", "id"], OPEN),
        ("feedback", "ix_feedback_open_assignee", ["workspace_id", "assignee_id", "created_at", "id"], OPEN),
        ("feedback", "ix_feedback_open_due", ["workspace_id", "due_date", "id"], DUE),
        ("events", "ix_events_changes", ["subject_id", "position"], CHANGES),
    ):
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
