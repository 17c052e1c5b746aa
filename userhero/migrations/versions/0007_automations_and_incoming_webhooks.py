"""Automations with what they did, and incoming webhooks with what they delivered within a day."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "automations",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("workspace_id", TEXT, nullable=False),
        sa.Column("project_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("priority", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("conditions", TEXT, nullable=False),
        sa.Column("actions", TEXT, nullable=False),
        sa.Column("schedule", TEXT, nullable=True),
        sa.Column("last_run_at", TEXT, nullable=True),
        sa.Column("created_at", TEXT, nullable=False),
        sa.Column("updated_at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_automations_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_automations_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automations")),
    )
    op.create_index("ix_automations_project_id_priority", "automations", ["project_id", "priority", "id"])
    op.create_index("ix_automations_workspace_id_enabled", "automations", ["workspace_id", "enabled"])

    op.create_table(
        "incoming_webhooks",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("workspace_id", TEXT, nullable=False),
        sa.Column("project_id", TEXT, nullable=True),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("slug", TEXT, nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.Column("last_used_at", TEXT, nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_incoming_webhooks_project_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_incoming_webhooks_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming_webhooks")),
    )
    op.create_index(op.f("ix_incoming_webhooks_project_id"), "incoming_webhooks", ["project_id"])
    op.create_index(
        "ix_incoming_webhooks_workspace_id_created_at", "incoming_webhooks", ["workspace_id", "created_at", "id"]
    )
    op.create_index("uq_incoming_webhooks_slug", "incoming_webhooks", ["slug"], unique=True)

    op.create_table(
        "automation_counts",
        sa.Column("automation_id", TEXT, nullable=False),
        sa.Column("hour", TEXT, nullable=False),
        sa.Column("matched", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("errored", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["automation_id"], ["automations.id"], name=op.f("fk_automation_counts_automation_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("automation_id", "hour", name=op.f("pk_automation_counts")),
    )
    op.create_index("ix_automation_counts_hour", "automation_counts", ["hour"])

    op.create_table(
        "automation_runs",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("workspace_id", TEXT, nullable=False),
        sa.Column("automation_id", TEXT, nullable=False),
        sa.Column("feedback_id", TEXT, nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("actions", TEXT, nullable=False),
        sa.Column("actor_id", TEXT, nullable=True),
        sa.Column("actor_name", TEXT, nullable=False),
        sa.Column("by_system", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("run_at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["automation_id"], ["automations.id"], name=op.f("fk_automation_runs_automation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_automation_runs_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automation_runs")),
    )
    op.create_index("ix_automation_runs_automation_id_run_at", "automation_runs", ["automation_id", "run_at", "id"])
    op.create_index("ix_automation_runs_run_at", "automation_runs", ["run_at"])
    op.create_index(op.f("ix_automation_runs_workspace_id"), "automation_runs", ["workspace_id"])

    op.create_table(
        "webhook_receipts",
        sa.Column("webhook_id", TEXT, nullable=False),
        sa.Column("mark", TEXT, nullable=False),
        sa.Column("feedback_id", TEXT, nullable=True),
        sa.Column("created_at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["incoming_webhooks.id"], name=op.f("fk_webhook_receipts_webhook_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("webhook_id", "mark", name=op.f("pk_webhook_receipts")),
    )
    op.create_index("ix_webhook_receipts_created_at", "webhook_receipts", ["created_at"])
