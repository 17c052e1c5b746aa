"""Exports, erasures, retention, what kept answers are about, and indexes that lead through what a workspace has."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "exports",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("workspace_id", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=True),
        sa.Column("format", TEXT, nullable=False),
        sa.Column("include_media", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("status", TEXT, server_default="waiting", nullable=False),
        sa.Column("done", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("total", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("place", TEXT, nullable=True),
        sa.Column("parts", TEXT, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("bytes", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("token", TEXT, nullable=True),
        sa.Column("url", TEXT, nullable=True),
        sa.Column("error", TEXT, nullable=True),
        sa.Column("created_at", TEXT, nullable=False),
        sa.Column("finished_at", TEXT, nullable=True),
        sa.Column("expires_at", TEXT, nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_exports_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
    )
    op.create_index("ix_exports_created_at", "exports", ["created_at"])
    op.create_index(
        "ix_exports_expires_at",
        "exports",
        ["expires_at"],
        sqlite_where=sa.text("expires_at IS NOT NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_index("ix_exports_workspace_id_created_at", "exports", ["workspace_id", "created_at", "id"])
    op.create_index("uq_exports_token", "exports", ["token"], unique=True)

    op.create_table(
        "erasures",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("workspace_id", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("content", TEXT, nullable=False),
        sa.Column("status", TEXT, server_default="waiting", nullable=False),
        sa.Column("done", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("total", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("stage", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("marks", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", TEXT, nullable=False),
        sa.Column("finished_at", TEXT, nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_erasures_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    op.create_index("ix_erasures_created_at", "erasures", ["created_at"])
    op.create_index("ix_erasures_workspace_id_created_at", "erasures", ["workspace_id", "created_at", "id"])
    op.create_index("uq_erasures_customer_id", "erasures", ["customer_id"], unique=True)

    op.add_column("workspaces", sa.Column("retention_days", sa.BigInteger(), nullable=True))

    op.add_column("idempotency_keys", sa.Column("subject", TEXT, nullable=True))
    op.create_index(
        "ix_idempotency_keys_subject",
        "idempotency_keys",
        ["subject"],
        sqlite_where=sa.text("subject IS NOT NULL"),
        postgresql_where=sa.text("subject IS NOT NULL"),
    )

    op.create_index("ix_messages_workspace_id_position", "messages", ["workspace_id", "position"])
    op.create_index(
        "ix_messages_workspace_id_author_email",
        "messages",
        ["workspace_id", "author_email"],
        sqlite_where=sa.text("author_type = 'customer'"),
        postgresql_where=sa.text("author_type = 'customer'"),
    )
    op.drop_index(op.f("ix_messages_workspace_id"), "messages")
    op.create_index("ix_workflow_items_workspace_id_id", "workflow_items", ["workspace_id", "id"])
    op.drop_index(op.f("ix_workflow_items_workspace_id"), "workflow_items")
