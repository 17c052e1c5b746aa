"""Background work on accounts."""

from userhero.kernel.db import Database, Transaction
from userhero.kernel.jobs import Job, Jobs, enqueue
from userhero.workspaces.actions.invitations import MAIL, purge_invitations
from userhero.workspaces.inviting import mail_invitation
from userhero.workspaces.sessions import purge_sessions

jobs = Jobs()

_PURGE = "workspaces.purge_sessions"
_PURGE_INVITATIONS = "workspaces.purge_invitations"


@jobs.on(_PURGE, every=3600)
def purge(tx: Transaction, job: Job) -> None:
    """Forget sessions that are over, a part at a time."""
    del job
    if purge_sessions(tx):
        enqueue(tx, _PURGE, {}, key="more")


@jobs.on(_PURGE_INVITATIONS, every=3600)
def purge_old_invitations(tx: Transaction, job: Job) -> None:
    """Forget invitations that ended long ago, a part at a time."""
    del job
    if purge_invitations(tx):
        enqueue(tx, _PURGE_INVITATIONS, {}, key="more")


@jobs.outside(MAIL)
def send_invitation(database: Database, job: Job) -> None:
    """Mail somebody the link of their invitation."""
    mail_invitation(database, job)
