"""One connection over which mail comes in: SMTP (RFC 5321) or LMTP (RFC 2033), as far as taking mail needs it.

A mail is answered with 250 only once it has been dealt with, so whatever happens before, its sender keeps it. There is
one recipient to a mail: who has more of them is asked to bring the others one by one (452).
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from functools import partial
from typing import Literal, NamedTuple, Protocol, TypeVar

from userhero.kernel import log
from userhero.kernel.errors import ServiceUnavailable
from userhero.kernel.mail.lines import one_line
from userhero.kernel.mail.reading.structure import MAX_BYTES

T = TypeVar("T")

# MAX_TALK: commands without a mail. A mail that grows beyond MAX_SMALL needs room, of which there is little.
MAX_LINE, MAX_BLUNDERS, MAX_TALK, MAX_SMALL = 2048, 20, 100, 256 * 1024
# What is over the limit is read so far to answer it; then the connection ends.
_MAX_READ, _CHUNK = 4 * MAX_BYTES, 64 * 1024
_END = b"\r\n.\r\n"
_PATH = re.compile(r"(?P<word>FROM|TO): ?<(?P<address>[^<>\s]*)>(?P<options>(?: [!-~]+)*) ?", re.IGNORECASE)
_OPTION = re.compile(r"(?:SIZE=(?P<size>\d{1,20})|BODY=(?:7BIT|8BITMIME)|SMTPUTF8|AUTH=\S+)", re.IGNORECASE)
_EXTENSIONS = (f"SIZE {MAX_BYTES}", "8BITMIME", "SMTPUTF8", "PIPELINING", "ENHANCEDSTATUSCODES")
Language = Literal["smtp", "lmtp"]

_logger = log.get("mail-in")


class Reply(NamedTuple):
    """What is said about a mail: 250, 4xx to have it brought again, 5xx to be rid of it. ``text`` begins with the
    enhanced status code (RFC 3463).
    """

    code: int
    text: str


class Desk(Protocol):
    """What takes mail in. Both are called in threads, and raise ServiceUnavailable where mail is to come again."""

    def knows(self, recipient: str) -> bool:
        """True where there may be mail for this address."""
        ...

    def take(self, sender: str, recipient: str, content: bytes) -> Reply:
        """Take a mail in. ``sender`` is where it is returned to, and empty for a mail about a mail."""
        ...


class Pace(NamedTuple):
    """How many seconds a client may be silent, and need for one mail."""

    idle: float = 60.0
    mail: float = 600.0


class Room(NamedTuple):
    """What all connections share: so many mails are taken in at once, and so many large ones received."""

    busy: asyncio.Semaphore
    large: asyncio.Semaphore


class _Gone(Exception):
    """The client hung up, or is to be hung up on."""


_LATER = Reply(451, "4.3.0 Try again later")


class Reception:
    """A connection. ``is_taking`` is True while a mail is taken in; where ``is_over`` is set then, it is the last."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        desk: Desk,
        language: Language,
        room: Room,
        pace: Pace,
    ) -> None:
        self.is_taking = self.is_over = False
        self._reader, self._writer = reader, writer
        self._desk, self._room, self._pace = desk, room, pace
        self._buffer = bytearray()
        self._blunders = self._talk = 0
        self._greeted = False
        self._sender: str | None = None
        self._recipient: str | None = None
        greetings = ("LHLO",) if language == "lmtp" else ("EHLO", "HELO")
        self._commands: dict[str, Callable[[str], Awaitable[Reply]]] = {
            **dict.fromkeys(greetings, self._greet),
            "MAIL": self._mail,
            "RCPT": self._rcpt,
            "DATA": self._data,
            "RSET": self._rset,
            "NOOP": self._noop,
            "VRFY": self._vrfy,
        }

    async def run(self) -> None:
        """Talk until the client is done, gone or out of time."""
        try:
            await self._say(Reply(220, "userhero takes answers"))
            while not self.is_over and (line := await self._line()).upper() != "QUIT":
                verb, _, rest = line.partition(" ")
                await self._do(verb.upper(), rest)
            await self._say(Reply(421, "4.3.2 The server stops") if self.is_over else Reply(221, "2.0.0 Goodbye"))
        except TimeoutError:
            await self._part(Reply(421, "4.4.2 That took too long"))
        except (_Gone, OSError):
            pass

    async def turn_away(self) -> None:
        """Say that there are too many connections already."""
        await self._part(Reply(421, "4.3.2 Too many connections, try again later"))

    async def _part(self, reply: Reply) -> None:
        with suppress(OSError):
            await self._say(reply)

    async def _do(self, verb: str, rest: str) -> None:
        command = self._commands.get(verb)
        reply = Reply(500, "5.5.2 There is no such command") if command is None else await command(rest.strip())
        if verb in ("EHLO", "LHLO") and reply.code == 250:
            for extension in ("userhero", *_EXTENSIONS[:-1]):
                self._writer.write(f"250-{extension}\r\n".encode())
        await self._say(reply)
        self._blunders += 500 <= reply.code <= 503 or reply.code == 550
        self._talk = 0 if verb == "DATA" and reply.code == 250 else self._talk + 1
        if self._blunders > MAX_BLUNDERS or self._talk > MAX_TALK:
            await self._say(Reply(421, "4.7.0 Too many errors, or commands without a mail"))
            raise _Gone

    async def _greet(self, name: str) -> Reply:
        if not name:
            return Reply(501, "5.5.4 Say who you are")
        self._greeted = True
        self._forget()
        return Reply(250, _EXTENSIONS[-1])

    async def _mail(self, rest: str) -> Reply:
        if not self._greeted or self._sender is not None:
            return Reply(503, "5.5.1 Not now")
        found = _PATH.fullmatch(rest)
        if found is None or found["word"].upper() != "FROM":
            return Reply(501, "5.5.4 Write MAIL FROM:<address>")
        for word in found["options"].split():
            option = _OPTION.fullmatch(word)
            if option is None:
                return Reply(555, f"5.5.4 {word} is not known here")
            if int(option["size"] or 0) > MAX_BYTES:
                return _too_large()
        self._sender = found["address"]
        return Reply(250, "2.1.0 Go on")

    async def _rcpt(self, rest: str) -> Reply:
        if self._sender is None:
            return Reply(503, "5.5.1 MAIL comes first")
        found = _PATH.fullmatch(rest)
        if found is None or found["word"].upper() != "TO":
            return Reply(501, "5.5.4 Write RCPT TO:<address>")
        if found["options"]:
            return Reply(555, "5.5.4 No options are known here")
        if self._recipient is not None:
            return Reply(452, "4.5.3 One recipient at a time")
        known = await self._ask(partial(self._desk.knows, found["address"]))
        if known is None:
            return _LATER
        if not known:
            return Reply(550, "5.1.1 There is no such address")
        self._recipient = found["address"]
        return Reply(250, "2.1.5 Go on")

    async def _data(self, rest: str) -> Reply:
        if self._sender is None or self._recipient is None or rest:
            return Reply(503, "5.5.1 MAIL and RCPT come first")
        sender, recipient = self._sender, self._recipient
        self._forget()
        async with asyncio.timeout(self._pace.mail), AsyncExitStack() as held:
            await self._say(Reply(354, "End with a line with a dot alone"))
            content = await self._content(held)
            if content is None:
                return _too_large()
            async with self._room.busy:
                self.is_taking = True
                try:
                    return await self._ask(partial(self._desk.take, sender, recipient, content)) or _LATER
                finally:
                    self.is_taking = False

    async def _ask(self, question: Callable[[], T]) -> T | None:
        """What the desk says, in a thread; None where it can't say now."""
        try:
            return await asyncio.to_thread(question)
        except ServiceUnavailable:
            return None
        except Exception:
            _logger.exception("mail could not be dealt with")
            return None

    async def _rset(self, rest: str) -> Reply:
        del rest
        self._forget()
        return Reply(250, "2.0.0 Forgotten")

    async def _noop(self, rest: str) -> Reply:
        del rest
        return Reply(250, "2.0.0 Nothing done")

    async def _vrfy(self, rest: str) -> Reply:
        del rest
        return Reply(252, "2.1.5 Try to send")

    def _forget(self) -> None:
        self._sender = self._recipient = None

    async def _say(self, reply: Reply) -> None:
        line = f"{reply.code} {one_line(reply.text, 400)}\r\n"
        self._writer.write(line.encode("ascii", "replace"))
        async with asyncio.timeout(self._pace.idle):
            await self._writer.drain()

    async def _line(self) -> str:
        """The next command. One that is too long is none."""
        is_long = False
        while (end := self._buffer.find(b"\r\n")) < 0:
            if len(self._buffer) > MAX_LINE:
                is_long = True
                del self._buffer[:-1]
            await self._fill(self._buffer)
        line = self._buffer[:end].decode("utf-8", "replace")
        del self._buffer[: end + 2]
        return "" if is_long or end > MAX_LINE else line

    async def _content(self, held: AsyncExitStack) -> bytes | None:
        """The mail, up to a line with a dot alone; None for one beyond 25 MiB. ``held`` keeps the room for a large one:
        who sends theirs slowly only holds up other large ones.
        """
        is_large = False
        # As if a line had ended before it: an empty mail is a dot at once.
        data, self._buffer = bytearray(b"\r\n") + self._buffer, bytearray()
        dropped = looked = 0
        while (end := data.find(_END, looked)) < 0:
            if len(data) + dropped > MAX_BYTES + len(_END):
                dropped += len(data) - 4
                del data[:-4]
            if dropped > _MAX_READ:
                await self._say(_too_large())
                raise _Gone
            looked = max(0, len(data) - 4)
            if not is_large and len(data) > MAX_SMALL:
                await held.enter_async_context(self._room.large)
                is_large = True
            await self._fill(data)
        self._buffer = data[end + len(_END) :]
        del data[end + 2 :]
        if dropped or len(data) - 2 > MAX_BYTES:
            return None
        return bytes(data.replace(b"\r\n..", b"\r\n."))[2:]

    async def _fill(self, data: bytearray) -> None:
        async with asyncio.timeout(self._pace.idle):
            more = await self._reader.read(_CHUNK)
        if not more:
            raise _Gone
        data += more


def _too_large() -> Reply:
    return Reply(552, f"5.3.4 A mail may have {MAX_BYTES} bytes")
