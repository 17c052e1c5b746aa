"""Tables of feedback."""

from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint, Table, text

from userhero.kernel.db import columns, metadata

# Whose deadline can be missed: a condition as the index on deadlines has it, so that a query can use it.
OPEN = "status_category = 'open'"
DUE = "status_category = 'open' AND due_date IS NOT NULL"
WATCHED = "due_date IS NOT NULL AND status_category = 'open' AND NOT sla_breached"
WARNED = "warn_at IS NOT NULL AND status_category = 'open' AND NOT sla_breached"
AWAITED = "response_due_at IS NOT NULL AND responded_at IS NULL AND status_category = 'open' AND NOT response_breached"

# Least to most urgent: NULL where it has no priority. An index is made of the very same words.
RANK = "CASE priority WHEN 'low' THEN 1 WHEN 'medium' THEN 2 WHEN 'high' THEN 3 WHEN 'urgent' THEN 4 END"

feedback = Table(
    "feedback",
    metadata,
    columns.identifier(),
    columns.reference("workspace_id", "workspaces.id"),
    columns.words("project_id"),
    columns.words("widget_id", default="api"),
    columns.count("ticket_number"),
    columns.words("message"),
    columns.optional("category"),
    columns.number("rating"),
    columns.words("status", default="new"),
    columns.words("status_category", default="open"),
    columns.json("tags", default="[]"),
    columns.optional("priority"),
    columns.optional("assignee_id"),
    columns.json("watcher_ids", default="[]"),
    columns.optional("due_date"),
    columns.flag("due_date_by_hand"),
    columns.flag("sla_breached"),
    # When to warn of the deadline; NULL once that was done.
    columns.optional("warn_at"),
    columns.optional("response_due_at"),
    columns.optional("responded_at"),
    columns.flag("response_breached"),
    columns.optional("user_email"),
    columns.optional("user_name"),
    columns.optional("user_phone"),
    columns.optional("customer_id"),
    columns.optional("screenshot_url"),
    columns.optional("attachment_url"),
    columns.optional("audio_url"),
    columns.optional("video_url"),
    columns.json("context", default="{}"),
    columns.optional("custom_metadata"),
    columns.count("votes"),
    columns.flag("is_public"),
    columns.flag("customer_comments_enabled", default=True),
    columns.words("source", default="api"),
    columns.time("created_at"),
    columns.time("updated_at"),
    columns.optional("last_customer_reply_at"),
    columns.optional("resolved_at"),
    columns.optional("pending_since"),
    columns.count("paused_ms"),
    # The item's number in the index of words, on SQLite (``kernel.db.search``); a migration made its index.
    columns.whole("position"),
    ForeignKeyConstraint(["project_id"], ["projects.id"], ondelete="CASCADE"),
    ForeignKeyConstraint(["assignee_id"], ["users.id"], ondelete="SET NULL"),
    ForeignKeyConstraint(["customer_id"], ["customers.id"], ondelete="SET NULL"),
    Index("uq_feedback_workspace_id_ticket_number", "workspace_id", "ticket_number", unique=True),
    Index("ix_feedback_workspace_id_created_at", "workspace_id", "created_at", "id"),
    Index("ix_feedback_workspace_id_status", "workspace_id", "status", "created_at", "id"),
    Index("ix_feedback_project_id_created_at", "project_id", "created_at", "id"),
    Index("ix_feedback_workspace_id_updated_at", "workspace_id", "updated_at", "id"),
    Index(
        "ix_feedback_workspace_id_user_email",
        "workspace_id",
        "user_email",
        "created_at",
        "id",
        sqlite_where=text("user_email IS NOT NULL"),
        postgresql_where=text("user_email IS NOT NULL"),
    ),
    Index(
        "ix_feedback_customer_id",
        "customer_id",
        "created_at",
        "id",
        sqlite_where=text("customer_id IS NOT NULL"),
        postgresql_where=text("customer_id IS NOT NULL"),
    ),
    Index(
        "ix_feedback_assignee_id",
        "assignee_id",
        "workspace_id",
        "created_at",
        "id",
        sqlite_where=text("assignee_id IS NOT NULL"),
        postgresql_where=text("assignee_id IS NOT NULL"),
    ),
    # For the sorts of a list.
    Index("ix_feedback_workspace_id_votes", "workspace_id", "votes", "id"),
    Index("ix_feedback_workspace_id_due_date", "workspace_id", "due_date", "id"),
    Index("ix_feedback_workspace_id_rank", "workspace_id", text(f"({RANK})"), "id"),
    Index("ix_feedback_status_due_date", "workspace_id", "status", "due_date", "id"),
    Index("ix_feedback_status_rank", "workspace_id", "status", text(f"({RANK})"), "id"),
    # What few items are.
    Index(
        "ix_feedback_breached",
        "workspace_id",
        "created_at",
        "id",
        sqlite_where=text("sla_breached = 1"),
        postgresql_where=text("sla_breached"),
    ),
    Index(
        "ix_feedback_public",
        "workspace_id",
        "created_at",
        "id",
        sqlite_where=text("is_public = 1"),
        postgresql_where=text("is_public"),
    ),
    # What is still to be done: all of it, by whose it is, and by when.
    Index("ix_feedback_open", "workspace_id", "created_at", "id", sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
    Index(
        "ix_feedback_open_assignee",
        "workspace_id",
        "assignee_id",
        "created_at",
        "id",
        sqlite_where=text(OPEN),
        postgresql_where=text(OPEN),
    ),
    Index("ix_feedback_open_due", "workspace_id", "due_date", "id", sqlite_where=text(DUE), postgresql_where=text(DUE)),
    Index("ix_feedback_warning", "warn_at", "id", sqlite_where=text(WARNED), postgresql_where=text(WARNED)),
    Index("ix_feedback_response", "response_due_at", "id", sqlite_where=text(AWAITED), postgresql_where=text(AWAITED)),
    # Items whose deadline is still ahead, or has just passed and nobody has noticed.
    Index("ix_feedback_deadline", "due_date", "id", sqlite_where=text(WATCHED), postgresql_where=text(WATCHED)),
)

ticket_counters = Table(
    "ticket_counters",
    metadata,
    columns.reference("workspace_id", "workspaces.id"),
    columns.count("last_number"),
    columns.words("month"),
    columns.count("in_month"),
    PrimaryKeyConstraint("workspace_id"),
)

# Under which id an item is known where it was imported from, and a digest of what it was there.
imported_items = Table(
    "imported_items",
    metadata,
    columns.reference("project_id", "projects.id"),
    columns.words("external_id"),
    columns.reference("feedback_id", "feedback.id", index=True),
    columns.words("digest"),
    PrimaryKeyConstraint("project_id", "external_id"),
)
