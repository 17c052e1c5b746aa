"""Views of the inbox that people have saved."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", TEXT, primary_key=True),
        sa.Column("workspace_id", TEXT, sa.ForeignKey("workspaces.id", ondelete="CASCADE"), nullable=False),
        sa.Column("owner_id", TEXT, sa.ForeignKey("users.id", ondelete="CASCADE")),
        sa.Column("made_by", TEXT, sa.ForeignKey("users.id", ondelete="SET NULL")),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("query", TEXT, nullable=False),
        sa.Column("place", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("created_at", TEXT, nullable=False),
        sa.Column("updated_at", TEXT, nullable=False),
    )
    op.create_index("ix_saved_views_owner_id", "saved_views", ["owner_id"])
    op.create_index("ix_saved_views_made_by", "saved_views", ["made_by"])
    op.create_index("ix_saved_views_workspace_id_owner_id", "saved_views", ["workspace_id", "owner_id", "place", "id"])
