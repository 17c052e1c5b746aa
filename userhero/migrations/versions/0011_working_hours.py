"""Calendars of service levels, warnings before a deadline, and when an item was first answered."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
WARNED = sa.text("warn_at IS NOT NULL AND status_category = 'open' AND NOT sla_breached")
AWAITED = sa.text(
    "response_due_at IS NOT NULL AND responded_at IS NULL AND status_category = 'open' AND NOT response_breached"
)


def upgrade() -> None:
    op.add_column("projects", sa.Column("sla_calendar", TEXT, nullable=True))
    op.add_column(
        "projects", sa.Column("sla_warning_minutes", sa.BigInteger(), server_default=sa.text("60"), nullable=False)
    )
    for name in ("warn_at", "response_due_at", "responded_at"):
        op.add_column("feedback", sa.Column(name, TEXT, nullable=True))
    op.add_column(
        "feedback", sa.Column("response_breached", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.create_index("ix_feedback_warning", "feedback", ["warn_at", "id"], sqlite_where=WARNED, postgresql_where=WARNED)
    op.create_index(
        "ix_feedback_response", "feedback", ["response_due_at", "id"], sqlite_where=AWAITED, postgresql_where=AWAITED
    )
