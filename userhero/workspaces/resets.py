"""Passwords that were forgotten: a link by mail, good for an hour, once.

Whoever asks learns nothing of whether there is such an account: the request only asks for a job, which looks.
"""

import secrets
from functools import partial

from sqlalchemy import bindparam, delete, func, literal_column, select, update

from userhero.kernel import clock
from userhero.kernel.actor import Actor
from userhero.kernel.crypto import digest
from userhero.kernel.db import Database, Statement, Transaction, insertion
from userhero.kernel.errors import NotFound
from userhero.kernel.http.routing import SCOPES
from userhero.kernel.instance import public_address
from userhero.kernel.jobs import Job, enqueue
from userhero.kernel.mail import Mailbox, Sent
from userhero.kernel.mail.templates import Frame
from userhero.workspaces.account import replace_password
from userhero.workspaces.mailing import PRODUCT, link_button, send, try_later
from userhero.workspaces.people import account_email, find_person
from userhero.workspaces.sessions import Account, find_account
from userhero.workspaces.tables import password_resets
from userhero.workspaces.types import Person

MAIL = "workspaces.mail_reset"
HOURS, MAX_AN_HOUR, CHUNK = 1, 3, 500

_p = password_resets
_INSERT = insertion(password_resets, "digest", "user_id", "created_at")
_RECENT = Statement(
    select(func.count()).select_from(_p).where(_p.c.user_id == bindparam("user"), _p.c.created_at > bindparam("since"))
)
_open = (_p.c.digest == bindparam("token"), _p.c.created_at > bindparam("since"), _p.c.spent.is_(False))
_OWNER = Statement(select(_p.c.user_id).where(*_open))
_USE = Statement(update(_p).where(*_open).values(spent=True).returning(_p.c.user_id))
_END_ALL = Statement(update(_p).where(_p.c.user_id == bindparam("user")).values(spent=True))
_FORGET = Statement(delete(_p).where(_p.c.digest == bindparam("token")))
_old = select(_p.c.digest).where(_p.c.created_at <= bindparam("since")).limit(literal_column(str(CHUNK)))
_PURGE = Statement(delete(_p).where(_p.c.digest.in_(_old)))


def ask_for_reset(tx: Transaction, email: str) -> None:
    """Let a link be mailed to an address, if it has an account. Raises Invalid for what is no address."""
    address = account_email(email)
    enqueue(tx, MAIL, {"email": address}, key=digest(address))


def get_reset(tx: Transaction, token: str) -> Person:
    """Whose password a link may replace. Raises NotFound where it was used, replaced, or is over."""
    user_id = tx.value(_OWNER, token=digest(token), since=_since(tx))
    found = None if user_id is None else find_person(tx, user_id)
    if found is None:
        raise _invalid()
    return found


def reset_password(tx: Transaction, token: str, hashed: str) -> None:
    """Put a new password's hash in the place of the forgotten one; every session ends, and so do other links.

    Raises NotFound where the link was used, replaced, or is over.
    """
    used = tx.all(_USE, token=digest(token), since=_since(tx))
    person = find_person(tx, used[0][0]) if used else None
    if person is None:
        raise _invalid()
    tx.run(_END_ALL, user=person.user_id)
    actor = Actor(person.user_id, person.name, person.email, "reset", SCOPES, "session")
    replace_password(tx, actor, person.user_id, hashed)


def mail_reset(database: Database, job: Job) -> None:
    """Mail the link, whose token is made here and nowhere kept. Three an hour to one account, at the most."""
    token = secrets.token_urlsafe(32)
    if not database.mailer.is_configured:
        return
    found = database.write(partial(_take, email=job.payload["email"], token=token))
    if found is None:
        return
    base_url = database.read(public_address)
    frame = Frame(
        workspace=PRODUCT,
        title="Set a new password",
        reason="Somebody asked for this on the sign-in page. If it was not you, do nothing: your password stays.",
        button=link_button("Set a new password", base_url, f"/reset/{token}"),
    )
    words = [f"For your account {found.email}. The link is good for an hour, once."]
    outcome = send(database, digest(token)[:32], Mailbox(found.email, found.name), frame, words)
    if not isinstance(outcome, Sent):
        database.write(lambda tx: tx.run(_FORGET, token=digest(token)))
        try_later(database, job, outcome)


def purge_resets(tx: Transaction) -> bool:
    """Forget links that are over, 500 at the most; True where there may be more."""
    return tx.run(_PURGE, since=_since(tx)) == CHUNK


def _take(tx: Transaction, email: str, token: str) -> Account | None:
    account = find_account(tx, email)
    if account is None or int(tx.value(_RECENT, user=account.user_id, since=_since(tx))) >= MAX_AN_HOUR:
        return None
    tx.run(_END_ALL, user=account.user_id)
    tx.run(_INSERT, digest=digest(token), user_id=account.user_id, created_at=tx.now)
    return account


def _since(tx: Transaction) -> str:
    return clock.shift(tx.now, hours=-HOURS)


def _invalid() -> NotFound:
    return NotFound(
        "This link is not valid any more: it was used, its hour is over, or a newer one was sent. Ask for another one."
    )
