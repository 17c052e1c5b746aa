"""Which addresses requests may go to."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address

from userhero.kernel.outbound.addresses import Address, Network, is_public, read_address
from userhero.kernel.outbound.errors import RefusedTarget
from userhero.kernel.outbound.target import Target, read_target

_NOT_PUBLIC = "must lead to a public host, not to this machine or a network that is not public"
# RFC 6761, section 6.3: the name means this machine, whatever a resolver says.
_THIS_MACHINE = "localhost"
_LOOPBACK: tuple[Address, ...] = (IPv4Address("127.0.0.1"), IPv6Address("::1"))
# What machines on clouds ask about themselves. These lead to denied addresses anyway, where they lead to any.
_METADATA = frozenset({"metadata.google.internal", "metadata.goog", "metadata.amazonaws.com", "instance-data"})


class Guard:
    """Public addresses may be reached, and those in ``allowed``."""

    def __init__(self, allowed: Iterable[Network] = ()) -> None:
        self.allowed = tuple(allowed)

    def check_literal(self, url: str) -> None:
        """Refuse a URL, before it is saved, that could never be sent to. Raises RefusedTarget.

        No name is looked up: where it leads can change until a request is sent, and is checked then.
        """
        self.target(url)

    def target(self, url: str) -> Target:
        """The URL's target, where its host may be reached as far as can be told without a look-up.

        Raises RefusedTarget.
        """
        target = read_target(url)
        if target.literal is not None and not self.permits(target.literal):
            raise RefusedTarget(_NOT_PUBLIC)
        if _is_below(_THIS_MACHINE, target.host) and not any(map(self.allows, _LOOPBACK)):
            raise RefusedTarget(_NOT_PUBLIC)
        if target.host in _METADATA:
            raise RefusedTarget(_NOT_PUBLIC)
        return target

    def check_all(self, answers: Iterable[str]) -> list[Address]:
        """What a name leads to, each address once. Raises RefusedTarget where one of them may not be reached.

        One is enough: whoever mixes them hopes that the other kind is taken.
        """
        addresses = [read_address(answer) for answer in dict.fromkeys(answers)]
        permitted = [address for address in addresses if address is not None and self.permits(address)]
        if len(permitted) < len(addresses):
            raise RefusedTarget(_NOT_PUBLIC)
        return permitted

    def permits(self, address: Address) -> bool:
        """True for a public address and an allowed one."""
        return self.allows(address) or is_public(address)

    def allows(self, address: Address) -> bool:
        """True for an address in a network that the operator named."""
        return any(address in network for network in self.allowed)


def _is_below(domain: str, name: str) -> bool:
    return name == domain or name.endswith(f".{domain}")
