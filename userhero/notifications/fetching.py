"""Fetching answers from a mailbox, for those who have one and no mail server."""

from userhero.kernel import clock, log
from userhero.kernel.db import Database
from userhero.kernel.errors import ServiceUnavailable
from userhero.kernel.mail.imap import Folder, FolderTrouble, open_folder
from userhero.notifications.incoming import take_mail

FETCH = "notifications.fetch"
# No mail is begun later in a job, and none takes longer than to its end: a job may take four minutes.
TURN_SECONDS, MOST_SECONDS = 120.0, 200.0

_logger = log.get("mail-in")


def fetch_answers(database: Database) -> None:
    """Take in what is unread in the mailbox, and mark it as seen. What is not taken is flagged for people to look at;
    what should come again later stays unread, and so does what there is no time for in one job.
    """
    account = database.mailer.ways_in.imap
    if account is None:
        return
    ends = clock.monotonic() + TURN_SECONDS
    try:
        with open_folder(account, MOST_SECONDS) as folder:
            for uid in folder.unread():
                if clock.monotonic() >= ends:
                    return
                _take(database, folder, uid)
    except FolderTrouble as trouble:
        _logger.warning("mail can't be fetched", problem=str(trouble))
    except ServiceUnavailable as problem:
        _logger.warning("mail is left where it is", problem=problem.message)


def _take(database: Database, folder: Folder, uid: str) -> None:
    content = folder.fetch(uid)
    try:
        outcome = "unreadable" if content is None else take_mail(database, content).outcome
    except ServiceUnavailable:
        raise
    except Exception:
        _logger.exception("a mail could not be taken")
        outcome = "unreadable"
    if outcome != "too_many":
        folder.mark(uid, for_people=outcome not in ("taken", "repeated", "automatic"))
