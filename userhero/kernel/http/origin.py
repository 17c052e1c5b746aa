"""Where a request came from: the address that connected, or the one that a trusted proxy names."""

import re
from ipaddress import ip_network

from userhero.kernel.actor import Origin
from userhero.kernel.config import Settings
from userhero.kernel.http.request import Request
from userhero.kernel.outbound.addresses import Address, read_address, read_networks

MAX_USER_AGENT = 300
_NETWORK_BITS = {4: 24, 6: 48}
_SUBSCRIBER_BITS = 64
# Some proxies add the port, which makes brackets necessary around IPv6.
_WITH_PORT = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::\d+)?|([0-9.]+):\d+")


class Origins:
    """Tells where requests came from, as far as the settings let it be kept.

    Raises ConfigurationError where ``trusted_proxies`` is no list of networks.
    """

    def __init__(self, settings: Settings) -> None:
        trusted = settings.trusted_proxies
        self._trusted = () if trusted is None else read_networks(trusted, "trusted_proxies")
        self._kept = settings.audit_address

    def of(self, request: Request) -> Origin:
        """The origin of a request."""
        agent = request.one(b"user-agent")
        text = None if agent is None else "".join(filter(str.isprintable, agent.decode("latin-1")))
        return Origin(request.id, self._address(request), (text or "")[:MAX_USER_AGENT] or None)

    def network(self, request: Request) -> str:
        """Where it came from, whatever is kept of that: for limits. Empty where nobody knows.

        Of IPv6 it is the /64, since whoever has one address has all of those (RFC 6177).
        """
        found = self._find(request)
        if found is None or found.version == 4:
            return str(found or "")
        return str(ip_network((found, _SUBSCRIBER_BITS), strict=False))

    def _address(self, request: Request) -> str | None:
        found = None if self._kept == "none" else self._find(request)
        if found is None or self._kept == "full":
            return None if found is None else str(found)
        return str(ip_network((found, _NETWORK_BITS[found.version]), strict=False))

    def _find(self, request: Request) -> Address | None:
        """The last address that nobody but a trusted proxy vouches for: what stands before it, anybody can write."""
        found = None if request.peer is None else read_address(request.peer[0])
        forwarded = b",".join(request.all(b"x-forwarded-for")).decode("latin-1").split(",")
        while found is not None and self._is_trusted(found) and forwarded:
            before = _read(forwarded.pop())
            if before is None:
                break
            found = before
        return found

    def _is_trusted(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)


def _read(text: str) -> Address | None:
    matched = _WITH_PORT.fullmatch(text.strip())
    return read_address((matched[1] or matched[2]) if matched else text.strip())
