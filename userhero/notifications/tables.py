"""Tables of notifications: what people have heard, what is on its way to them, and what they want to hear."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, LargeBinary, PrimaryKeyConstraint, Table, text

from userhero.kernel.db import columns, metadata

UNREAD = "read_at IS NULL"
# What is to be sent, now or later; what waits to become part of a digest; what waits for a mail server.
DUE, HELD, KEPT = "next_attempt_at IS NOT NULL", "hold_until IS NOT NULL", "status = 'kept'"


def _member() -> ForeignKeyConstraint:
    """Who leaves the workspace takes along what was for them."""
    return ForeignKeyConstraint(
        ["workspace_id", "user_id"], ["members.workspace_id", "members.user_id"], ondelete="CASCADE"
    )


# What a member has heard of, as the product itself shows it.
notifications = Table(
    "notifications",
    metadata,
    columns.identifier(),
    columns.words("workspace_id"),
    columns.words("user_id"),
    columns.words("event_id"),
    columns.words("kind"),
    columns.reference("feedback_id", "feedback.id", nullable=True, index=True),
    columns.whole("ticket_number"),
    columns.words("title"),
    columns.optional("excerpt"),
    columns.optional("read_at"),
    columns.time("created_at"),
    _member(),
    # A person hears of an event once.
    Index("uq_notifications_user_id_event_id", "user_id", "event_id", unique=True),
    Index("ix_notifications_workspace_id_user_id", "workspace_id", "user_id", "created_at", "id"),
    Index(
        "ix_notifications_unread",
        "workspace_id",
        "user_id",
        "created_at",
        "id",
        sqlite_where=text(UNREAD),
        postgresql_where=text(UNREAD),
    ),
    Index("ix_notifications_created_at", "created_at"),
)

integrations = Table(
    "integrations",
    metadata,
    columns.identifier(),
    columns.reference("workspace_id", "workspaces.id"),
    columns.words("type"),
    columns.words("name"),
    # A web address with a secret in it, or an e-mail address; ``shown`` is what of it may be seen.
    Column("target", LargeBinary, nullable=False),
    columns.words("shown"),
    columns.flag("is_default"),
    columns.time("created_at"),
    columns.time("updated_at"),
    Index("ix_integrations_workspace_id_created_at", "workspace_id", "created_at", "id"),
)

# Mails and messages on their way out, and what became of them.
outbox = Table(
    "outbox",
    metadata,
    columns.sequence("position"),
    columns.words("id"),
    columns.reference("workspace_id", "workspaces.id"),
    columns.words("channel"),
    # An e-mail address, or the id of an integration; for a web address without one, what tells it from others.
    columns.words("recipient"),
    columns.optional("recipient_name"),
    columns.optional("user_id"),
    # Whose mails go a part at a time where the customer is removed, so the database does not see to it.
    columns.optional("customer_id"),
    columns.reference("integration_id", "integrations.id", nullable=True, index=True),
    Column("target", LargeBinary),
    columns.words("kind"),
    columns.optional("event_id"),
    columns.reference("feedback_id", "feedback.id", nullable=True, index=True),
    columns.words("content"),
    columns.words("status", default="waiting"),
    columns.count("attempts"),
    columns.optional("next_attempt_at"),
    columns.optional("lease"),
    columns.optional("hold_until"),
    columns.optional("error"),
    columns.optional("reply"),
    columns.optional("sent_at"),
    columns.time("created_at"),
    _member(),
    Index("uq_outbox_id", "id", unique=True),
    # An event is told to an address once.
    Index("uq_outbox_event_id_recipient", "event_id", "recipient", "channel", unique=True),
    Index(
        "ix_outbox_due",
        "channel",
        "next_attempt_at",
        "position",
        sqlite_where=text(DUE),
        postgresql_where=text(DUE),
    ),
    Index(
        "ix_outbox_held",
        "workspace_id",
        "recipient",
        "hold_until",
        sqlite_where=text(HELD),
        postgresql_where=text(HELD),
    ),
    Index("ix_outbox_kept", "created_at", "position", sqlite_where=text(KEPT), postgresql_where=text(KEPT)),
    Index("ix_outbox_workspace_id_created_at", "workspace_id", "created_at", "position"),
    Index("ix_outbox_workspace_id_status", "workspace_id", "status", "created_at", "position"),
    Index("ix_outbox_workspace_id_user_id", "workspace_id", "user_id"),
    Index("ix_outbox_customer_id", "customer_id"),
    Index("ix_outbox_created_at", "created_at"),
)

# How many went out within an hour: to a recipient, who is a mark that only this installation can make, and from a
# workspace. Apart from the outbox, since what is removed there has been sent all the same.
outbox_counts = Table(
    "outbox_counts",
    metadata,
    columns.words("subject"),
    columns.time("hour"),
    columns.count("sent"),
    PrimaryKeyConstraint("subject", "hour"),
    Index("ix_outbox_counts_hour", "hour"),
)

notification_preferences = Table(
    "notification_preferences",
    metadata,
    columns.words("workspace_id"),
    columns.words("user_id"),
    # By kind, what differs from the default: ``{"assigned": {"email": "off"}}``.
    columns.json("choices", default="{}"),
    columns.words("digest", default="daily"),
    columns.count("digest_hour", default=8),
    columns.words("time_zone", default="UTC"),
    columns.time("updated_at"),
    PrimaryKeyConstraint("workspace_id", "user_id"),
    _member(),
)

# Addresses that want no more mail from a workspace: not themselves, but marks that only this installation can make.
unsubscribed_addresses = Table(
    "unsubscribed_addresses",
    metadata,
    columns.reference("workspace_id", "workspaces.id"),
    columns.words("mark"),
    columns.time("created_at"),
    PrimaryKeyConstraint("workspace_id", "mark"),
)

routing_rules = Table(
    "routing_rules",
    metadata,
    columns.identifier(),
    columns.reference("workspace_id", "workspaces.id", index=True),
    columns.reference("project_id", "projects.id"),
    columns.words("name"),
    columns.count("priority"),
    columns.flag("enabled", default=True),
    columns.optional("condition"),
    columns.words("actions"),
    columns.time("created_at"),
    columns.time("updated_at"),
    Index("ix_routing_rules_project_id_priority", "project_id", "priority", "id"),
)

# Answers that were taken in: marks of the mails and of who sent them, which lead back to neither.
incoming_mails = Table(
    "incoming_mails",
    metadata,
    columns.identifier("mark"),
    columns.words("sender"),
    columns.time("created_at"),
    Index("ix_incoming_mails_sender_created_at", "sender", "created_at"),
    Index("ix_incoming_mails_created_at", "created_at"),
)
