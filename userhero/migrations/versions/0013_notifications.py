"""Who wants to hear what, in-app notices, and the outbox of mails and messages."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "integrations",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("workspace_id", TEXT, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("target", sa.LargeBinary(), nullable=False),
        sa.Column("shown", TEXT, nullable=False),
        sa.Column("is_default", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.Column("updated_at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_integrations_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integrations")),
    )
    op.create_index("ix_integrations_workspace_id_created_at", "integrations", ["workspace_id", "created_at", "id"])

    op.create_table(
        "unsubscribed_addresses",
        sa.Column("workspace_id", TEXT, nullable=False),
        sa.Column("mark", TEXT, nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_unsubscribed_addresses_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "mark", name=op.f("pk_unsubscribed_addresses")),
    )
    op.create_table(
        "notification_preferences",
        sa.Column("workspace_id", TEXT, nullable=False),
        sa.Column("user_id", TEXT, nullable=False),
        sa.Column("choices", TEXT, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("digest", TEXT, server_default="daily", nullable=False),
        sa.Column("digest_hour", sa.BigInteger(), server_default=sa.text("8"), nullable=False),
        sa.Column("updated_at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id", "user_id"],
            ["members.workspace_id", "members.user_id"],
            name=op.f("fk_notification_preferences_workspace_id_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", "user_id", name=op.f("pk_notification_preferences")),
    )
    op.create_table(
        "routing_rules",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("workspace_id", TEXT, nullable=False),
        sa.Column("project_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("priority", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("condition", TEXT, nullable=True),
        sa.Column("actions", TEXT, nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.Column("updated_at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_routing_rules_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_routing_rules_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_rules")),
    )
    op.create_index("ix_routing_rules_project_id_priority", "routing_rules", ["project_id", "priority", "id"])
    op.create_index(op.f("ix_routing_rules_workspace_id"), "routing_rules", ["workspace_id"])

    op.create_table(
        "notifications",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("workspace_id", TEXT, nullable=False),
        sa.Column("user_id", TEXT, nullable=False),
        sa.Column("event_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("feedback_id", TEXT, nullable=True),
        sa.Column("ticket_number", sa.BigInteger(), nullable=True),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("excerpt", TEXT, nullable=True),
        sa.Column("read_at", TEXT, nullable=True),
        sa.Column("created_at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["feedback_id"], ["feedback.id"], name=op.f("fk_notifications_feedback_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "user_id"],
            ["members.workspace_id", "members.user_id"],
            name=op.f("fk_notifications_workspace_id_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
    )
    op.create_index("ix_notifications_created_at", "notifications", ["created_at"])
    op.create_index(op.f("ix_notifications_feedback_id"), "notifications", ["feedback_id"])
    op.create_index(
        "ix_notifications_unread",
        "notifications",
        ["workspace_id", "user_id", "created_at", "id"],
        sqlite_where=sa.text("read_at IS NULL"),
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_index(
        "ix_notifications_workspace_id_user_id", "notifications", ["workspace_id", "user_id", "created_at", "id"]
    )
    op.create_index("uq_notifications_user_id_event_id", "notifications", ["user_id", "event_id"], unique=True)

    op.create_table(
        "outbox",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("workspace_id", TEXT, nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("recipient", TEXT, nullable=False),
        sa.Column("recipient_name", TEXT, nullable=True),
        sa.Column("user_id", TEXT, nullable=True),
        sa.Column("customer_id", TEXT, nullable=True),
        sa.Column("integration_id", TEXT, nullable=True),
        sa.Column("target", sa.LargeBinary(), nullable=True),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("event_id", TEXT, nullable=True),
        sa.Column("feedback_id", TEXT, nullable=True),
        sa.Column("content", TEXT, nullable=False),
        sa.Column("status", TEXT, server_default="waiting", nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_attempt_at", TEXT, nullable=True),
        sa.Column("lease", TEXT, nullable=True),
        sa.Column("hold_until", TEXT, nullable=True),
        sa.Column("error", TEXT, nullable=True),
        sa.Column("reply", TEXT, nullable=True),
        sa.Column("sent_at", TEXT, nullable=True),
        sa.Column("counted_at", TEXT, nullable=True),
        sa.Column("created_at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["feedback_id"], ["feedback.id"], name=op.f("fk_outbox_feedback_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["integration_id"], ["integrations.id"], name=op.f("fk_outbox_integration_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id", "user_id"],
            ["members.workspace_id", "members.user_id"],
            name=op.f("fk_outbox_workspace_id_user_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_outbox_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_created_at", "outbox", ["created_at"])
    op.create_index("ix_outbox_customer_id", "outbox", ["customer_id"])
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["channel", "next_attempt_at", "position"],
        sqlite_where=sa.text("next_attempt_at IS NOT NULL"),
        postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_outbox_feedback_id"), "outbox", ["feedback_id"])
    op.create_index(
        "ix_outbox_held",
        "outbox",
        ["workspace_id", "recipient", "hold_until"],
        sqlite_where=sa.text("hold_until IS NOT NULL"),
        postgresql_where=sa.text("hold_until IS NOT NULL"),
    )
    op.create_index(op.f("ix_outbox_integration_id"), "outbox", ["integration_id"])
    op.create_index(
        "ix_outbox_kept",
        "outbox",
        ["created_at", "position"],
        sqlite_where=sa.text("status = 'kept'"),
        postgresql_where=sa.text("status = 'kept'"),
    )
    op.create_index("ix_outbox_recipient_counted_at", "outbox", ["recipient", "counted_at"])
    op.create_index("ix_outbox_workspace_id_created_at", "outbox", ["workspace_id", "created_at", "position"])
    op.create_index("ix_outbox_workspace_id_status", "outbox", ["workspace_id", "status", "created_at", "position"])
    op.create_index("ix_outbox_workspace_id_user_id", "outbox", ["workspace_id", "user_id"])
    op.create_index("uq_outbox_event_id_recipient", "outbox", ["event_id", "recipient", "channel"], unique=True)
    op.create_index("uq_outbox_id", "outbox", ["id"], unique=True)

    # What happened before there was anybody to tell of it is not told.
    op.execute(
        "INSERT INTO event_cursors (listener, turn, position) "
        "SELECT 'notifications', turn, position FROM events ORDER BY turn DESC, position DESC LIMIT 1"
    )
