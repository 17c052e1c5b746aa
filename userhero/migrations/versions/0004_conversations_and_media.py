"""Conversations and media.

A trigger notes the file of each row of ``media`` that goes, so that the file follows however the row went: by itself,
or with its item, project or workspace.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

ON_SQLITE = (
    """
    CREATE TRIGGER media_removed AFTER DELETE ON media BEGIN
        INSERT INTO media_removals (token) VALUES (OLD.token) ON CONFLICT DO NOTHING;
    END
    """,
)
ON_POSTGRESQL = (
    """
    CREATE FUNCTION media_removed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO media_removals (token) VALUES (OLD.token) ON CONFLICT DO NOTHING;
        RETURN NULL;
    END
    $$
    """,
    "CREATE TRIGGER media_removed AFTER DELETE ON media FOR EACH ROW EXECUTE FUNCTION media_removed()",
)


def upgrade() -> None:
    op.add_column("feedback", sa.Column("last_customer_reply_at", TEXT, nullable=True))
    op.add_column("feedback", sa.Column("resolved_at", TEXT, nullable=True))
    _make_messages()
    _make_media()
    for statement in ON_SQLITE if op.get_bind().dialect.name == "sqlite" else ON_POSTGRESQL:
        op.execute(statement)


def _make_messages() -> None:
    op.create_table(
        "messages",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("workspace_id", TEXT, nullable=False),
        sa.Column("thread_id", TEXT, nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("author_type", TEXT, nullable=False),
        sa.Column("author_id", TEXT, nullable=True),
        sa.Column("author_name", TEXT, nullable=False),
        sa.Column("author_email", TEXT, nullable=True),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("html", TEXT, nullable=True),
        sa.Column("attachments", TEXT, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("document", TEXT, nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_messages_workspace_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["thread_id"], ["feedback.id"], name=op.f("fk_messages_thread_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_messages")),
    )
    op.create_index("uq_messages_id", "messages", ["id"], unique=True)
    op.create_index(op.f("ix_messages_workspace_id"), "messages", ["workspace_id"])
    op.create_index("ix_messages_thread_id_channel", "messages", ["thread_id", "channel", "created_at", "position"])


def _make_media() -> None:
    op.create_table(
        "media",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("workspace_id", TEXT, nullable=False),
        sa.Column("project_id", TEXT, nullable=True),
        sa.Column("feedback_id", TEXT, nullable=True),
        sa.Column("token", TEXT, nullable=False),
        sa.Column("url", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("mime_type", TEXT, nullable=False),
        sa.Column("file_name", TEXT, nullable=False),
        sa.Column("size", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("attached_at", TEXT, nullable=True),
        sa.Column("created_at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_media_workspace_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_media_project_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["feedback_id"], ["feedback.id"], name=op.f("fk_media_feedback_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media")),
    )
    op.create_index("uq_media_token", "media", ["token"], unique=True)
    op.create_index(op.f("ix_media_feedback_id"), "media", ["feedback_id"])
    op.create_index(op.f("ix_media_project_id"), "media", ["project_id"])
    op.create_index("ix_media_workspace_id_size", "media", ["workspace_id", "size"])
    op.create_index(
        "ix_media_created_at",
        "media",
        ["created_at"],
        sqlite_where=sa.text("attached_at IS NULL"),
        postgresql_where=sa.text("attached_at IS NULL"),
    )
    op.create_table(
        "media_removals",
        sa.Column("token", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_media_removals")),
    )
