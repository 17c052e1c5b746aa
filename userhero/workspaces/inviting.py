"""Mailing an invitation. The token of its link is made here: it is nowhere but in the mail."""

import secrets
from functools import partial

from sqlalchemy import bindparam, select, update

from userhero.kernel import clock
from userhero.kernel.crypto import digest
from userhero.kernel.db import Database, Statement, Transaction
from userhero.kernel.instance import public_address
from userhero.kernel.jobs import Job, enqueue
from userhero.kernel.mail import Delayed, Mailbox, Outcome, Refused, Sent
from userhero.kernel.mail.templates import Frame
from userhero.workspaces.actions.invitations import MAIL
from userhero.workspaces.invitations import Invitation, find_invitation
from userhero.workspaces.mailing import DELAYS, link_button, send
from userhero.workspaces.tables import invitations

_MAX_ERROR = 300

_i = invitations
_waits = (_i.c.id == bindparam("invitation"), _i.c.way == "waiting")
_WORKSPACE = Statement(select(_i.c.workspace_id).where(*_waits, _i.c.expires_at > bindparam("moment")))
_GIVE = Statement(update(_i).where(*_waits).values(digest=bindparam("token"), error=None))
_NOTE = Statement(
    update(_i).where(*_waits, _i.c.digest == bindparam("token")).values(way=bindparam("now"), error=bindparam("said"))
)


def mail_invitation(database: Database, job: Job) -> None:
    """Send the mail, and note what became of it. Nothing where the invitation is gone or its link was copied."""
    invitation_id, token = job.payload["invitation"], secrets.token_urlsafe(32)
    found = database.write(partial(_take, invitation_id=invitation_id, token=token))
    if found is None:
        return
    if not database.mailer.is_configured:
        outcome: Outcome = Refused("There is no mail server any more.")
    else:
        outcome = _send(database, found, token)
    attempts = int(job.payload.get("attempts", 0))
    database.write(partial(_note, invitation_id=invitation_id, token=token, outcome=outcome, attempts=attempts))


def _take(tx: Transaction, invitation_id: str, token: str) -> Invitation | None:
    workspace_id = tx.value(_WORKSPACE, invitation=invitation_id, moment=tx.now)
    if workspace_id is None or not tx.run(_GIVE, invitation=invitation_id, token=digest(token)):
        return None
    return find_invitation(tx, workspace_id, invitation_id)


def _send(database: Database, found: Invitation, token: str) -> Outcome:
    base_url = database.read(public_address)
    inviter = found.inviter or "Somebody"
    frame = Frame(
        workspace=found.workspace,
        title=f"{inviter} invites you to {found.workspace}",
        reason=f"{inviter} has entered this address. If that tells you nothing, do nothing: the link ends by itself.",
        button=link_button("Accept the invitation", base_url, f"/invitations/{token}"),
    )
    words = [
        f"You would be {found.role} of the workspace {found.workspace}, in which a team reads and answers feedback.",
        f"The link is good until {found.expires_at[:10]}, once, for whoever has it: pass it on to nobody.",
    ]
    # Named after the link, since each mail has another one: no mailbox takes the second for a copy of the first.
    return send(database, f"{found.id}-{digest(token)[:16]}", Mailbox(found.email), frame, words)


def _note(tx: Transaction, invitation_id: str, token: str, outcome: Outcome, attempts: int) -> None:
    values = {"invitation": invitation_id, "token": digest(token)}
    match outcome:
        case Sent():
            tx.run(_NOTE, **values, now="sent", said=None)
        case Delayed(reason=reason) if attempts < len(DELAYS):
            if tx.run(_NOTE, **values, now="waiting", said=_kept(reason)):
                later = clock.shift(tx.now, seconds=DELAYS[attempts])
                enqueue(
                    tx, MAIL, {"invitation": invitation_id, "attempts": attempts + 1}, run_at=later, key=invitation_id
                )
        case Delayed(reason=reason) | Refused(reason=reason):
            tx.run(_NOTE, **values, now="failed", said=_kept(reason))


def _kept(text: str) -> str:
    return text.replace("\0", "")[:_MAX_ERROR]
