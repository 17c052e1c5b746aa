"""When automations look at items next, which items they have acted on, and runs of the system's own."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("automations", sa.Column("next_scan_at", TEXT, nullable=True))
    op.create_index(
        "ix_automations_next_scan_at",
        "automations",
        ["next_scan_at"],
        sqlite_where=sa.text("next_scan_at IS NOT NULL"),
        postgresql_where=sa.text("next_scan_at IS NOT NULL"),
    )
    op.create_index("ix_automations_project_id_scope", "automations", ["project_id", "scope", "priority", "id"])
    # What SLA rules bring is no row of its own: its runs name an automation that is not in the table.
    with op.batch_alter_table("automation_runs") as batch:
        batch.drop_constraint("fk_automation_runs_automation_id", type_="foreignkey")
    # Counts of a week, which begin anew.
    op.execute("DELETE FROM automation_counts")
    with op.batch_alter_table("automation_counts") as batch:
        batch.drop_constraint("fk_automation_counts_automation_id", type_="foreignkey")
        batch.add_column(sa.Column("workspace_id", TEXT, nullable=False))
        batch.create_foreign_key(
            op.f("fk_automation_counts_workspace_id"), "workspaces", ["workspace_id"], ["id"], ondelete="CASCADE"
        )
    op.create_index(op.f("ix_automation_counts_workspace_id"), "automation_counts", ["workspace_id"])
    op.create_table(
        "automation_marks",
        sa.Column("automation_id", TEXT, nullable=False),
        sa.Column("feedback_id", TEXT, nullable=False),
        sa.Column("seen_at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["automation_id"], ["automations.id"], name=op.f("fk_automation_marks_automation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["feedback_id"], ["feedback.id"], name=op.f("fk_automation_marks_feedback_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("automation_id", "feedback_id", name=op.f("pk_automation_marks")),
    )
    op.create_index(op.f("ix_automation_marks_feedback_id"), "automation_marks", ["feedback_id"])
