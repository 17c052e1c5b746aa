"""Mail that came in, on its way into a conversation. Files are stored first, so this runs outside any transaction."""

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Literal, NamedTuple, Self

import msgspec

from userhero.feedback import find_audience
from userhero.kernel import log
from userhero.kernel.db import Database, Transaction
from userhero.kernel.errors import BadRequest, Forbidden, NotFound, ServiceUnavailable
from userhero.kernel.http.metrics import count_mail
from userhero.kernel.mail.addresses import comparable
from userhero.kernel.mail.reading import Attachment, Incoming, UnreadableMail, read_incoming
from userhero.kernel.storage import Storage
from userhero.media import Examined, keep_bytes
from userhero.notifications.actions.answer import Answer, Reason, Unwelcome, check_answer, take_answer
from userhero.notifications.answer_addresses import AnswerAddress, read_answer_address

# As many as a message may have; how many conversations one mail may answer in.
MAX_FILES, _MAX_ADDRESSES = 3, 5
_UNKNOWN, _NOTHING = "There is no such conversation.", "There is nothing new in the mail."
Outcome = Literal["taken", "automatic", "unreadable", "empty"] | Reason

_logger = log.get("mail-in")


class Verdict(NamedTuple):
    """What became of a mail; ``words`` are for who sent it."""

    outcome: Outcome
    words: str = ""


def is_known(database: Database, recipient: str) -> bool:
    """True for an address under which a conversation that exists could be answered. Whose it is, a mail shows."""
    found = _addresses(database, [recipient])
    return bool(found) and database.read(partial(_exists, feedback_id=found[0].feedback_id))


def take_mail(database: Database, content: bytes, recipient: str | None = None, *, is_bounce: bool = False) -> Verdict:
    """Take a mail in for an address that it was sent to; without one, for those that its header names.

    It is taken at most once for each. What is not taken leaves nothing behind. Raises ServiceUnavailable where it
    should be brought again later.
    """
    verdict = _take(database, content, recipient, is_bounce=is_bounce)
    count_mail(verdict.outcome)
    _logger.info("mail came in", outcome=verdict.outcome, bytes=len(content))
    return verdict


def _take(database: Database, content: bytes, recipient: str | None, *, is_bounce: bool) -> Verdict:
    try:
        mail = read_incoming(content)
    except UnreadableMail as error:
        return Verdict("unreadable", f"The mail can't be read: {error}.")
    addresses = _addresses(database, [recipient] if recipient is not None else mail.recipients)
    if not addresses:
        return Verdict("unknown", _UNKNOWN)
    # Whatever a program answers to a program can go on for ever.
    if is_bounce or mail.is_automatic:
        return Verdict("automatic")
    if not mail.text and not mail.attachments:
        return Verdict("empty", _NOTHING)
    verdicts = [_answer(database, mail, _mark(database, mail, content, address), address) for address in addresses]
    return next((each for each in verdicts if each.outcome != "taken"), verdicts[0])


def _answer(database: Database, mail: Incoming, mark: str, address: AnswerAddress) -> Verdict:
    answer = Answer(address=address, sender=mail.sender, mark=mark, text=mail.text)
    try:
        # Before files are stored for nothing.
        database.read(partial(check_answer, answer=answer))
        with _Files(database.storage) as files:
            files.keep(mail)
            answer = msgspec.structs.replace(answer, left_out=tuple(files.left_out))
            if not (answer.text or files.kept or answer.left_out):
                return Verdict("empty", _NOTHING)
            database.write(lambda tx: files.use(take_answer(tx, answer, files.kept)))
    except Unwelcome as error:
        return Verdict(error.reason, str(error))
    except NotFound:
        return Verdict("unknown", _UNKNOWN)
    except (BadRequest, Forbidden) as problem:
        return Verdict("refused", problem.message)
    return Verdict("taken")


class _Files:
    """The files of a mail: ``kept`` are stored, ``left_out`` names others. On leaving, what no row names is removed."""

    def __init__(self, storage: Storage) -> None:
        self.kept: list[Examined] = []
        self.left_out: list[str] = []
        self._storage = storage
        self._used: list[Examined] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del kind, error, trace
        for file in self.kept:
            if file not in self._used:
                with suppress(ServiceUnavailable):
                    self._storage.delete(file.name)

    def keep(self, mail: Incoming) -> None:
        """Store up to three that uploads would take, what is shown in the text last. Raises ServiceUnavailable."""
        for file in sorted(mail.attachments, key=lambda each: each.is_inline):
            if not self._try_keep(file) and not file.is_inline:
                self.left_out.append(file.name)
        if mail.left_out:
            self.left_out.append(f"{mail.left_out} more")

    def use(self, files: list[Examined]) -> None:
        """From now on rows may name these."""
        self._used = files

    def _try_keep(self, file: Attachment) -> bool:
        if len(self.kept) == MAX_FILES:
            return False
        try:
            self.kept.append(keep_bytes(self._storage, file.name, file.media_type, file.content))
        except BadRequest:
            return False
        return True


def _addresses(database: Database, recipients: Iterable[str]) -> list[AnswerAddress]:
    domain = database.mailer.ways_in.domain
    if domain is None:
        return []
    found = (read_answer_address(recipient, domain) for recipient in recipients)
    return [address for address in found if address is not None][:_MAX_ADDRESSES]


def _mark(database: Database, mail: Incoming, content: bytes, address: AnswerAddress) -> str:
    """Where a mail has no Message-ID, it is known by what it says."""
    name = mail.message_id or hashlib.sha256(content).hexdigest()
    payload = f"{address.feedback_id} {address.way} {comparable(mail.sender.address)} {name}"
    return database.keys.mark("mail-in", payload.encode()).hex()


def _exists(tx: Transaction, feedback_id: str) -> bool:
    return find_audience(tx, feedback_id) is not None
