"""A folder on an IMAP server (RFC 3501), read with a limit on how long all of it may take.

``imaplib`` knows the protocol. Like its sibling for SMTP it lacks a deadline, so reading and writing are done here.
"""

import imaplib
import io
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from userhero.kernel.mail.connecting import MAX_HEARD, Deadline, Hearing, Trouble, explained, system_trust
from userhero.kernel.mail.reading.structure import MAX_BYTES
from userhero.kernel.mail.ways_in import ImapAccount

CONNECT_SECONDS = 20.0
_MAX_LINE, _PARTING_SECONDS = 1_000_000, 2.0
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class FolderTrouble(Exception):
    """Mail can't be fetched as things are. The message is for whoever runs the installation."""


class _Connection(imaplib.IMAP4):
    """Raises Trouble, OSError or ``IMAP4.error``."""

    def __init__(self, account: ImapAccount, tls: Callable[[], ssl.SSLContext], deadline: Deadline) -> None:
        self._account, self._tls, self._deadline = account, tls, deadline
        super().__init__(account.host, account.port)

    def open(self, host: str = "", port: int = 0, timeout: float | None = None) -> None:
        """Connect; called by the library."""
        del timeout
        sock = socket.create_connection((host, port), min(CONNECT_SECONDS, self._deadline.left()))
        if self._account.is_encrypted:
            try:
                sock = self._tls().wrap_socket(sock, server_hostname=host)
            except OSError:
                sock.close()
                raise
        self.sock = sock
        self.hearing = Hearing(sock, self._left)
        self._heard = io.BufferedReader(self.hearing)

    def _left(self) -> float:
        return self._deadline.left()

    def read(self, size: int) -> bytes:
        """So many bytes; called by the library."""
        if size > MAX_BYTES:
            raise Trouble("sends more than was asked for")
        return self._heard.read(size)

    def readline(self) -> bytes:
        """A line; called by the library."""
        return self._heard.readline(_MAX_LINE)

    def send(self, data: Any) -> None:
        """Called by the library."""
        self.sock.settimeout(self._deadline.left())
        self.sock.sendall(data)

    def part(self) -> None:
        """Say goodbye, briefly."""
        self._deadline = Deadline(_PARTING_SECONDS)
        with suppress(OSError, imaplib.IMAP4.error, Trouble):
            self.logout()

    def shutdown(self) -> None:
        """Hang up; called by the library too."""
        self.sock.close()


class Folder:
    """A folder that is open. What goes wrong with it leaves ``open_folder``."""

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection

    def unread(self) -> list[str]:
        """The UIDs of the mails without the flag Seen, the oldest first."""
        self._connection.hearing.patience = _MAX_LINE
        found = self._uid("SEARCH", "UNSEEN")
        return [uid.decode() for uid in (found[0] or b"").split()]

    def fetch(self, uid: str) -> bytes | None:
        """A mail, whose flags stay as they are; None for one that is gone, or larger than 25 MiB."""
        lines = [line for line in self._uid("FETCH", uid, "(RFC822.SIZE)") if isinstance(line, bytes)]
        size = next((int(found[1]) for line in lines if (found := _SIZE.search(line))), None)
        if size is None or size > MAX_BYTES:
            return None
        # Some servers only guess the size: a mail that turns out to be larger must not keep those after it from coming.
        self._connection.hearing.patience = MAX_BYTES + MAX_HEARD
        return next((part[1] for part in self._uid("FETCH", uid, "(BODY.PEEK[])") if isinstance(part, tuple)), None)

    def mark(self, uid: str, *, for_people: bool) -> None:
        """Mark a mail as seen, and with a flag where somebody should look at it."""
        self._connection.hearing.patience = MAX_HEARD
        self._uid("STORE", uid, "+FLAGS.SILENT", r"(\Seen \Flagged)" if for_people else r"(\Seen)")

    def _uid(self, command: str, *words: str) -> list[Any]:
        state, found = self._connection.uid(command, *words)
        if state != "OK":
            raise Trouble(f"does not do {command}")
        return found


@contextmanager
def open_folder(
    account: ImapAccount, seconds: float, tls: Callable[[], ssl.SSLContext] | None = None
) -> Iterator[Folder]:
    """Inside, the folder is open, for so many seconds. Raises FolderTrouble."""
    deadline = Deadline(seconds)
    connection: _Connection | None = None
    try:
        connection = _Connection(account, tls or system_trust, deadline)
        _sign_in(connection, account)
        if connection.select(f'"{account.folder}"')[0] != "OK":
            raise Trouble(f"has no folder {account.folder}")
        yield Folder(connection)
        connection.part()
    except (OSError, imaplib.IMAP4.error, Trouble) as error:
        raise FolderTrouble(explained(error, deadline)) from None
    finally:
        if connection is not None:
            connection.shutdown()


def _sign_in(connection: _Connection, account: ImapAccount) -> None:
    """The server's words are left out: some repeat what they were sent."""
    words = f"\0{account.user}\0{account.password}".encode()
    try:
        if "AUTH=PLAIN" in connection.capabilities:
            connection.authenticate("PLAIN", lambda _: words)
        else:
            connection.login(account.user, account.password)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, UnicodeError):
        raise Trouble("does not let us sign in: check user and password") from None
