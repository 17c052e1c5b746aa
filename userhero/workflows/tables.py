"""Tables of workflows."""

from sqlalchemy import ForeignKeyConstraint, Index, Table

from userhero.kernel.db import columns, metadata

workflows = Table(
    "workflows",
    metadata,
    columns.identifier(),
    columns.reference("workspace_id", "workspaces.id"),
    columns.reference("project_id", "projects.id"),
    columns.words("name"),
    columns.optional("description"),
    columns.words("type"),
    columns.words("statuses"),
    columns.count("item_count"),
    columns.time("created_at"),
    columns.time("updated_at"),
    Index("ix_workflows_project_id_created_at", "project_id", "created_at", "id"),
    Index("ix_workflows_workspace_id_created_at", "workspace_id", "created_at", "id"),
)

# An assignee is a member: ``assignee_workspace_id`` is the item's workspace where there is one, and null with it, so
# that both go by themselves when the member leaves.
workflow_items = Table(
    "workflow_items",
    metadata,
    columns.identifier(),
    columns.reference("workspace_id", "workspaces.id"),
    columns.reference("workflow_id", "workflows.id"),
    columns.reference("feedback_id", "feedback.id", nullable=True, gone="SET NULL"),
    columns.words("title"),
    columns.optional("description"),
    columns.words("status"),
    columns.optional("priority"),
    columns.optional("assignee_workspace_id"),
    columns.optional("assignee_id"),
    # Where it stands on the board, among all items of the workflow; see ``actions/place.py``.
    columns.count("position"),
    columns.optional("snapshot"),
    columns.optional("external_reference"),
    columns.time("created_at"),
    columns.time("updated_at"),
    ForeignKeyConstraint(
        ["assignee_workspace_id", "assignee_id"], ["members.workspace_id", "members.user_id"], ondelete="SET NULL"
    ),
    Index("ix_workflow_items_workspace_id_id", "workspace_id", "id"),
    Index("uq_workflow_items_feedback_id_workflow_id", "feedback_id", "workflow_id", unique=True),
    Index("ix_workflow_items_workflow_id_position", "workflow_id", "position", "id"),
    Index("ix_workflow_items_workflow_id_status", "workflow_id", "status", "position", "id"),
    Index("ix_workflow_items_assignee", "assignee_workspace_id", "assignee_id"),
)

workflow_activity = Table(
    "workflow_activity",
    metadata,
    columns.identifier(),
    columns.reference("workspace_id", "workspaces.id", index=True),
    columns.reference("item_id", "workflow_items.id"),
    columns.words("kind"),
    columns.optional("actor_id"),
    columns.words("actor_name"),
    columns.flag("by_system"),
    columns.words("changes"),
    columns.time("created_at"),
    Index("ix_workflow_activity_item_id_created_at", "item_id", "created_at", "id"),
    Index("ix_workflow_activity_created_at", "created_at"),
)

intake_rules = Table(
    "intake_rules",
    metadata,
    columns.identifier(),
    columns.reference("workspace_id", "workspaces.id", index=True),
    columns.reference("project_id", "projects.id"),
    columns.reference("workflow_id", "workflows.id"),
    columns.words("name"),
    columns.count("priority"),
    columns.flag("enabled", default=True),
    columns.words("conditions"),
    columns.optional("default_status"),
    columns.optional("default_priority"),
    columns.optional("assignee_workspace_id"),
    columns.optional("assignee_id"),
    columns.time("created_at"),
    columns.time("updated_at"),
    ForeignKeyConstraint(
        ["assignee_workspace_id", "assignee_id"], ["members.workspace_id", "members.user_id"], ondelete="SET NULL"
    ),
    Index("ix_intake_rules_project_id_priority", "project_id", "priority", "id"),
    Index("ix_intake_rules_workflow_id_priority", "workflow_id", "priority", "id"),
    Index("ix_intake_rules_assignee", "assignee_workspace_id", "assignee_id"),
)
