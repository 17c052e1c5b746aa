"""Sending requests. Called from jobs, outside of any transaction: it waits for machines that are not ours."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Literal

import msgspec

from userhero.kernel.config import Settings
from userhero.kernel.outbound.addresses import Address, read_networks
from userhero.kernel.outbound.connection import Wire, connect, is_own
from userhero.kernel.outbound.errors import OutboundError, RefusedTarget, TimedOut
from userhero.kernel.outbound.exchange import Exchange
from userhero.kernel.outbound.guard import Guard
from userhero.kernel.outbound.limits import Caps, Deadline
from userhero.kernel.outbound.lookup import Lookups, Resolve, ask_system
from userhero.kernel.outbound.target import Target


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One request. ``headers`` are sent as they are, in this order; those that say how the exchange is held (Host,
    User-Agent, Content-Length, Cookie and their like) are not for callers. ``caps`` None takes those of the sender.
    """

    url: str
    method: Literal["GET", "POST"] = "POST"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    caps: Caps | None = None


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """An answer, whatever its status says; a redirect is not followed.

    ``headers`` have names in lower case; of more than 64 the rest is left out, of a value what exceeds 1,024
    characters. ``body`` is its first part, up to the cap, in the bytes that arrived (nothing is unpacked); where that
    is not all of it, ``is_whole`` is False. ``address`` is the one that was connected to.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    is_whole: bool
    duration_ms: int
    address: str

    def header(self, name: str) -> str | None:
        """The first value of a header, whose name is given in lower case."""
        return next((value for known, value in self.headers if known == name), None)


class Outbound:
    """The HTTP client. It keeps nothing between two requests: no connection, no cookie, no answer of a resolver.

    ``guard`` says where requests may go, ``resolve`` looks a name up, ``owns`` knows the addresses of this machine,
    ``tls`` makes the trust that certificates are held against. The environment's proxies are not asked for.
    """

    def __init__(
        self,
        guard: Guard | None = None,
        *,
        resolve: Resolve = ask_system,
        owns: Callable[[Address], bool] = is_own,
        tls: Callable[[], ssl.SSLContext] | None = None,
        caps: Caps | None = None,
    ) -> None:
        self.guard = guard or Guard()
        self.caps = caps or Caps()
        self._lookups = Lookups(resolve)
        self._owns = owns
        self._tls = tls or _system_trust

    def send(self, request: Request) -> Sent:
        """Send one request and return its answer, in 15 seconds at the most unless the caps say otherwise.

        Raises one of OutboundError's family where there is none. ValueError is for mistakes of the caller: headers
        that can't be sent, or a body with GET.
        """
        caps = request.caps or self.caps
        deadline = Deadline(caps.exchange_seconds)
        with _told(deadline):
            target = self.guard.target(request.url)
            exchange = Exchange(target, request.method, request.headers, request.body, caps)
            wire = connect(self._addresses(target, deadline, caps), target.port, deadline, caps.connect_seconds)
            try:
                return self._held(exchange, wire, target, deadline)
            finally:
                wire.close()

    def _addresses(self, target: Target, deadline: Deadline, caps: Caps) -> list[Address]:
        """Where to connect to. Looked up once, and it is these that are connected to: a name can't change its mind."""
        if target.literal is not None:
            addresses = [target.literal]
        else:
            seconds = min(caps.lookup_seconds, deadline.left())
            addresses = self.guard.check_all(self._lookups.addresses(target.host, seconds))
        if any(not self.guard.allows(address) and self._owns(address) for address in addresses):
            raise RefusedTarget("must not lead back to this machine")
        return addresses

    def _held(self, exchange: Exchange, wire: Wire, target: Target, deadline: Deadline) -> Sent:
        if target.scheme == "https":
            wire.encrypt(self._tls(), target.host)
        answer = exchange.hold(wire)
        return Sent(
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            is_whole=answer.is_whole,
            duration_ms=deadline.spent_ms(),
            address=str(wire.address),
        )


def open_outbound(settings: Settings) -> Outbound:
    """The client that the settings ask for. Raises ConfigurationError where ``outbound_allow`` lists no networks."""
    allowed = read_networks(settings.outbound_allow) if settings.outbound_allow is not None else ()
    return Outbound(Guard(allowed))


@contextmanager
def _told(deadline: Deadline) -> Iterator[None]:
    """Errors that leave the block know how long it took."""
    try:
        yield
    except OutboundError as error:
        error.duration_ms = deadline.spent_ms()
        raise
    except TimeoutError:
        late = TimedOut("There was no complete answer in time.")
        late.duration_ms = deadline.spent_ms()
        raise late from None


@cache
def _system_trust() -> ssl.SSLContext:
    """Made when it is first needed: reading all the certificates takes a while."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context
