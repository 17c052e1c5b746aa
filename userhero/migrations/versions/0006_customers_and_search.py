"""Customers that are gone, what customers are found by, and the words of feedback.

Each engine has its own index of words (``userhero/kernel/db/search.py``): a table of FTS5 on SQLite, a ``tsvector`` on
PostgreSQL. PostgreSQL finds parts of a customer's name with trigrams where the server has them and lets us use them;
without, it reads the workspace's customers, which gives the same answers.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

ON_SQLITE = (
    # The words of one item stand under its position. Neither the text nor the places of words in it are kept.
    """
    CREATE VIRTUAL TABLE feedback_search USING fts5(
        words, content='', contentless_delete=1, detail=none, tokenize='ascii'
    )
    """,
    # Which words there are, read from the index itself.
    "CREATE VIRTUAL TABLE feedback_search_terms USING fts5vocab('feedback_search', 'row')",
    "CREATE UNIQUE INDEX uq_feedback_position ON feedback (position)",
    """
    CREATE TRIGGER feedback_removed AFTER DELETE ON feedback WHEN OLD.position IS NOT NULL BEGIN
        DELETE FROM feedback_search WHERE rowid = OLD.position;
    END
    """,
)
ON_POSTGRESQL = (
    """
    CREATE TABLE feedback_search (
        feedback_id text COLLATE "C" PRIMARY KEY REFERENCES feedback (id) ON DELETE CASCADE,
        words tsvector NOT NULL
    )
    """,
    "CREATE INDEX ix_feedback_search_words ON feedback_search USING gin (words)",
    """
    DO $$
    BEGIN
        CREATE EXTENSION IF NOT EXISTS pg_trgm;
        CREATE INDEX ix_customer_search_text ON customer_search USING gin (text gin_trgm_ops);
    EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported OR undefined_object THEN
        RAISE NOTICE 'no trigrams here: customers are searched one by one';
    END
    $$
    """,
)


def upgrade() -> None:
    op.add_column("customers", sa.Column("merged_into", TEXT, nullable=True))
    op.add_column("customers", sa.Column("gone_at", TEXT, nullable=True))
    op.create_index(
        "ix_customers_merged_into",
        "customers",
        ["merged_into"],
        sqlite_where=sa.text("merged_into IS NOT NULL"),
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    _make_tables()
    op.add_column("feedback", sa.Column("position", sa.BigInteger(), nullable=True))
    for statement in ON_SQLITE if op.get_bind().dialect.name == "sqlite" else ON_POSTGRESQL:
        op.execute(statement)


def _make_tables() -> None:
    op.create_table(
        "customer_moves",
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("workspace_id", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_moves_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer_moves")),
    )
    op.create_table(
        "customer_search",
        sa.Column("workspace_id", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_search_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "customer_id", name=op.f("pk_customer_search")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_customer_search_customer_id"), "customer_search", ["customer_id"])
