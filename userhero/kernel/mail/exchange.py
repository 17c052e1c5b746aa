"""One connection to a mail server, on which each step keeps a deadline.

``smtplib`` knows the protocol; what it lacks is a limit on a whole exchange. Its own timeout starts anew with every
byte that arrives, so a server that sends one a second could hold a worker for ever.
"""

import io
import re
import smtplib
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from userhero.kernel.mail.connecting import MAX_HEARD, Deadline, Hearing, Trouble
from userhero.kernel.mail.letter import Mail
from userhero.kernel.mail.lines import one_line
from userhero.kernel.mail.server import MailServer

_CHUNK = 16 * 1024
_PARTING_SECONDS = 2.0
_DONE, _FORWARDED, _SIGN_IN_FIRST, _TOO_LARGE = 250, 251, 530, 552
_FULL_NAME = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
Reply = tuple[int, bytes]


class Exchange(smtplib.SMTP):
    """A connection. Raises Trouble where the server won't have us; SMTPException and OSError where it breaks."""

    def __init__(self, server: MailServer, tls: Callable[[], ssl.SSLContext], deadline: Deadline) -> None:
        # Given, lest the library asks the network for the name of this machine.
        super().__init__(local_hostname=_own_name())
        self.deadline = deadline
        self.sent = 0
        self._server = server
        self._tls = tls
        self._hearing: Hearing | None = None

    def open(self, connect_seconds: float) -> None:
        """Connect, agree on TLS, sign in."""
        sock = _connect(self._server, self.deadline, connect_seconds)
        self._use(sock)
        if not self.local_hostname:
            # RFC 5321, section 4.1.4: who has no full name gives an address.
            address = sock.getsockname()[0]
            self.local_hostname = f"[IPv6:{address}]" if ":" in address else f"[{address}]"
        if self._server.security == "tls":
            self._encrypt(sock)
        self._expect(220, self.getreply(), "does not serve us")
        self._greet()
        if self._server.security == "starttls":
            if not self.has_extn("starttls"):
                raise Trouble("does not offer STARTTLS, without which mail would travel in the clear")
            self._expect(220, self.docmd("STARTTLS"), "refuses STARTTLS")
            self._encrypt(sock)
            self._greet()
        if self._server.user is not None:
            self._sign_in(self._server.user, self._server.password or "")

    def transfer(self, mail: Mail) -> Reply:
        """Hand one mail over; returns the server's last word on it, 250 where it has taken it."""
        if self._hearing is not None:
            self._hearing.patience = MAX_HEARD
        options = [f"size={len(mail.message)}"] if self.has_extn("size") else []
        if mail.international:
            if not self.has_extn("smtputf8"):
                return 553, b"5.6.7 The mail server takes no addresses beyond ASCII"
            options += ["SMTPUTF8", "BODY=8BITMIME"]
        self.sent += 1
        reply = _ours(self.mail(mail.sender, options))
        if reply[0] != _DONE:
            return reply
        reply = self.rcpt(mail.recipient)
        if reply[0] == _SIGN_IN_FIRST:
            raise Trouble(f"wants us to sign in: {worded(reply)}")
        if reply[0] not in (_DONE, _FORWARDED):
            return reply
        try:
            return self.data(mail.message)
        except smtplib.SMTPDataError as error:
            return error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else b""

    def part(self) -> None:
        """Say goodbye, briefly, and hang up."""
        self.deadline = Deadline(_PARTING_SECONDS)
        with suppress(smtplib.SMTPException, OSError):
            self.docmd("QUIT")
        self.close()

    def send(self, s: Any) -> None:
        """Send bytes, or a command. Raises SMTPServerDisconnected."""
        content = s.encode(self.command_encoding) if isinstance(s, str) else bytes(s)
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        try:
            for start in range(0, len(content), _CHUNK):
                self.sock.settimeout(self.deadline.left())
                self.sock.sendall(content[start : start + _CHUNK])
        except OSError as error:
            self.close()
            raise smtplib.SMTPServerDisconnected("hung up") from error

    def _left(self) -> float:
        """The deadline moves on with each mail."""
        return self.deadline.left()

    def _use(self, sock: socket.socket) -> None:
        self.sock = sock
        self._hearing = Hearing(sock, self._left)
        self.file = io.BufferedReader(self._hearing)

    def _encrypt(self, sock: socket.socket) -> None:
        """What was said in the clear, and not read yet, is forgotten with the old reader."""
        sock.settimeout(self.deadline.left())
        self._use(self._tls().wrap_socket(sock, server_hostname=self._server.host))

    def _greet(self) -> None:
        self.does_esmtp = False
        self.esmtp_features = {}
        code, _ = self.ehlo()
        if not 200 <= code <= 299:
            self._expect(250, self.helo(), "does not greet us")

    def _sign_in(self, user: str, password: str) -> None:
        """AUTH with PLAIN (RFC 4616) or LOGIN. The server's words are left out: some repeat what they were sent."""
        offered = self.esmtp_features.get("auth", "").upper().split()
        if "PLAIN" in offered:
            code, _ = self.docmd("AUTH", f"PLAIN {_base64(f'{chr(0)}{user}{chr(0)}{password}')}")
        elif "LOGIN" in offered:
            code, _ = self.docmd("AUTH", f"LOGIN {_base64(user)}")
            if code == 334:
                code, _ = self.docmd(_base64(password))
        else:
            raise Trouble("offers no way to sign in that is known here (PLAIN, LOGIN)")
        if code != 235:
            raise Trouble(f"does not let us sign in (it answers {code}): check user and password")

    @staticmethod
    def _expect(wanted: int, reply: Reply, problem: str) -> None:
        if reply[0] != wanted:
            raise Trouble(f"{problem}: {worded(reply)}")


def worded(reply: Reply) -> str:
    """A reply as text on one line, 500 characters of it at the most."""
    return one_line(f"{reply[0]} {reply[1].decode('utf-8', 'replace')}", 500)


def _ours(reply: Reply) -> Reply:
    """That our sender is refused is our own trouble, and no fault of the mail; unless the mail is too large."""
    if 500 <= reply[0] <= 599 and reply[0] != _TOO_LARGE:
        raise Trouble(f"refuses our sender: {worded(reply)}")
    return reply


def _own_name() -> str:
    """The full name of this machine; empty where it has none."""
    name = socket.gethostname()
    return name if _FULL_NAME.fullmatch(name) else ""


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()


def _connect(server: MailServer, deadline: Deadline, connect_seconds: float) -> socket.socket:
    """The first of the server's addresses that answers. Raises OSError, the last one's, where none does."""
    problem: OSError = ConnectionError("it has no address")
    for family, kind, protocol, _, address in socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(min(connect_seconds, deadline.left()))
            sock.connect(address)
        except OSError as error:
            sock.close()
            problem = error
        else:
            return sock
    raise problem
