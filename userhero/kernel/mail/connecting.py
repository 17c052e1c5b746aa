"""What connections to mail servers have in common: an end, a limit on what is heard, and words for what goes wrong."""

import io
import socket
import ssl
from collections.abc import Callable
from functools import cache
from typing import Any

from userhero.kernel import clock

# Far more than any server has to say in one exchange.
MAX_HEARD = 256 * 1024


class Trouble(Exception):
    """The server can't be used as things are. The message is for whoever runs the installation."""


class Deadline:
    """The end of an exchange, in seconds from now."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = clock.monotonic() + seconds

    def left(self) -> float:
        """Seconds until then. Raises TimeoutError where none are left."""
        left = self._end - clock.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    @property
    def is_over(self) -> bool:
        """True once the time is up."""
        return clock.monotonic() >= self._end


class Hearing(io.RawIOBase):
    """What the server says, for as long as there is time, and patience for so many bytes."""

    def __init__(self, sock: socket.socket, left: Callable[[], float]) -> None:
        self._sock = sock
        self._left = left
        self.patience = MAX_HEARD

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Whatever has come. Raises OSError."""
        if self.patience <= 0:
            raise ConnectionError("it talks without end")
        self._sock.settimeout(self._left())
        count = self._sock.recv_into(buffer)
        self.patience -= count
        return count


@cache
def system_trust() -> ssl.SSLContext:
    """Made when it is first needed: reading all the certificates takes a while."""
    return ssl.create_default_context()


def explained(error: Exception, deadline: Deadline) -> str:
    """What went wrong with a server, for an operator."""
    match error:
        case Trouble():
            reason = str(error)
        case ssl.SSLCertVerificationError():
            reason = f"has a certificate that is not trusted: {error.verify_message}"
        case ssl.SSLError():
            reason = "does not speak TLS as expected"
        case socket.gaierror():
            reason = "has a name that can't be resolved"
        case ConnectionRefusedError():
            reason = "refuses connections"
        case _ if deadline.is_over or isinstance(error, TimeoutError):
            reason = "takes too long to answer"
        case _:
            reason = "broke the connection off"
    return f"The mail server {reason}"
