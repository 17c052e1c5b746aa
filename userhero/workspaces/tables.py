"""Tables of the tenant: who is in it, and what they may use."""

from sqlalchemy import Column, Index, LargeBinary, PrimaryKeyConstraint, Table

from userhero.kernel.db import columns, metadata

users = Table(
    "users",
    metadata,
    columns.identifier(),
    columns.words("email"),
    columns.words("name"),
    columns.optional("password_hash"),
    columns.time("created_at"),
    columns.time("updated_at"),
    # When they last used a page, signed in; sessions that are over are forgotten.
    columns.optional("last_seen_at"),
    Index("uq_users_email", "email", unique=True),
)

workspaces = Table(
    "workspaces",
    metadata,
    columns.identifier(),
    columns.words("name"),
    columns.words("plan"),
    columns.words("billing_interval", default="yearly"),
    columns.words("subscription_status", default="active"),
    columns.flag("api_access", default=True),
    # After how many days feedback goes, where that is sooner than the plan says.
    columns.whole("retention_days"),
    columns.time("created_at"),
    columns.time("updated_at"),
)

members = Table(
    "members",
    metadata,
    columns.reference("workspace_id", "workspaces.id"),
    columns.reference("user_id", "users.id"),
    columns.words("role"),
    columns.time("created_at"),
    PrimaryKeyConstraint("workspace_id", "user_id"),
    Index("ix_members_user_id", "user_id"),
)

api_keys = Table(
    "api_keys",
    metadata,
    columns.identifier(),
    columns.reference("user_id", "users.id", index=True),
    columns.words("name"),
    columns.words("digest"),
    columns.words("shown"),
    columns.json("scopes", default="[]"),
    columns.time("created_at"),
    columns.optional("expires_at"),
    columns.optional("last_used_at"),
    columns.optional("revoked_at"),
    Index("uq_api_keys_digest", "digest", unique=True),
)

sessions = Table(
    "sessions",
    metadata,
    columns.identifier(),
    columns.reference("user_id", "users.id", index=True),
    columns.words("digest"),
    columns.optional("address"),
    columns.optional("user_agent"),
    columns.time("created_at"),
    columns.time("last_seen_at"),
    columns.time("expires_at"),
    Index("uq_sessions_digest", "digest", unique=True),
    Index("ix_sessions_last_seen_at", "last_seen_at"),
    Index("ix_sessions_expires_at", "expires_at"),
)

# Who may come into a workspace by a link, of which only a digest is kept: none where it waits to be mailed.
invitations = Table(
    "invitations",
    metadata,
    columns.identifier(),
    columns.reference("workspace_id", "workspaces.id"),
    columns.words("email"),
    columns.words("role"),
    columns.optional("digest"),
    columns.reference("invited_by", "users.id", nullable=True, gone="SET NULL", index=True),
    # How the link comes to them: "link" where somebody copies it; "waiting", "sent" or "failed" where it is mailed.
    columns.words("way"),
    columns.optional("error"),
    columns.time("created_at"),
    columns.time("sent_at"),
    columns.time("expires_at"),
    Index("uq_invitations_digest", "digest", unique=True),
    Index("uq_invitations_workspace_id_email", "workspace_id", "email", unique=True),
    Index("ix_invitations_expires_at", "expires_at"),
)

# The secret that somebody's authenticator app shares, sealed. It counts from ``confirmed_at`` on.
second_factors = Table(
    "second_factors",
    metadata,
    columns.reference("user_id", "users.id"),
    Column("secret", LargeBinary, nullable=False),
    # The 30 seconds whose code was used last: it is not taken again, nor one before it.
    columns.count("last_step"),
    columns.count("tries"),
    columns.optional("blocked_until"),
    columns.optional("confirmed_at"),
    columns.time("created_at"),
    PrimaryKeyConstraint("user_id"),
)

# Codes for those whose app is gone: marks that only this installation can make. One that was used is removed.
recovery_codes = Table(
    "recovery_codes",
    metadata,
    columns.reference("user_id", "users.id"),
    columns.words("mark"),
    columns.time("created_at"),
    PrimaryKeyConstraint("user_id", "mark"),
)

# Links by which people who have forgotten their password set another: digests of them. One that was used or replaced
# is spent, and stays for the hour in which it counts against the next one.
password_resets = Table(
    "password_resets",
    metadata,
    columns.identifier("digest"),
    columns.reference("user_id", "users.id", index=True),
    columns.flag("spent"),
    columns.time("created_at"),
    Index("ix_password_resets_created_at", "created_at"),
)
