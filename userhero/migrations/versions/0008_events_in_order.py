"""Events in an order that holds on every engine, what led to them, and how far each listener has heard."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
LISTENERS = ("automations", "workflows")


def upgrade() -> None:
    op.add_column("events", sa.Column("turn", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("events", sa.Column("cause", TEXT, nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        # After the column is there: what is stored already keeps turn 0, and with it the order of positions.
        op.alter_column("events", "turn", server_default=sa.text("(pg_current_xact_id()::text)::bigint"))
    op.drop_index("ix_events_workspace_id_position", "events")
    op.create_index("ix_events_workspace_id_turn_position", "events", ["workspace_id", "turn", "position"])
    op.create_index("ix_events_turn_position", "events", ["turn", "position"])

    op.create_table(
        "event_cursors",
        sa.Column("listener", TEXT, nullable=False),
        sa.Column("turn", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("position", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("listener", name=op.f("pk_event_cursors")),
    )
    # What happened before there was anybody to react to it is not reacted to.
    newest = sa.text(
        "INSERT INTO event_cursors (listener, turn, position) "
        "SELECT :listener, 0, coalesce(max(position), 0) FROM events"
    )
    for listener in LISTENERS:
        op.execute(newest.bindparams(listener=listener))
