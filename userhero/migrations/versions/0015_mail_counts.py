"""What goes out is counted apart from the outbox; digests come by the clocks of those who get them."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "outbox_counts",
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("hour", TEXT, nullable=False),
        sa.Column("sent", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("subject", "hour", name=op.f("pk_outbox_counts")),
    )
    op.create_index("ix_outbox_counts_hour", "outbox_counts", ["hour"])
    op.drop_index("ix_outbox_recipient_counted_at", table_name="outbox")
    op.drop_column("outbox", "counted_at")
    op.add_column(
        "notification_preferences",
        sa.Column("time_zone", TEXT, server_default=sa.text("'UTC'"), nullable=False),
    )
