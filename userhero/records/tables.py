"""Tables of records: exports that were asked for, and erasures, which are also the evidence that they were made."""

from sqlalchemy import Column, Index, LargeBinary, Table, text

from userhero.kernel.db import columns, metadata

# What has files that expire.
KEPT = "expires_at IS NOT NULL"

exports = Table(
    "exports",
    metadata,
    columns.identifier(),
    columns.reference("workspace_id", "workspaces.id"),
    # The one customer whose data it holds, who may be gone by now; NULL for the whole workspace.
    columns.optional("customer_id"),
    columns.words("format"),
    columns.flag("include_media"),
    columns.words("status", default="waiting"),
    columns.count("done"),
    columns.count("total"),
    # How far it is, for whoever goes on with it; see ``archive``.
    columns.optional("place"),
    # The files in the store that together are the archive: a JSON list of names and sizes.
    columns.json("parts", default="[]"),
    columns.count("bytes"),
    # Given once the archive is whole: until then nobody can ask for it.
    columns.optional("token"),
    columns.optional("url"),
    columns.optional("error"),
    columns.time("created_at"),
    columns.optional("finished_at"),
    columns.optional("expires_at"),
    Index("uq_exports_token", "token", unique=True),
    Index("ix_exports_workspace_id_created_at", "workspace_id", "created_at", "id"),
    Index("ix_exports_created_at", "created_at"),
    Index("ix_exports_expires_at", "expires_at", sqlite_where=text(KEPT), postgresql_where=text(KEPT)),
)

erasures = Table(
    "erasures",
    metadata,
    columns.identifier(),
    columns.reference("workspace_id", "workspaces.id"),
    columns.words("customer_id"),
    columns.words("content"),
    columns.words("status", default="waiting"),
    columns.count("done"),
    columns.count("total"),
    columns.count("stage"),
    # By what traces are told, sealed: the addresses, and the ids of the items. Nothing once it is done.
    Column("marks", LargeBinary),
    columns.time("created_at"),
    columns.optional("finished_at"),
    Index("uq_erasures_customer_id", "customer_id", unique=True),
    Index("ix_erasures_workspace_id_created_at", "workspace_id", "created_at", "id"),
    Index("ix_erasures_created_at", "created_at"),
)
