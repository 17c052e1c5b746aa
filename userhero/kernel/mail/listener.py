"""Listening for mail, in a thread with a loop of its own, so that neither a slow client nor a large mail holds up
anything else.
"""

import asyncio
import socket
import threading
from contextlib import suppress

from userhero.kernel import log
from userhero.kernel.config import ConfigurationError, Settings
from userhero.kernel.mail.reception import Desk, Pace, Reception, Room
from userhero.kernel.mail.ways_in import Listening, read_ways_in

MAX_CONNECTIONS, AT_ONCE = 50, 4
_GRACE_SECONDS, _PARTING_SECONDS = 10.0, 2.0

_logger = log.get("mail-in")


class MailListener:
    """Takes mail on an address of this machine. The address is taken when this is made, mail from ``start`` on.

    Raises ConfigurationError where the address can't be had.
    """

    def __init__(self, place: Listening, *, pace: Pace | None = None) -> None:
        self._place = place
        self._pace = pace or Pace()
        self._socket = _bind(place)
        self._receptions: dict[asyncio.Task[None], Reception] = {}
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self._socket.getsockname()[1]
        return port

    def start(self, desk: Desk) -> None:
        """Take mail in until ``stop``."""
        self._desk = desk
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="mail-in", daemon=True)
        self._thread.start()
        self._ready.wait()
        _logger.info("taking mail", host=self._place.host, port=self.port, language=self._place.language)

    def stop(self) -> None:
        """Finish the mails at hand, and hang up."""
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()
        self._socket.close()

    async def _serve(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        self._room = Room(asyncio.Semaphore(AT_ONCE), asyncio.Semaphore(AT_ONCE))
        server = await asyncio.start_server(self._receive, sock=self._socket)
        self._ready.set()
        await self._stopping.wait()
        server.close()
        for task, reception in self._receptions.items():
            reception.is_over = True
            if not reception.is_taking:
                task.cancel()
        if self._receptions:
            await asyncio.wait(self._receptions, timeout=_GRACE_SECONDS)

    async def _receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None, "this is one"
        reception = Reception(reader, writer, self._desk, self._place.language, self._room, self._pace)
        is_free = len(self._receptions) < MAX_CONNECTIONS
        self._receptions[task] = reception
        try:
            await (reception.run() if is_free else reception.turn_away())
        except asyncio.CancelledError:
            # Only ``stop`` does that; asyncio would log it.
            pass
        finally:
            del self._receptions[task]
            await _hang_up(writer)


def open_listener(settings: Settings) -> MailListener | None:
    """The listener that the settings ask for, or None. Raises ConfigurationError."""
    place = read_ways_in(settings).listening
    return None if place is None else MailListener(place)


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    """Close a connection. Who does not read what is left to say gets no more time for it: it would never end."""
    writer.close()
    with suppress(OSError):
        async with asyncio.timeout(_PARTING_SECONDS):
            await writer.wait_closed()
    writer.transport.abort()


def _bind(place: Listening) -> socket.socket:
    try:
        family, _, _, _, where = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(where[:2], family=family)
    except OSError as error:
        words = error.strerror or error
        raise ConfigurationError(f"can't take mail on {place.host} port {place.port}: {words}") from None
