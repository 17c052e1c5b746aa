"""Tables of customers: who they are, and every address that leads to them."""

from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint, Table

from userhero.kernel.db import columns, metadata

customers = Table(
    "customers",
    metadata,
    columns.identifier(),
    columns.reference("workspace_id", "workspaces.id"),
    columns.optional("name"),
    columns.optional("primary_email"),
    columns.optional("primary_phone"),
    columns.json("emails", default="[]"),
    columns.json("phones", default="[]"),
    columns.json("social_handles", default="[]"),
    columns.optional("company"),
    columns.json("tags", default="[]"),
    columns.count("feedback_count"),
    columns.json("channels", default="[]"),
    columns.optional("first_seen_at"),
    columns.optional("last_seen_at"),
    columns.optional("notes"),
    columns.json("custom_fields", default="{}"),
    columns.optional("timezone"),
    columns.optional("language"),
    columns.json("merged_customer_ids", default="[]"),
    columns.time("created_at"),
    columns.time("updated_at"),
    Index("ix_customers_workspace_id_last_seen_at", "workspace_id", "last_seen_at", "id"),
)

customer_identifiers = Table(
    "customer_identifiers",
    metadata,
    columns.words("workspace_id"),
    columns.words("kind"),
    columns.words("value"),
    columns.words("customer_id"),
    PrimaryKeyConstraint("workspace_id", "kind", "value"),
    ForeignKeyConstraint(["customer_id"], ["customers.id"], ondelete="CASCADE"),
    Index("ix_customer_identifiers_customer_id", "customer_id"),
)
