"""The log of accepted requests that several processes share. On SQLite the only process keeps it in memory.

UNLOGGED: after a crash of the database the log is empty, which lets nobody in who should not be, and writing it costs
half as much.
"""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE UNLOGGED TABLE rate_limits ("
            'key text COLLATE "C" PRIMARY KEY, accepted double precision[] NOT NULL, fits boolean NOT NULL)'
        )
