"""Tables of media: what was uploaded, and what is to be removed from the store."""

from sqlalchemy import Index, Table, text

from userhero.kernel.db import columns, metadata

media = Table(
    "media",
    metadata,
    columns.identifier(),
    columns.reference("workspace_id", "workspaces.id"),
    columns.reference("project_id", "projects.id", nullable=True, index=True),
    # What it belongs to and goes with; nobody's, it goes after a day.
    columns.reference("feedback_id", "feedback.id", nullable=True, index=True),
    columns.words("token"),
    columns.words("url"),
    columns.words("kind"),
    columns.words("mime_type"),
    columns.words("file_name"),
    columns.count("size"),
    columns.words("sha256"),
    columns.optional("attached_at"),
    columns.time("created_at"),
    Index("uq_media_token", "token", unique=True),
    Index("ix_media_workspace_id_size", "workspace_id", "size"),
    Index(
        "ix_media_created_at",
        "created_at",
        sqlite_where=text("attached_at IS NULL"),
        postgresql_where=text("attached_at IS NULL"),
    ),
)

# Filled by a trigger whenever a row of ``media`` goes, however it goes; emptied once the file is gone too.
media_removals = Table("media_removals", metadata, columns.identifier("token"))
