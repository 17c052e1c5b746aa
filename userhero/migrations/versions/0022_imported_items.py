"""Under which id an item was known where it was imported from."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "imported_items",
        sa.Column("project_id", TEXT, sa.ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
        sa.Column("external_id", TEXT, nullable=False),
        sa.Column("feedback_id", TEXT, sa.ForeignKey("feedback.id", ondelete="CASCADE"), nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "external_id"),
    )
    op.create_index("ix_imported_items_feedback_id", "imported_items", ["feedback_id"])
