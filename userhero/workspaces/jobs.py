"""Background work on accounts."""

from userhero.kernel.db import Database, Transaction
from userhero.kernel.jobs import Job, Jobs, enqueue
from userhero.workspaces.actions.invitations import MAIL, purge_invitations
from userhero.workspaces.inviting import mail_invitation
from userhero.workspaces.notices import NOTICE, mail_notice
from userhero.workspaces.resets import MAIL as RESET
from userhero.workspaces.resets import mail_reset, purge_resets
from userhero.workspaces.sessions import purge_sessions

jobs = Jobs()

_PURGE = "workspaces.purge_sessions"
_PURGE_INVITATIONS = "workspaces.purge_invitations"
_PURGE_RESETS = "workspaces.purge_resets"


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


@jobs.on(_PURGE_RESETS, every=3600)
def purge_old_resets(tx: Transaction, job: Job) -> None:
    """Forget links to set a new password that are over, a part at a time."""
    del job
    if purge_resets(tx):
        enqueue(tx, _PURGE_RESETS, {}, key="more")


@jobs.outside(RESET)
def send_reset(database: Database, job: Job) -> None:
    """Mail somebody the link by which they set a new password."""
    mail_reset(database, job)


@jobs.outside(NOTICE)
def send_notice(database: Database, job: Job) -> None:
    """Tell somebody by mail what was changed about their account."""
    mail_notice(database, job)
