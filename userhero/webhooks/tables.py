"""Tables of incoming webhooks."""

from sqlalchemy import Column, Index, LargeBinary, PrimaryKeyConstraint, Table

from userhero.kernel.db import columns, metadata

incoming_webhooks = Table(
    "incoming_webhooks",
    metadata,
    columns.identifier(),
    columns.reference("workspace_id", "workspaces.id"),
    # The project that deliveries are for which name none. A webhook outlives it.
    columns.reference("project_id", "projects.id", nullable=True, gone="SET NULL", index=True),
    columns.words("name"),
    columns.words("slug"),
    Column("secret", LargeBinary, nullable=False),
    columns.time("created_at"),
    columns.optional("last_used_at"),
    Index("uq_incoming_webhooks_slug", "slug", unique=True),
    Index("ix_incoming_webhooks_workspace_id_created_at", "workspace_id", "created_at", "id"),
)

# What was delivered within a day, so that a delivery that comes again is told from a new one.
webhook_receipts = Table(
    "webhook_receipts",
    metadata,
    columns.reference("webhook_id", "incoming_webhooks.id"),
    columns.words("mark"),
    columns.optional("feedback_id"),
    columns.time("created_at"),
    PrimaryKeyConstraint("webhook_id", "mark"),
    Index("ix_webhook_receipts_created_at", "created_at"),
)
