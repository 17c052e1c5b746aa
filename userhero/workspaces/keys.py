"""API keys: made, recognised, revoked. The key itself is never stored."""

from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import bindparam, or_, select, update

from userhero.kernel import audit, clock, ids
from userhero.kernel.actor import OPERATOR, Actor
from userhero.kernel.crypto import digest
from userhero.kernel.db import Statement, Transaction, insertion
from userhero.kernel.errors import Invalid, NotFound, Unauthorized
from userhero.kernel.http.routing import SCOPES
from userhero.workspaces.people import MAX_NAME, get_user
from userhero.workspaces.tables import api_keys, members, users
from userhero.workspaces.types import KeySummary, NewKey

PREFIX = "sk_live_"
_RANDOM, _CHECK = 32, 6
_USED_EVERY_SECONDS = 60

_k = api_keys
_BY_DIGEST = Statement(
    select(_k.c.id, _k.c.user_id, users.c.name, users.c.email, _k.c.scopes, _k.c.expires_at, _k.c.last_used_at)
    .join_from(_k, users)
    .where(_k.c.digest == bindparam("digest"), _k.c.revoked_at.is_(None))
)
_INSERT = insertion(api_keys, "id", "user_id", "name", "digest", "shown", "scopes", "created_at", "expires_at")
_USED = Statement(
    update(_k)
    .where(_k.c.id == bindparam("key"), or_(_k.c.last_used_at.is_(None), _k.c.last_used_at <= bindparam("before")))
    .values(last_used_at=bindparam("now"))
)
_REVOKE = Statement(
    update(_k)
    .where(_k.c.id == bindparam("key"), _k.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"))
    .returning(_k.c.name, _k.c.user_id)
)
_OPENED = Statement(select(members.c.workspace_id).where(members.c.user_id == bindparam("user")))
_OF_USER = Statement(
    select(_k.c.id, _k.c.name, _k.c.shown, _k.c.created_at, _k.c.expires_at, _k.c.last_used_at, _k.c.revoked_at)
    .where(_k.c.user_id == bindparam("user"))
    .order_by(_k.c.created_at.desc(), _k.c.id.desc())
)


class _Known(msgspec.Struct, array_like=True):
    id: str
    user_id: str
    name: str
    email: str
    scopes: str
    expires_at: str | None
    last_used_at: str | None


_decode_scopes = msgspec.json.Decoder(frozenset[str]).decode


@lru_cache(maxsize=256)
def _scopes(text: str) -> frozenset[str]:
    """Most keys have one of a few sets of scopes."""
    return _decode_scopes(text)


def create_key(
    tx: Transaction,
    *,
    email: str,
    name: str,
    scopes: frozenset[str] | None = None,
    expires_at: str | None = None,
    actor: Actor = OPERATOR,
) -> NewKey:
    """A new key for the user with this address; all scopes where none are named.

    Raises NotFound for an unknown user, Invalid for a name, unknown scopes or a time that is no ISO 8601 time.
    """
    user = get_user(tx, email)
    if not 1 <= len(name.strip()) <= MAX_NAME:
        raise Invalid("name", f"must have 1 to {MAX_NAME} characters")
    unknown = (scopes or frozenset()) - SCOPES
    if unknown:
        raise Invalid("scopes", f"{min(unknown)!r} is not a scope")
    secret = PREFIX + (random := ids.random_base62(_RANDOM)) + ids.checksum62(random)
    key_id = ids.new("key")
    granted = sorted(SCOPES if scopes is None else scopes)
    end = None if expires_at is None else _time(expires_at)
    tx.run(
        _INSERT,
        id=key_id,
        user_id=user.user_id,
        name=name,
        digest=digest(secret),
        shown=f"{secret[:12]}…{secret[-4:]}",
        scopes=msgspec.json.encode(granted).decode(),
        created_at=tx.now,
        expires_at=end,
    )
    made = {"name": name, "userId": user.user_id, "scopes": granted, "expiresAt": end}
    _record(tx, actor, user.user_id, "key.created", audit.Subject(key_id, name), after=made)
    return NewKey(key_id, secret)


def revoke_key(tx: Transaction, key_id: str, actor: Actor = OPERATOR) -> None:
    """End a key at once. Raises NotFound where there is no such key or it was revoked before."""
    ended = tx.all(_REVOKE, key=key_id, now=tx.now)
    if not ended:
        raise NotFound("API key not found")
    name, user_id = ended[0]
    _record(tx, actor, user_id, "key.revoked", audit.Subject(key_id, name), before={"name": name, "userId": user_id})


def list_keys(tx: Transaction, email: str) -> list[KeySummary]:
    """The user's keys, newest first. Raises NotFound for an unknown user."""
    user = get_user(tx, email)
    return [KeySummary(*row) for row in tx.all(_OF_USER, user=user.user_id)]


def authenticate(tx: Transaction, header: str) -> Actor:
    """The owner of the key in an Authorization header (``Bearer sk_live_…``). Raises Unauthorized."""
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer" or not _is_well_formed(secret):
        raise _refused()
    known = tx.find(_Known, _BY_DIGEST, digest=digest(secret))
    if known is None or (known.expires_at is not None and known.expires_at <= tx.now):
        raise _refused()
    return Actor(
        known.user_id,
        known.name,
        known.email,
        known.id,
        _scopes(known.scopes),
        "key",
        known.last_used_at,
        known.expires_at,
    )


def is_use_due(tx: Transaction, actor: Actor) -> bool:
    """True where the key's last use was recorded more than a minute ago."""
    return actor.last_used_at is None or clock.unix(actor.last_used_at) <= clock.unix(tx.now) - _USED_EVERY_SECONDS


def record_use(tx: Transaction, actor: Actor) -> None:
    """Keep when the actor's key was last used; of requests that notice at once that this is due, one writes."""
    tx.run(_USED, key=actor.credential_id, now=tx.now, before=clock.shift(tx.now, seconds=-_USED_EVERY_SECONDS))


def _record(tx: Transaction, actor: Actor, user_id: str, act: str, subject: audit.Subject, **sides: Any) -> None:
    """In the log of each workspace that the key's user is in, since it opens that one too."""
    for workspace_id in tx.texts(_OPENED, user=user_id) or (None,):
        audit.record(tx, actor, workspace_id, act, subject, **sides)


def _is_well_formed(secret: str) -> bool:
    """Prefix, length and checksum: a mistyped key is refused without asking the database."""
    if len(secret) != len(PREFIX) + _RANDOM + _CHECK or not secret.startswith(PREFIX) or not secret.isascii():
        return False
    random = secret[len(PREFIX) : -_CHECK]
    return ids.checksum62(random) == secret[-_CHECK:]


def _refused() -> Unauthorized:
    return Unauthorized("Missing or invalid API key.", headers=(("WWW-Authenticate", "Bearer"),))


def _time(text: Any) -> str:
    try:
        return clock.parse(text)
    except ValueError:
        raise Invalid("expires", "must be an ISO 8601 time") from None
