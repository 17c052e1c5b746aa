"""Second factors: the secrets of authenticator apps, and marks of recovery codes."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "second_factors",
        sa.Column("user_id", TEXT, sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("last_step", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("tries", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("blocked_until", TEXT),
        sa.Column("confirmed_at", TEXT),
        sa.Column("created_at", TEXT, nullable=False),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", TEXT, sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("mark", TEXT, primary_key=True),
        sa.Column("created_at", TEXT, nullable=False),
    )
