"""Boards of work: workflows, their items and what was done to them, intake rules."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=nullable)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False)


def _of(table: str, column: str, target: str, *, gone: str = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"), ondelete=gone)


def _assigned(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["assignee_workspace_id", "assignee_id"],
        ["members.workspace_id", "members.user_id"],
        name=op.f(f"fk_{table}_assignee_workspace_id_assignee_id"),
        ondelete="SET NULL",
    )


def upgrade() -> None:
    op.create_table(
        "workflows",
        _text("id"),
        _text("workspace_id"),
        _text("project_id"),
        _text("name"),
        _text("description", nullable=True),
        _text("type"),
        _text("statuses"),
        _count("item_count"),
        _text("created_at"),
        _text("updated_at"),
        _of("workflows", "workspace_id", "workspaces.id"),
        _of("workflows", "project_id", "projects.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workflows")),
    )
    op.create_index("ix_workflows_project_id_created_at", "workflows", ["project_id", "created_at", "id"])
    op.create_index("ix_workflows_workspace_id_created_at", "workflows", ["workspace_id", "created_at", "id"])

    op.create_table(
        "workflow_items",
        _text("id"),
        _text("workspace_id"),
        _text("workflow_id"),
        _text("feedback_id", nullable=True),
        _text("title"),
        _text("description", nullable=True),
        _text("status"),
        _text("priority", nullable=True),
        _text("assignee_workspace_id", nullable=True),
        _text("assignee_id", nullable=True),
        _count("position"),
        _text("snapshot", nullable=True),
        _text("external_reference", nullable=True),
        _text("created_at"),
        _text("updated_at"),
        _of("workflow_items", "workspace_id", "workspaces.id"),
        _of("workflow_items", "workflow_id", "workflows.id"),
        _of("workflow_items", "feedback_id", "feedback.id", gone="SET NULL"),
        _assigned("workflow_items"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workflow_items")),
    )
    op.create_index(op.f("ix_workflow_items_workspace_id"), "workflow_items", ["workspace_id"])
    op.create_index(
        "uq_workflow_items_feedback_id_workflow_id", "workflow_items", ["feedback_id", "workflow_id"], unique=True
    )
    op.create_index("ix_workflow_items_workflow_id_position", "workflow_items", ["workflow_id", "position", "id"])
    op.create_index(
        "ix_workflow_items_workflow_id_status", "workflow_items", ["workflow_id", "status", "position", "id"]
    )
    op.create_index("ix_workflow_items_assignee", "workflow_items", ["assignee_workspace_id", "assignee_id"])

    op.create_table(
        "workflow_activity",
        _text("id"),
        _text("workspace_id"),
        _text("item_id"),
        _text("kind"),
        _text("actor_id", nullable=True),
        _text("actor_name"),
        sa.Column("by_system", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _text("changes"),
        _text("created_at"),
        _of("workflow_activity", "workspace_id", "workspaces.id"),
        _of("workflow_activity", "item_id", "workflow_items.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workflow_activity")),
    )
    op.create_index(op.f("ix_workflow_activity_workspace_id"), "workflow_activity", ["workspace_id"])
    op.create_index("ix_workflow_activity_item_id_created_at", "workflow_activity", ["item_id", "created_at", "id"])
    op.create_index("ix_workflow_activity_created_at", "workflow_activity", ["created_at"])

    op.create_table(
        "intake_rules",
        _text("id"),
        _text("workspace_id"),
        _text("project_id"),
        _text("workflow_id"),
        _text("name"),
        _count("priority"),
        sa.Column("enabled", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        _text("conditions"),
        _text("default_status", nullable=True),
        _text("default_priority", nullable=True),
        _text("assignee_workspace_id", nullable=True),
        _text("assignee_id", nullable=True),
        _text("created_at"),
        _text("updated_at"),
        _of("intake_rules", "workspace_id", "workspaces.id"),
        _of("intake_rules", "project_id", "projects.id"),
        _of("intake_rules", "workflow_id", "workflows.id"),
        _assigned("intake_rules"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_rules")),
    )
    op.create_index(op.f("ix_intake_rules_workspace_id"), "intake_rules", ["workspace_id"])
    op.create_index("ix_intake_rules_project_id_priority", "intake_rules", ["project_id", "priority", "id"])
    op.create_index("ix_intake_rules_workflow_id_priority", "intake_rules", ["workflow_id", "priority", "id"])
    op.create_index("ix_intake_rules_assignee", "intake_rules", ["assignee_workspace_id", "assignee_id"])
