"""A connection to one address, on which every step ends with the deadline.

A socket's own timeout starts anew with each byte that arrives; here each step is given what is left of the whole.
"""

import socket
import ssl
from collections.abc import Sequence

from userhero.kernel.outbound.addresses import Address
from userhero.kernel.outbound.errors import NoConnection, TlsFailure
from userhero.kernel.outbound.limits import Deadline

_TRIED = 4
_CHUNK = 16 * 1024


class Wire:
    """An open connection. Its steps raise TimeoutError at the deadline and other OSErrors where it breaks."""

    def __init__(self, sock: socket.socket, address: Address, deadline: Deadline) -> None:
        self.address = address
        self._sock = sock
        self._deadline = deadline

    def encrypt(self, tls: ssl.SSLContext, host: str) -> None:
        """Agree on TLS with whoever has a certificate for ``host``. Raises TlsFailure."""
        self._sock.settimeout(self._deadline.left())
        try:
            self._sock = tls.wrap_socket(self._sock, server_hostname=host)
        except TimeoutError:
            raise
        except ssl.SSLCertVerificationError as error:
            raise TlsFailure(f"The host's certificate is not trusted: {error.verify_message}.") from None
        except OSError:
            raise TlsFailure("The host did not agree on TLS.") from None

    def send(self, content: bytes) -> None:
        """Send all of it."""
        rest = memoryview(content)
        while rest:
            self._sock.settimeout(self._deadline.left())
            rest = rest[self._sock.send(rest) :]

    def receive(self) -> bytes:
        """What has arrived, 16 KiB of it at the most; nothing at the end."""
        self._sock.settimeout(self._deadline.left())
        return self._sock.recv(_CHUNK)

    def close(self) -> None:
        """Hang up, without waiting for anything."""
        self._sock.close()


def connect(addresses: Sequence[Address], port: int, deadline: Deadline, seconds: float) -> Wire:
    """A connection to the first of the addresses that takes one, of four at the most; they share the seconds.

    Raises NoConnection, and TimeoutError at the deadline.
    """
    phase = Deadline(min(seconds, deadline.left()))
    tried = addresses[:_TRIED]
    for position, address in enumerate(tried):
        try:
            return Wire(_connected(address, port, phase.left() / (len(tried) - position)), address, deadline)
        except OSError:
            continue
    deadline.left()
    raise NoConnection("No connection to the host could be made.")


def is_own(address: Address) -> bool:
    """True for an address of this machine: where traffic to it would come from the same one. Sends nothing."""
    try:
        with socket.socket(_family(address), socket.SOCK_DGRAM) as probe:
            probe.connect((str(address), 9))
            return str(probe.getsockname()[0]) == str(address)
    except OSError:
        return False


def _connected(address: Address, port: int, seconds: float) -> socket.socket:
    sock = socket.socket(_family(address), socket.SOCK_STREAM)
    try:
        sock.settimeout(seconds)
        sock.connect((str(address), port))
    except BaseException:
        sock.close()
        raise
    return sock


def _family(address: Address) -> socket.AddressFamily:
    return socket.AF_INET if address.version == 4 else socket.AF_INET6
