"""Pauses of deadlines, an index for the deadlines that can still be missed, and the names of public portals."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
WATCHED = sa.text("due_date IS NOT NULL AND status_category = 'open' AND NOT sla_breached")


def upgrade() -> None:
    op.add_column("feedback", sa.Column("pending_since", TEXT, nullable=True))
    op.add_column("feedback", sa.Column("paused_ms", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.drop_index("ix_feedback_due_date", table_name="feedback")
    op.create_index(
        "ix_feedback_deadline", "feedback", ["due_date", "id"], sqlite_where=WATCHED, postgresql_where=WATCHED
    )
    op.create_table(
        "portal_slugs",
        sa.Column("slug", TEXT, nullable=False),
        sa.Column("project_id", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_portal_slugs_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_portal_slugs")),
    )
    op.create_index(op.f("ix_portal_slugs_project_id"), "portal_slugs", ["project_id"])
