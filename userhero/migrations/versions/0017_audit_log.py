"""Who did what, to what, from where."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("workspace_id", TEXT, nullable=True),
        *(
            sa.Column(name, TEXT, nullable=False)
            for name in ("act", "actor_id", "actor_name", "via", "credential_id", "subject_type", "subject_id")
        ),
        *(
            sa.Column(name, TEXT, nullable=True)
            for name in ("subject_name", "old_values", "new_values", "address", "user_agent", "request_id")
        ),
        sa.Column("created_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index("ix_audit_log_created_at", "audit_log", ["created_at", "id"])
    op.create_index("ix_audit_log_workspace_id_created_at", "audit_log", ["workspace_id", "created_at", "id"])
    for name in ("act", "actor_id", "subject_id"):
        op.create_index(f"ix_audit_log_workspace_id_{name}", "audit_log", ["workspace_id", name, "created_at", "id"])
