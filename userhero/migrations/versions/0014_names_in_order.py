"""What lists of customers are sorted by: names without case and accents."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
# The first line of what a customer is found by is the name, in that spelling.
FILL = {
    "sqlite": """
        UPDATE customers SET sort_name = (
            SELECT nullif(substr(text, 1, instr(text || char(10), char(10)) - 1), '') FROM customer_search AS found
            WHERE found.workspace_id = customers.workspace_id AND found.customer_id = customers.id
        )""",
    "postgresql": """
        UPDATE customers SET sort_name = (
            SELECT nullif(split_part(text, chr(10), 1), '') FROM customer_search AS found
            WHERE found.workspace_id = customers.workspace_id AND found.customer_id = customers.id
        )""",
}


def upgrade() -> None:
    op.add_column("customers", sa.Column("sort_name", TEXT, nullable=True))
    op.execute(FILL[op.get_bind().dialect.name])
