"""Tables of the dashboard: the views of the inbox that people have saved."""

from sqlalchemy import Index, Table

from userhero.kernel.db import columns, metadata

saved_views = Table(
    "saved_views",
    metadata,
    columns.identifier(),
    columns.reference("workspace_id", "workspaces.id"),
    # Who alone sees it; NULL where all of the workspace do.
    columns.reference("owner_id", "users.id", nullable=True, index=True),
    columns.reference("made_by", "users.id", nullable=True, gone="SET NULL", index=True),
    columns.words("name"),
    # What the inbox's address asks for: its query.
    columns.words("query"),
    columns.count("place"),
    columns.time("created_at"),
    columns.time("updated_at"),
    Index("ix_saved_views_workspace_id_owner_id", "workspace_id", "owner_id", "place", "id"),
)
