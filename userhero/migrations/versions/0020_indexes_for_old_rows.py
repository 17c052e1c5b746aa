"""Indexes for what is looked for by age, and for the order in which customers are listed."""

from alembic import op

revision = "0020"
down_revision = "0019"

LAST_SEEN = "ix_customers_workspace_id_last_seen_at"


def upgrade() -> None:
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    # Who was seen last comes first, who never was comes last. SQLite reads the index it has backwards for that.
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index(LAST_SEEN, "customers")
        op.execute(f"CREATE INDEX {LAST_SEEN} ON customers (workspace_id, last_seen_at DESC NULLS LAST, id DESC)")
