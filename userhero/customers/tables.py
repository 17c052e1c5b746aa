"""Tables of customers: who they are, every address that leads to them, and what they are found by.

A customer who was merged or deleted is ``gone_at`` once: nobody sees the row any more, and nothing personal is left in
it. After a merge it stays as the tombstone that says into whom; see ``actions/leave.py``.
"""

from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint, Table, text

from userhero.kernel.db import columns, metadata

customers = Table(
    "customers",
    metadata,
    columns.identifier(),
    columns.reference("workspace_id", "workspaces.id"),
    columns.optional("name"),
    # The name in folded spelling, which lists are sorted by: case and accents are no order that people know.
    columns.optional("sort_name"),
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
    columns.optional("merged_into"),
    columns.optional("gone_at"),
    Index("ix_customers_workspace_id_last_seen_at", "workspace_id", "last_seen_at", "id"),
    Index(
        "ix_customers_merged_into",
        "merged_into",
        sqlite_where=text("merged_into IS NOT NULL"),
        postgresql_where=text("merged_into IS NOT NULL"),
    ),
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

# Those who are gone while some of their feedback still points at them.
customer_moves = Table(
    "customer_moves",
    metadata,
    columns.identifier("customer_id"),
    columns.words("workspace_id"),
    ForeignKeyConstraint(["customer_id"], ["customers.id"], ondelete="CASCADE"),
)

# Name, e-mails and phones in folded spelling, a line each. In workspace order, so that a search reads it in one go.
customer_search = Table(
    "customer_search",
    metadata,
    columns.words("workspace_id"),
    columns.words("customer_id"),
    columns.words("text"),
    PrimaryKeyConstraint("workspace_id", "customer_id"),
    ForeignKeyConstraint(["customer_id"], ["customers.id"], ondelete="CASCADE"),
    Index("ix_customer_search_customer_id", "customer_id"),
    sqlite_with_rowid=False,
)
