"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", TEXT, nullable=False),
        sa.Column("workspace_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("subject_id", TEXT, nullable=False),
        sa.Column("actor_id", TEXT, nullable=True),
        sa.Column("data", TEXT, nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_events")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index("ix_events_created_at", ["created_at"], unique=False)
        batch_op.create_index("ix_events_workspace_id_position", ["workspace_id", "position"], unique=False)
        batch_op.create_index("uq_events_id", ["id"], unique=True)

    op.create_table(
        "idempotency_keys",
        sa.Column("account_id", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("fingerprint", TEXT, nullable=False),
        sa.Column("tenant", TEXT, nullable=True),
        sa.Column("status", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_table(
        "instance_facts",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_instance_facts")),
    )
    op.create_table(
        "jobs",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=True),
        sa.Column("payload", TEXT, nullable=False),
        sa.Column("run_at", TEXT, nullable=True),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease", TEXT, nullable=True),
        sa.Column("error", TEXT, nullable=True),
        sa.Column("created_at", TEXT, nullable=False),
        sa.Column("failed_at", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.create_index("ix_jobs_failed_at", ["failed_at"], unique=False)
        batch_op.create_index("ix_jobs_run_at", ["run_at", "id"], unique=False)
        batch_op.create_index("uq_jobs_kind_key", ["kind", "key"], unique=True)

    op.create_table(
        "schedules",
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("next_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_schedules")),
    )
    op.create_table(
        "users",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("email", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("password_hash", TEXT, nullable=True),
        sa.Column("created_at", TEXT, nullable=False),
        sa.Column("updated_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
    )
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.create_index("uq_users_email", ["email"], unique=True)

    op.create_table(
        "workspaces",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("plan", TEXT, nullable=False),
        sa.Column("billing_interval", TEXT, server_default="yearly", nullable=False),
        sa.Column("subscription_status", TEXT, server_default="active", nullable=False),
        sa.Column("api_access", sa.Boolean(), server_default=sa.text("(true)"), nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.Column("updated_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspaces")),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("user_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("shown", TEXT, nullable=False),
        sa.Column("scopes", TEXT, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.Column("expires_at", TEXT, nullable=True),
        sa.Column("last_used_at", TEXT, nullable=True),
        sa.Column("revoked_at", TEXT, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_api_keys_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
    )
    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_keys_user_id"), ["user_id"], unique=False)
        batch_op.create_index("uq_api_keys_digest", ["digest"], unique=True)

    op.create_table(
        "customers",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("workspace_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=True),
        sa.Column("primary_email", TEXT, nullable=True),
        sa.Column("primary_phone", TEXT, nullable=True),
        sa.Column("emails", TEXT, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("phones", TEXT, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("social_handles", TEXT, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("company", TEXT, nullable=True),
        sa.Column("tags", TEXT, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("feedback_count", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("channels", TEXT, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("first_seen_at", TEXT, nullable=True),
        sa.Column("last_seen_at", TEXT, nullable=True),
        sa.Column("notes", TEXT, nullable=True),
        sa.Column("custom_fields", TEXT, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("timezone", TEXT, nullable=True),
        sa.Column("language", TEXT, nullable=True),
        sa.Column("merged_customer_ids", TEXT, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.Column("updated_at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_customers_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
    )
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.create_index(
            "ix_customers_workspace_id_last_seen_at", ["workspace_id", "last_seen_at", "id"], unique=False
        )

    op.create_table(
        "members",
        sa.Column("workspace_id", TEXT, nullable=False),
        sa.Column("user_id", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_members_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_members_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "user_id", name=op.f("pk_members")),
    )
    with op.batch_alter_table("members", schema=None) as batch_op:
        batch_op.create_index("ix_members_user_id", ["user_id"], unique=False)

    op.create_table(
        "projects",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("workspace_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("type", TEXT, server_default="web", nullable=False),
        sa.Column("domain", TEXT, nullable=True),
        sa.Column("bundle_id", TEXT, nullable=True),
        sa.Column("package_name", TEXT, nullable=True),
        sa.Column("public_key", TEXT, nullable=False),
        sa.Column("privacy_settings", TEXT, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("public_portal", TEXT, nullable=True),
        sa.Column("embedded_portal", TEXT, nullable=True),
        sa.Column("custom_field_definitions", TEXT, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("disabled_default_fields", TEXT, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("statuses", TEXT, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("sla_rules", TEXT, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("customer_comments_enabled", sa.Boolean(), server_default=sa.text("(true)"), nullable=False),
        sa.Column("reopen_window_days", sa.BigInteger(), server_default=sa.text("(14)"), nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.Column("updated_at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_projects_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
    )
    with op.batch_alter_table("projects", schema=None) as batch_op:
        batch_op.create_index("ix_projects_workspace_id_created_at", ["workspace_id", "created_at", "id"], unique=False)
        batch_op.create_index("uq_projects_public_key", ["public_key"], unique=True)

    op.create_table(
        "ticket_counters",
        sa.Column("workspace_id", TEXT, nullable=False),
        sa.Column("last_number", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("month", TEXT, nullable=False),
        sa.Column("in_month", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_ticket_counters_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_ticket_counters")),
    )
    op.create_table(
        "customer_identifiers",
        sa.Column("workspace_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_identifiers_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "kind", "value", name=op.f("pk_customer_identifiers")),
    )
    with op.batch_alter_table("customer_identifiers", schema=None) as batch_op:
        batch_op.create_index("ix_customer_identifiers_customer_id", ["customer_id"], unique=False)

    op.create_table(
        "feedback",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("workspace_id", TEXT, nullable=False),
        sa.Column("project_id", TEXT, nullable=False),
        sa.Column("widget_id", TEXT, server_default="api", nullable=False),
        sa.Column("ticket_number", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("message", TEXT, nullable=False),
        sa.Column("category", TEXT, nullable=True),
        sa.Column("rating", sa.Double().with_variant(sa.Numeric(), "sqlite"), nullable=True),
        sa.Column("status", TEXT, server_default="new", nullable=False),
        sa.Column("status_category", TEXT, server_default="open", nullable=False),
        sa.Column("tags", TEXT, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("priority", TEXT, nullable=True),
        sa.Column("assignee_id", TEXT, nullable=True),
        sa.Column("watcher_ids", TEXT, server_default=sa.text("'[]'"), nullable=False),
        sa.Column("due_date", TEXT, nullable=True),
        sa.Column("due_date_by_hand", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("sla_breached", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("user_email", TEXT, nullable=True),
        sa.Column("user_name", TEXT, nullable=True),
        sa.Column("user_phone", TEXT, nullable=True),
        sa.Column("customer_id", TEXT, nullable=True),
        sa.Column("screenshot_url", TEXT, nullable=True),
        sa.Column("attachment_url", TEXT, nullable=True),
        sa.Column("audio_url", TEXT, nullable=True),
        sa.Column("video_url", TEXT, nullable=True),
        sa.Column("context", TEXT, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("custom_metadata", TEXT, nullable=True),
        sa.Column("votes", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("is_public", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("customer_comments_enabled", sa.Boolean(), server_default=sa.text("(true)"), nullable=False),
        sa.Column("source", TEXT, server_default="api", nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.Column("updated_at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["users.id"], name=op.f("fk_feedback_assignee_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_feedback_customer_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_feedback_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_feedback_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
    )
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.create_index(
            "ix_feedback_assignee_id",
            ["assignee_id", "workspace_id", "created_at", "id"],
            unique=False,
            sqlite_where=sa.text("assignee_id IS NOT NULL"),
            postgresql_where=sa.text("assignee_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_feedback_customer_id",
            ["customer_id", "created_at", "id"],
            unique=False,
            sqlite_where=sa.text("customer_id IS NOT NULL"),
            postgresql_where=sa.text("customer_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_feedback_due_date",
            ["due_date"],
            unique=False,
            sqlite_where=sa.text("due_date IS NOT NULL"),
            postgresql_where=sa.text("due_date IS NOT NULL"),
        )
        batch_op.create_index("ix_feedback_project_id_created_at", ["project_id", "created_at", "id"], unique=False)
        batch_op.create_index("ix_feedback_workspace_id_created_at", ["workspace_id", "created_at", "id"], unique=False)
        batch_op.create_index(
            "ix_feedback_workspace_id_status", ["workspace_id", "status", "created_at", "id"], unique=False
        )
        batch_op.create_index("ix_feedback_workspace_id_updated_at", ["workspace_id", "updated_at", "id"], unique=False)
        batch_op.create_index(
            "ix_feedback_workspace_id_user_email",
            ["workspace_id", "user_email", "created_at", "id"],
            unique=False,
            sqlite_where=sa.text("user_email IS NOT NULL"),
            postgresql_where=sa.text("user_email IS NOT NULL"),
        )
        batch_op.create_index("uq_feedback_workspace_id_ticket_number", ["workspace_id", "ticket_number"], unique=True)

    op.create_table(
        "widgets",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("workspace_id", TEXT, nullable=False),
        sa.Column("project_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.text("(true)"), nullable=False),
        sa.Column("config", TEXT, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("styling", TEXT, server_default=sa.text("'{}'"), nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.Column("updated_at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_widgets_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_widgets_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_widgets")),
    )
    with op.batch_alter_table("widgets", schema=None) as batch_op:
        batch_op.create_index("ix_widgets_project_id_created_at", ["project_id", "created_at", "id"], unique=False)
        batch_op.create_index("ix_widgets_workspace_id_created_at", ["workspace_id", "created_at", "id"], unique=False)
