"""Endpoints that are told of events, and each delivery to them."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("workspace_id", TEXT, nullable=False),
        sa.Column("project_id", TEXT, nullable=True),
        sa.Column("url", TEXT, nullable=False),
        sa.Column("events", TEXT, nullable=False),
        sa.Column("description", TEXT, nullable=True),
        sa.Column("enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("previous_secret", sa.LargeBinary(), nullable=True),
        sa.Column("previous_until", TEXT, nullable=True),
        sa.Column("created_at", TEXT, nullable=False),
        sa.Column("updated_at", TEXT, nullable=False),
        sa.Column("deleted_at", TEXT, nullable=True),
        sa.Column("lane", TEXT, nullable=True),
        sa.Column("lane_until", TEXT, nullable=True),
        sa.Column("paused_until", TEXT, nullable=True),
        sa.Column("pace", TEXT, nullable=True),
        sa.Column("failing_since", TEXT, nullable=True),
        sa.Column("last_failed_at", TEXT, nullable=True),
        sa.Column("failing_told", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_webhook_endpoints_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_webhook_endpoints_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoints")),
    )
    op.create_index(op.f("ix_webhook_endpoints_project_id"), "webhook_endpoints", ["project_id"])
    op.create_index(
        "ix_webhook_endpoints_workspace_id_created_at", "webhook_endpoints", ["workspace_id", "created_at", "id"]
    )

    op.create_table(
        "webhook_deliveries",
        sa.Column("position", SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("endpoint_id", TEXT, nullable=False),
        sa.Column("event_id", TEXT, nullable=False),
        sa.Column("event", TEXT, nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.Column("status", TEXT, server_default="pending", nullable=False),
        sa.Column("attempt", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("step", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_attempt_at", TEXT, nullable=True),
        sa.Column("attempted_at", TEXT, nullable=True),
        sa.Column("response_status", sa.BigInteger(), nullable=True),
        sa.Column("error", TEXT, nullable=True),
        sa.Column("duration_ms", sa.BigInteger(), nullable=True),
        sa.Column("answer_headers", TEXT, nullable=True),
        sa.Column("answer_body", TEXT, nullable=True),
        sa.Column("log", TEXT, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["webhook_endpoints.id"],
            name=op.f("fk_webhook_deliveries_endpoint_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_webhook_deliveries")),
    )
    op.create_index("uq_webhook_deliveries_id", "webhook_deliveries", ["id"], unique=True)
    op.create_index(
        "uq_webhook_deliveries_endpoint_id_event_id", "webhook_deliveries", ["endpoint_id", "event_id"], unique=True
    )
    op.create_index(
        "ix_webhook_deliveries_endpoint_id_next_attempt_at",
        "webhook_deliveries",
        ["endpoint_id", "next_attempt_at", "position"],
        sqlite_where=sa.text("next_attempt_at IS NOT NULL"),
        postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
    )
    op.create_index(
        "ix_webhook_deliveries_endpoint_id_created_at", "webhook_deliveries", ["endpoint_id", "created_at", "position"]
    )
    op.create_index(
        "ix_webhook_deliveries_endpoint_id_status",
        "webhook_deliveries",
        ["endpoint_id", "status", "created_at", "position", "event"],
    )
    op.create_index("ix_webhook_deliveries_created_at", "webhook_deliveries", ["created_at"])

    # What happened before there was anybody to tell of it is not told.
    op.execute(
        "INSERT INTO event_cursors (listener, turn, position) "
        "SELECT 'webhooks', turn, position FROM events ORDER BY turn DESC, position DESC LIMIT 1"
    )
