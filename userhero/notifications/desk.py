"""What is said over SMTP about a mail that came in."""

from userhero.kernel.db import Database
from userhero.kernel.mail.reception import Reply
from userhero.notifications.incoming import Outcome, Verdict, is_known, take_mail

# A program that is told of its mistake would write again, so what programs wrote is welcome and goes nowhere.
_REPLIES: dict[Outcome, tuple[int, str]] = {
    "taken": (250, "2.0.0 Taken"),
    "repeated": (250, "2.0.0 Taken before"),
    "automatic": (250, "2.0.0 Dropped"),
    "unknown": (550, "5.1.1"),
    "forged": (550, "5.7.1"),
    "refused": (550, "5.7.1"),
    "empty": (550, "5.6.0"),
    "unreadable": (554, "5.6.0"),
    "too_many": (451, "4.7.1"),
}


class MailDesk:
    """Takes mail in for a listener."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def knows(self, recipient: str) -> bool:
        """True for an address of a conversation."""
        return is_known(self._database, recipient)

    def take(self, sender: str, recipient: str, content: bytes) -> Reply:
        """Take an answer in; a mail without a sender is a bounce."""
        return _reply(take_mail(self._database, content, recipient, is_bounce=not sender))


def _reply(verdict: Verdict) -> Reply:
    code, text = _REPLIES[verdict.outcome]
    return Reply(code, f"{text} {verdict.words}".strip() if code != 250 else text)
