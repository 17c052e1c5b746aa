"""What people change about their own account: their name, their password, and where they are signed in."""

from collections.abc import Iterable

import msgspec
from sqlalchemy import bindparam, delete, select, update

from userhero.kernel import audit, clock
from userhero.kernel.actor import OPERATOR, Actor
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.errors import Conflict, Invalid, NotFound
from userhero.workspaces.notices import notify
from userhero.workspaces.people import MAX_NAME, get_user
from userhero.workspaces.sessions import IDLE_DAYS
from userhero.workspaces.tables import members, sessions, users, workspaces

_s, _u = sessions, users
_HELD = Statement(select(_u.c.password_hash).where(_u.c.id == bindparam("user")).with_for_update())
_NAMED = Statement(select(_u.c.name).where(_u.c.id == bindparam("user")).with_for_update())
_RENAME = Statement(
    update(_u).where(_u.c.id == bindparam("user")).values(name=bindparam("called"), updated_at=bindparam("moment"))
)
_SET = Statement(
    update(_u)
    .where(_u.c.id == bindparam("user"))
    .values(password_hash=bindparam("hashed"), updated_at=bindparam("moment"))
)
_OPENED = Statement(select(members.c.workspace_id).where(members.c.user_id == bindparam("user")))
_COMPANIES = Statement(
    select(workspaces.c.name).join_from(members, workspaces).where(members.c.user_id == bindparam("user"))
)
_LIST = Statement(
    select(_s.c.id, _s.c.created_at, _s.c.last_seen_at, _s.c.address, _s.c.user_agent)
    .where(
        _s.c.user_id == bindparam("user"),
        _s.c.expires_at > bindparam("moment"),
        _s.c.last_seen_at > bindparam("idle"),
    )
    .order_by(_s.c.last_seen_at.desc(), _s.c.id)
)
_END_ONE = Statement(delete(_s).where(_s.c.id == bindparam("session"), _s.c.user_id == bindparam("user")))
_END_OTHERS = Statement(
    delete(_s).where(_s.c.user_id == bindparam("user"), _s.c.id != bindparam("kept")).returning(_s.c.id)
)


class OpenSession(msgspec.Struct, array_like=True, frozen=True):
    """A browser in which somebody is signed in. Address and client are kept only where the operator wants that."""

    id: str
    created_at: str
    last_seen_at: str
    address: str | None
    user_agent: str | None


def rename(tx: Transaction, actor: Actor, name: str) -> None:
    """Call oneself something else. Raises Invalid."""
    called = name.strip()
    if not 1 <= len(called) <= MAX_NAME:
        raise Invalid("name", f"must have 1 to {MAX_NAME} characters")
    before = tx.value(_NAMED, user=actor.user_id)
    if before == called:
        return
    tx.run(_RENAME, user=actor.user_id, called=called, moment=tx.now)
    subject = audit.Subject(actor.user_id, called)
    for workspace_id in list_opened(tx, actor.user_id):
        audit.record(tx, actor, workspace_id, "user.renamed", subject, before={"name": before}, after={"name": called})


def find_held(tx: Transaction, actor: Actor) -> str | None:
    """The hash of one's password; None where one has none."""
    hashed: str | None = tx.value(_HELD, user=actor.user_id)
    return hashed


def check_held(tx: Transaction, actor: Actor, held: str | None) -> None:
    """Raises Conflict where one's password is another one by now than that whose hash was looked up."""
    if tx.value(_HELD, user=actor.user_id) != held:
        raise Conflict("The password was changed just now, from somewhere else.")


def list_known(tx: Transaction, actor: Actor) -> list[str]:
    """What others know of somebody, and what is no password for that reason: address, name, and their companies'."""
    return [actor.email, actor.name, *tx.texts(_COMPANIES, user=actor.user_id)]


def change_password(tx: Transaction, actor: Actor, held: str | None, hashed: str) -> None:
    """Put a new password's hash in the place of the one that was shown to fit; every other session ends.

    Raises Conflict where the password was changed meanwhile.
    """
    check_held(tx, actor, held)
    tx.run(_SET, user=actor.user_id, hashed=hashed, moment=tx.now)
    record_own(tx, actor, "user.password_changed", audit.Subject(actor.user_id, actor.name))
    end_others(tx, actor)
    notify(tx, actor.user_id, "password")


def set_password(tx: Transaction, email: str, hashed: str) -> str:
    """Give an account a password, as the operator; all its sessions end. Returns its id. Raises NotFound."""
    user = get_user(tx, email)
    replace_password(tx, OPERATOR, user.user_id, hashed, name=user.name)
    return user.user_id


def replace_password(tx: Transaction, actor: Actor, user_id: str, hashed: str, *, name: str | None = None) -> None:
    """Give an account another password, whatever it had; all its sessions end. ``name`` is its owner's, if that is not
    the actor.
    """
    tx.run(_SET, user=user_id, hashed=hashed, moment=tx.now)
    subject = audit.Subject(user_id, name or actor.name)
    for workspace_id in list_opened(tx, user_id):
        audit.record(tx, actor, workspace_id, "user.password_changed", subject)
    tx.run(_END_OTHERS, user=user_id, kept="")
    notify(tx, user_id, "password")


def list_sessions(tx: Transaction, actor: Actor) -> list[OpenSession]:
    """Where somebody is signed in, the one used last first."""
    idle = clock.shift(tx.now, days=-IDLE_DAYS)
    return tx.list(OpenSession, _LIST, user=actor.user_id, moment=tx.now, idle=idle)


def end_one(tx: Transaction, actor: Actor, session_id: str) -> None:
    """Sign out of one of one's own sessions. Raises NotFound for any other."""
    if not tx.run(_END_ONE, session=session_id, user=actor.user_id):
        raise NotFound("Session not found")
    record_own(tx, actor, "session.ended", audit.Subject(session_id))


def end_others(tx: Transaction, actor: Actor) -> None:
    """Sign out everywhere else."""
    for session_id in tx.texts(_END_OTHERS, user=actor.user_id, kept=actor.credential_id):
        record_own(tx, actor, "session.ended", audit.Subject(session_id))


def record_own(tx: Transaction, actor: Actor, act: str, subject: audit.Subject) -> None:
    """Write an act on the actor's own account into the log of each workspace that the account opens."""
    for workspace_id in list_opened(tx, actor.user_id):
        audit.record(tx, actor, workspace_id, act, subject)


def list_opened(tx: Transaction, user_id: str) -> Iterable[str | None]:
    """The workspaces that an account opens; None alone where it opens none: where an act on it is recorded."""
    return tx.texts(_OPENED, user=user_id) or (None,)
