"""Handing letters to the mail server, and what became of each. Called from jobs, outside of any transaction."""

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from userhero.kernel.config import ConfigurationError, Settings
from userhero.kernel.mail.addresses import Mailbox
from userhero.kernel.mail.connecting import Deadline, Trouble, explained, system_trust
from userhero.kernel.mail.exchange import Exchange, Reply, worded
from userhero.kernel.mail.letter import InvalidLetter, Letter, Mail, compose
from userhero.kernel.mail.server import MailServer, read_sender, read_server
from userhero.kernel.mail.ways_in import WaysIn, read_ways_in

CONNECT_SECONDS, EXCHANGE_SECONDS = 10.0, 60.0
# Servers part with those who stay too long; better to go first.
_PER_CONNECTION = 50
_GOING = 421


class Sent(msgspec.Struct, frozen=True, tag=True):
    """The server has taken the mail: its reply, which may name the mail in its own log."""

    reply: str


class Refused(msgspec.Struct, frozen=True, tag=True):
    """Nothing will change by trying again: the recipient or the mail itself is refused."""

    reason: str


class Delayed(msgspec.Struct, frozen=True, tag=True):
    """Not now: the network, the server, or how it is set up. To be tried again, after minutes and then hours."""

    reason: str


Outcome = Sent | Refused | Delayed


class Batch:
    """Sends letters over one connection for as long as it lasts. Once the server can't be reached, no more tries."""

    def __init__(self, connect: Callable[[Deadline], Exchange], seconds: float) -> None:
        self._connect = connect
        self._seconds = seconds
        self._exchange: Exchange | None = None
        self._hopeless: Delayed | None = None

    def send(self, letter: Letter) -> Outcome:
        """Send one letter. Never raises for what is wrong with it or with the server.

        It takes a minute at the most, and whatever the system takes to look the server's name up.

        A mail that the server may have taken, and did not say so, is Delayed: it may come twice, with one Message-ID.
        """
        try:
            mail = compose(letter)
        except InvalidLetter as error:
            return Refused(str(error))
        if self._hopeless is not None:
            return self._hopeless
        if self._exchange is not None and self._exchange.sent >= _PER_CONNECTION:
            self.close()
        deadline = Deadline(self._seconds)
        try:
            return self._judged(self._transfer(mail, deadline))
        except (Trouble, smtplib.SMTPException, OSError) as error:
            self._drop()
            return Delayed(explained(error, deadline))

    def close(self) -> None:
        """Say goodbye to the server."""
        if self._exchange is not None:
            self._exchange.part()
            self._exchange = None

    def _transfer(self, mail: Mail, deadline: Deadline) -> Reply:
        """A server may hang up between two mails: then it gets the second one over a new connection."""
        if self._is_alive(deadline):
            assert self._exchange is not None, "that is what it takes to be alive"
            reply = self._exchange.transfer(mail)
            if reply[0] != _GOING:
                return reply
        self._drop()
        try:
            self._exchange = self._connect(deadline)
        except (Trouble, smtplib.SMTPException, OSError) as error:
            self._hopeless = Delayed(explained(error, deadline))
            raise
        return self._exchange.transfer(mail)

    def _is_alive(self, deadline: Deadline) -> bool:
        if self._exchange is None:
            return False
        self._exchange.deadline = deadline
        try:
            code, _ = self._exchange.rset()
        except smtplib.SMTPException:
            return False
        return 200 <= code <= 299

    def _judged(self, reply: Reply) -> Outcome:
        code, text = reply[0], worded(reply)
        if code == _GOING:
            self._drop()
        if 200 <= code <= 299:
            return Sent(text)
        return Refused(text) if 500 <= code <= 599 else Delayed(text)

    def _drop(self) -> None:
        if self._exchange is not None:
            self._exchange.close()
            self._exchange = None


class Mailer:
    """The way out for mail. Without a ``server`` there is none, and whoever has mail keeps it.

    ``sender`` is the mailbox that mail comes from; letters may give it another name. ``ways_in`` says where answers go.
    """

    def __init__(
        self,
        server: MailServer | None = None,
        sender: Mailbox | None = None,
        ways_in: WaysIn | None = None,
        *,
        tls: Callable[[], ssl.SSLContext] | None = None,
        connect_seconds: float = CONNECT_SECONDS,
        exchange_seconds: float = EXCHANGE_SECONDS,
    ) -> None:
        self.server = server
        self.sender = sender
        self.ways_in = ways_in or WaysIn()
        self._tls = tls or system_trust
        self._connect_seconds = connect_seconds
        self._exchange_seconds = exchange_seconds

    @property
    def is_configured(self) -> bool:
        """True where mail can go out."""
        return self.server is not None and self.sender is not None

    def send(self, letter: Letter) -> Outcome:
        """Send one letter; see ``Batch.send``."""
        with self.batch() as batch:
            return batch.send(letter)

    @contextmanager
    def batch(self) -> Iterator[Batch]:
        """Inside, letters go out one after the other over the same connection."""
        batch = Batch(self._connect, self._exchange_seconds)
        try:
            yield batch
        finally:
            batch.close()

    def try_sign_in(self) -> None:
        """Connect and sign in, send nothing. Raises ConfigurationError where mail could not go out."""
        deadline = Deadline(self._exchange_seconds)
        try:
            self._connect(deadline).part()
        except (Trouble, smtplib.SMTPException, OSError) as error:
            raise ConfigurationError(explained(error, deadline)) from None

    def _connect(self, deadline: Deadline) -> Exchange:
        if self.server is None:
            raise Trouble("is not set up")
        exchange = Exchange(self.server, self._tls, deadline)
        try:
            exchange.open(self._connect_seconds)
        except BaseException:
            exchange.close()
            raise
        return exchange


def open_mailer(settings: Settings) -> Mailer:
    """The mailer that the settings ask for. Raises ConfigurationError where they contradict themselves.

    Nothing is connected to yet.
    """
    sender = read_sender(settings.mail_from) if settings.mail_from is not None else None
    ways_in = read_ways_in(settings)
    if settings.smtp_url is None:
        return Mailer(None, sender, ways_in)
    server = read_server(settings.smtp_url)
    if sender is None:
        raise ConfigurationError("--mail-from (USERHERO_MAIL_FROM): must be given with USERHERO_SMTP_URL")
    return Mailer(server, sender, ways_in)
