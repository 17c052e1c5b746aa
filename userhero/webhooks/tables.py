"""Tables of webhooks: those that come in, and those that go out."""

from sqlalchemy import Column, Index, LargeBinary, PrimaryKeyConstraint, Table, text

from userhero.kernel.db import columns, metadata

# A delivery that is to be sent, now or later.
WAITING = "next_attempt_at IS NOT NULL"

incoming_webhooks = Table(
    "incoming_webhooks",
    metadata,
    columns.identifier(),
    columns.reference("workspace_id", "workspaces.id"),
    # The project that deliveries are for which name none. A webhook outlives it.
    columns.reference("project_id", "projects.id", nullable=True, gone="SET NULL", index=True),
    columns.words("name"),
    columns.words("slug"),
    Column("secret", LargeBinary, nullable=False),
    columns.time("created_at"),
    columns.optional("last_used_at"),
    Index("uq_incoming_webhooks_slug", "slug", unique=True),
    Index("ix_incoming_webhooks_workspace_id_created_at", "workspace_id", "created_at", "id"),
)

# What was delivered within a day, so that a delivery that comes again is told from a new one.
webhook_receipts = Table(
    "webhook_receipts",
    metadata,
    columns.reference("webhook_id", "incoming_webhooks.id"),
    columns.words("mark"),
    columns.optional("feedback_id"),
    columns.time("created_at"),
    PrimaryKeyConstraint("webhook_id", "mark"),
    Index("ix_webhook_receipts_created_at", "created_at"),
)

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    columns.identifier(),
    columns.reference("workspace_id", "workspaces.id"),
    # The one project that it hears of. It goes with it: to hear of all projects then is more than anybody asked for.
    columns.reference("project_id", "projects.id", nullable=True, index=True),
    columns.words("url"),
    columns.words("events"),
    columns.optional("description"),
    columns.flag("enabled", default=True),
    Column("secret", LargeBinary, nullable=False),
    # The one before, which deliveries are signed with as well until then.
    Column("previous_secret", LargeBinary),
    columns.optional("previous_until"),
    columns.time("created_at"),
    columns.time("updated_at"),
    # From then on nobody sees it; the row goes once its deliveries have gone.
    columns.optional("deleted_at"),
    # Who sends its deliveries now, and until when that holds.
    columns.optional("lane"),
    columns.optional("lane_until"),
    # Nothing is sent before: it was slow, or asked for that.
    columns.optional("paused_until"),
    # ``quick`` or ``slow``, as it was when it was last sent to; NULL before that.
    columns.optional("pace"),
    # Since when nothing has succeeded, and whether somebody was told.
    columns.optional("failing_since"),
    columns.optional("last_failed_at"),
    columns.flag("failing_told"),
    Index("ix_webhook_endpoints_workspace_id_created_at", "workspace_id", "created_at", "id"),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    columns.sequence("position"),
    columns.words("id"),
    columns.reference("endpoint_id", "webhook_endpoints.id"),
    columns.words("event_id"),
    columns.words("event"),
    # The bytes that are signed and sent, the same at each attempt.
    columns.words("body"),
    columns.words("status", default="pending"),
    columns.count("attempt"),
    # How far it is in the schedule, which starts anew where somebody sends it again.
    columns.count("step"),
    columns.optional("next_attempt_at"),
    # What came of the last attempt, and in short of those before.
    columns.optional("attempted_at"),
    columns.whole("response_status"),
    columns.optional("error"),
    columns.whole("duration_ms"),
    columns.optional("answer_headers"),
    columns.optional("answer_body"),
    columns.json("log", default="[]"),
    columns.time("created_at"),
    Index("uq_webhook_deliveries_id", "id", unique=True),
    # An endpoint hears of an event once.
    Index("uq_webhook_deliveries_endpoint_id_event_id", "endpoint_id", "event_id", unique=True),
    Index(
        "ix_webhook_deliveries_endpoint_id_next_attempt_at",
        "endpoint_id",
        "next_attempt_at",
        "position",
        sqlite_where=text(WAITING),
        postgresql_where=text(WAITING),
    ),
    Index("ix_webhook_deliveries_endpoint_id_created_at", "endpoint_id", "created_at", "position"),
    # With the kind, it has all that a search for failed ones asks for; SQLite would take the one above for that.
    Index("ix_webhook_deliveries_endpoint_id_status", "endpoint_id", "status", "created_at", "position", "event"),
    Index("ix_webhook_deliveries_created_at", "created_at"),
)
