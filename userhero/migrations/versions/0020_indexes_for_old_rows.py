"""Indexes for what is looked for by age."""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
