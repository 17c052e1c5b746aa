"""Looking names up, without waiting longer than one is ready to."""

import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from userhero.kernel.outbound.errors import UnknownHost

# Of a name, blocking: the addresses as text. Raises OSError where there are none.
Resolve = Callable[[str], Sequence[str]]

_AT_ONCE = 64


def ask_system(name: str) -> list[str]:
    """What the system's resolver says. The dot at the end keeps it from trying the name below domains of its own,
    and from the hosts file, which has no names with dots at the end.
    """
    found = socket.getaddrinfo(f"{name}.", None, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class Lookups:
    """Asks ``resolve``, which can't be interrupted, in a thread of its own that is left alone when it takes too long.

    At most 64 are under way at a time: a resolver that is down fails requests, and does not pile up threads.
    """

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._free = threading.BoundedSemaphore(_AT_ONCE)

    def addresses(self, name: str, seconds: float) -> Sequence[str]:
        """The addresses of a name, at least one. Raises UnknownHost where there are none, or none in time."""
        if not self._free.acquire(blocking=False):
            raise UnknownHost("The host's name can't be looked up now.")
        answer: Future[Sequence[str]] = Future()
        threading.Thread(target=self._ask, args=(name, answer), name="lookup", daemon=True).start()
        try:
            found = answer.result(seconds)
        except TimeoutError:
            raise UnknownHost("The host's name could not be looked up in time.") from None
        except (OSError, UnicodeError):
            found = ()
        if not found:
            raise UnknownHost("The host's name leads to no address.")
        return found

    def _ask(self, name: str, answer: "Future[Sequence[str]]") -> None:
        try:
            answer.set_result(self._resolve(name))
        except Exception as error:  # noqa: BLE001  (whoever waits gets it)
            answer.set_exception(error)
        finally:
            self._free.release()
