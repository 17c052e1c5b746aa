"""The table of messages."""

from sqlalchemy import Index, Table, text

from userhero.kernel.db import columns, metadata

messages = Table(
    "messages",
    metadata,
    columns.sequence("position"),
    columns.words("id"),
    columns.reference("workspace_id", "workspaces.id"),
    # The thread is named by what it is about, and goes with it.
    columns.reference("thread_id", "feedback.id"),
    columns.words("channel"),
    columns.words("author_type"),
    columns.optional("author_id"),
    columns.words("author_name"),
    columns.optional("author_email"),
    columns.words("text"),
    columns.optional("html"),
    columns.json("attachments", default="[]"),
    # The JSON of the message without its end, so that ``html`` can be sanitised once more before it is shown.
    columns.words("document"),
    columns.time("created_at"),
    Index("ix_messages_workspace_id_position", "workspace_id", "position"),
    # What somebody wrote who is no member, wherever that was.
    Index(
        "ix_messages_workspace_id_author_email",
        "workspace_id",
        "author_email",
        sqlite_where=text("author_type = 'customer'"),
        postgresql_where=text("author_type = 'customer'"),
    ),
    Index("uq_messages_id", "id", unique=True),
    Index("ix_messages_thread_id_channel", "thread_id", "channel", "created_at", "position"),
)
