"""Tables of automations and of what they did."""

from sqlalchemy import Index, PrimaryKeyConstraint, Table, text

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
    # When a scheduled one looks at items next; NULL for all others.
    columns.optional("next_scan_at"),
    columns.time("created_at"),
    columns.time("updated_at"),
    Index("ix_automations_project_id_priority", "project_id", "priority", "id"),
    Index("ix_automations_project_id_scope", "project_id", "scope", "priority", "id"),
    Index(
        "ix_automations_next_scan_at",
        "next_scan_at",
        sqlite_where=text("next_scan_at IS NOT NULL"),
        postgresql_where=text("next_scan_at IS NOT NULL"),
    ),
    Index("ix_automations_workspace_id_enabled", "workspace_id", "enabled"),
)

# The system's own automations are no rows of ``automations``, so what names one is no foreign key here.
automation_runs = Table(
    "automation_runs",
    metadata,
    columns.identifier(),
    columns.reference("workspace_id", "workspaces.id", index=True),
    columns.words("automation_id"),
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
    columns.reference("workspace_id", "workspaces.id", index=True),
    columns.words("automation_id"),
    columns.words("hour"),
    columns.count("matched"),
    columns.count("errored"),
    PrimaryKeyConstraint("automation_id", "hour"),
    Index("ix_automation_counts_hour", "hour"),
)

# The items that a scheduled automation has acted on, and when they had last been changed after that.
automation_marks = Table(
    "automation_marks",
    metadata,
    columns.reference("automation_id", "automations.id"),
    columns.reference("feedback_id", "feedback.id", index=True),
    columns.time("seen_at"),
    PrimaryKeyConstraint("automation_id", "feedback_id"),
)
