"""Mails that were taken in, so that each is taken once."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "incoming_mails",
        sa.Column("mark", TEXT, nullable=False),
        sa.Column("sender", TEXT, nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_incoming_mails")),
    )
    op.create_index("ix_incoming_mails_sender_created_at", "incoming_mails", ["sender", "created_at"])
    op.create_index("ix_incoming_mails_created_at", "incoming_mails", ["created_at"])
