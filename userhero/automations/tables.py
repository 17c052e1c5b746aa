"""Tables of automations and of what they did."""

from sqlalchemy import Index, PrimaryKeyConstraint, Table

from userhero.kernel.db import columns, metadata

automations = Table(
    "automations",
    metadata,
    columns.identifier(),
    columns.reference("workspace_id", "workspaces.id"),
    columns.reference("project_id", "projects.id"),
    columns.words("name"),
    columns.words("scope"),
    columns.flag("enabled", default=True),
    columns.count("priority"),
    columns.words("conditions"),
    columns.words("actions"),
    columns.optional("schedule"),
    columns.optional("last_run_at"),
    columns.time("created_at"),
    columns.time("updated_at"),
    Index("ix_automations_project_id_priority", "project_id", "priority", "id"),
    Index("ix_automations_workspace_id_enabled", "workspace_id", "enabled"),
)

automation_runs = Table(
    "automation_runs",
    metadata,
    columns.identifier(),
    columns.reference("workspace_id", "workspaces.id", index=True),
    columns.reference("automation_id", "automations.id"),
    columns.words("feedback_id"),
    columns.words("outcome"),
    columns.words("actions"),
    columns.optional("actor_id"),
    columns.words("actor_name"),
    columns.flag("by_system"),
    columns.time("run_at"),
    Index("ix_automation_runs_automation_id_run_at", "automation_id", "run_at", "id"),
    Index("ix_automation_runs_run_at", "run_at"),
)

# Runs by hour, so that what is shown of a busy automation does not cost more than of a quiet one.
automation_counts = Table(
    "automation_counts",
    metadata,
    columns.reference("automation_id", "automations.id"),
    columns.words("hour"),
    columns.count("matched"),
    columns.count("errored"),
    PrimaryKeyConstraint("automation_id", "hour"),
    Index("ix_automation_counts_hour", "hour"),
)
