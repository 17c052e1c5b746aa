"""Tables of projects and of the widgets that collect for them."""

from sqlalchemy import Index, Table

from userhero.kernel.db import columns, metadata

projects = Table(
    "projects",
    metadata,
    columns.identifier(),
    columns.reference("workspace_id", "workspaces.id"),
    columns.words("name"),
    columns.words("type", default="web"),
    columns.optional("domain"),
    columns.optional("bundle_id"),
    columns.optional("package_name"),
    columns.words("public_key"),
    columns.json("privacy_settings", default="{}"),
    columns.optional("public_portal"),
    columns.optional("embedded_portal"),
    columns.json("custom_field_definitions", default="[]"),
    columns.json("disabled_default_fields", default="[]"),
    columns.json("statuses", default="[]"),
    columns.json("sla_rules", default="[]"),
    columns.optional("sla_calendar"),
    columns.count("sla_warning_minutes", default=60),
    columns.flag("customer_comments_enabled", default=True),
    columns.count("reopen_window_days", default=14),
    columns.time("created_at"),
    columns.time("updated_at"),
    Index("uq_projects_public_key", "public_key", unique=True),
    Index("ix_projects_workspace_id_created_at", "workspace_id", "created_at", "id"),
)

widgets = Table(
    "widgets",
    metadata,
    columns.identifier(),
    columns.reference("workspace_id", "workspaces.id"),
    columns.reference("project_id", "projects.id"),
    columns.words("name"),
    columns.flag("enabled", default=True),
    columns.json("config", default="{}"),
    columns.json("styling", default="{}"),
    columns.time("created_at"),
    columns.time("updated_at"),
    Index("ix_widgets_project_id_created_at", "project_id", "created_at", "id"),
    Index("ix_widgets_workspace_id_created_at", "workspace_id", "created_at", "id"),
)

portal_slugs = Table(
    "portal_slugs",
    metadata,
    columns.identifier("slug"),
    columns.reference("project_id", "projects.id", index=True),
)
