"""Sessions of people who signed in: opened, recognised, ended. The token itself is never stored.

A session ends seven days after it was last used, thirty days after it was opened, and when its owner signs out (OWASP
ASVS 5.0, 7.3 and 7.4).
"""

import secrets

import msgspec
from sqlalchemy import bindparam, delete, literal_column, or_, select, update

from userhero.kernel import audit, clock, ids
from userhero.kernel.actor import Actor, Origin
from userhero.kernel.crypto import digest
from userhero.kernel.db import Statement, Transaction, insertion
from userhero.kernel.errors import Invalid, NotFound, Unauthorized
from userhero.kernel.http.routing import SCOPES
from userhero.workspaces.people import account_email
from userhero.workspaces.tables import members, sessions, users

DAYS, IDLE_DAYS = 30, 7
CHUNK = 500
# Longer ones are none (RFC 5321, 4.5.3.1), and take a while to be told so.
_LONGEST_ADDRESS = 320
_SEEN_EVERY_SECONDS = 60

_s, _u = sessions, users
_ACCOUNT = Statement(select(_u.c.id, _u.c.name, _u.c.email, _u.c.password_hash).where(_u.c.email == bindparam("email")))
_ACCOUNT_OF = Statement(select(_u.c.id, _u.c.name, _u.c.email, _u.c.password_hash).where(_u.c.id == bindparam("user")))
_HELD = Statement(select(_u.c.password_hash).where(_u.c.id == bindparam("user")).with_for_update())
_REHASH = Statement(update(_u).where(_u.c.id == bindparam("user")).values(password_hash=bindparam("hashed")))
_INSERT = insertion(
    sessions, "id", "user_id", "digest", "address", "user_agent", "created_at", "last_seen_at", "expires_at"
)
_KNOWN = Statement(
    select(_s.c.id, _s.c.user_id, _u.c.name, _u.c.email, _s.c.last_seen_at, _s.c.expires_at)
    .join_from(_s, _u)
    .where(
        _s.c.digest == bindparam("digest"), _s.c.expires_at > bindparam("now"), _s.c.last_seen_at > bindparam("idle")
    )
)
_SEEN = Statement(
    update(_s)
    .where(_s.c.id == bindparam("session"), _s.c.last_seen_at <= bindparam("before"))
    .values(last_seen_at=bindparam("now"))
)
_LAST_SEEN = Statement(update(_u).where(_u.c.id == bindparam("user")).values(last_seen_at=bindparam("moment")))
_END = Statement(delete(_s).where(_s.c.id == bindparam("session")))
_OPENED = Statement(select(members.c.workspace_id).where(members.c.user_id == bindparam("user")))
_over = (
    select(_s.c.id)
    .where(or_(_s.c.last_seen_at <= bindparam("idle"), _s.c.expires_at <= bindparam("now")))
    .limit(literal_column(str(CHUNK)))
)
_PURGE = Statement(delete(_s).where(_s.c.id.in_(_over)))


class Account(msgspec.Struct, array_like=True, frozen=True):
    """Somebody who may sign in, if they know the password."""

    user_id: str
    name: str
    email: str
    password_hash: str | None


def one_spelling(email: str) -> str:
    """An address as accounts have it, whichever way it was written; what is none, in lower case."""
    if len(email) > _LONGEST_ADDRESS:
        return ""
    try:
        return account_email(email)
    except Invalid:
        return email.strip().lower()


def find_account(tx: Transaction, email: str) -> Account | None:
    """The account with this address, or None; also where it is none at all."""
    return tx.find(Account, _ACCOUNT, email=one_spelling(email))


def find_account_of(tx: Transaction, user_id: str) -> Account | None:
    """The account with this id, or None."""
    return tx.find(Account, _ACCOUNT_OF, user=user_id)


def confirm_password(tx: Transaction, account: Account, renewed: str | None = None) -> Account:
    """The account as it is now, of somebody who has shown their password; with the password hashed anew where that is
    due. Raises Unauthorized where the password was changed since it was checked.
    """
    if tx.value(_HELD, user=account.user_id) != account.password_hash:
        raise Unauthorized("The password was changed just now. Sign in with the new one.")
    if renewed is None:
        return account
    tx.run(_REHASH, user=account.user_id, hashed=renewed)
    return msgspec.structs.replace(account, password_hash=renewed)


def open_session(tx: Transaction, account: Account, renewed: str | None = None) -> str:
    """Sign somebody in who has shown what they have to; returns the session's token.

    Raises Unauthorized where the password was changed since it was checked.
    """
    confirm_password(tx, account, renewed)
    token, session_id = secrets.token_urlsafe(32), ids.new("sess")
    origin = Origin() if tx.origin is None else tx.origin()
    tx.run(
        _INSERT,
        id=session_id,
        user_id=account.user_id,
        digest=digest(token),
        address=origin.address,
        user_agent=origin.user_agent,
        created_at=tx.now,
        last_seen_at=tx.now,
        expires_at=clock.shift(tx.now, days=DAYS),
    )
    tx.run(_LAST_SEEN, user=account.user_id, moment=tx.now)
    actor = Actor(account.user_id, account.name, account.email, session_id, SCOPES, "session")
    _record(tx, actor, "session.started")
    return token


def sign_in(tx: Transaction, email: str) -> str:
    """Sign somebody in who has just made their account; returns the session's token. Raises NotFound."""
    account = find_account(tx, email)
    if account is None:
        raise NotFound(f"There is no account with the address {email}.")
    return open_session(tx, account)


def find_session(tx: Transaction, token: str) -> Actor | None:
    """Whose session this is; None where there is none, or it has ended."""
    if not token:
        return None
    idle = clock.shift(tx.now, days=-IDLE_DAYS)
    found = tx.one(_KNOWN, digest=digest(token), now=tx.now, idle=idle)
    if found is None:
        return None
    session_id, user_id, name, email, seen, expires = found
    return Actor(user_id, name, email, session_id, SCOPES, "session", seen, expires)


def is_visit_due(tx: Transaction, actor: Actor) -> bool:
    """True where the session's last use was recorded more than a minute ago."""
    return actor.last_used_at is None or actor.last_used_at <= clock.shift(tx.now, seconds=-_SEEN_EVERY_SECONDS)


def record_visit(tx: Transaction, actor: Actor) -> None:
    """Keep when the session was last used, and its owner last seen."""
    before = clock.shift(tx.now, seconds=-_SEEN_EVERY_SECONDS)
    if tx.run(_SEEN, session=actor.credential_id, now=tx.now, before=before):
        tx.run(_LAST_SEEN, user=actor.user_id, moment=tx.now)


def end_session(tx: Transaction, actor: Actor) -> None:
    """Sign out."""
    if tx.run(_END, session=actor.credential_id):
        _record(tx, actor, "session.ended")


def purge_sessions(tx: Transaction) -> bool:
    """Forget sessions that are over, 500 at the most; True where there may be more."""
    return tx.run(_PURGE, now=tx.now, idle=clock.shift(tx.now, days=-IDLE_DAYS)) == CHUNK


def _record(tx: Transaction, actor: Actor, act: str) -> None:
    """In the log of each workspace that the session opens."""
    subject = audit.Subject(actor.credential_id)
    for workspace_id in tx.texts(_OPENED, user=actor.user_id) or (None,):
        audit.record(tx, actor, workspace_id, act, subject)
