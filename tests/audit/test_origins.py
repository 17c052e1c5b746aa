"""Where a request came from: the address that connected, or the one that a proxy names that the operator trusts."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from tests.support.client import Client, Server
from tests.support.tenants import Tenants
from userhero.kernel.config import ConfigurationError, Settings
from userhero.server.application import create_application

Place = Callable[..., Client]


@pytest.fixture(scope="module")
def place(settings: Settings) -> Iterator[Place]:
    """Makes applications on the shared database with other settings."""
    servers: dict[str, Server] = {}

    def make(**changes: Any) -> Client:
        name = repr(changes)
        if name not in servers:
            servers[name] = Server(create_application(msgspec.structs.replace(settings, **changes)))
        return Client(servers[name])

    yield make
    for server in servers.values():
        server.close()


def origin(tenant: Tenants, client: Client, *headers: tuple[str, str]) -> Any:
    caller = tenant(client=client)
    caller.patch(f"/projects/{caller.project_id}", {"name": "Renamed"}, headers=headers)
    return caller.get("/audit-log", pageSize=1).data[0]


@pytest.mark.case("RL-11")
@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ([], "127.0.0.1"),
        (["198.51.100.7"], "198.51.100.7"),
        (["198.51.100.7:4711"], "198.51.100.7"),
        (["2001:db8::7"], "2001:db8::7"),
        (["[2001:db8::7]:4711"], "2001:db8::7"),
        (["::ffff:198.51.100.7"], "198.51.100.7"),
        # What stands before the first address that is not a trusted proxy, anybody can have written.
        (["203.0.113.1, 198.51.100.7"], "198.51.100.7"),
        (["203.0.113.1, 198.51.100.7, 10.1.2.3"], "198.51.100.7"),
        (["203.0.113.1", "198.51.100.7 ,10.1.2.3"], "198.51.100.7"),
        (["10.1.2.4, 10.1.2.3"], "10.1.2.4"),
        (["198.51.100.7, nonsense, 10.1.2.3"], "10.1.2.3"),
        (["nonsense"], "127.0.0.1"),
        ([""], "127.0.0.1"),
        (["fe80::1%eth0"], "127.0.0.1"),
    ],
)
def test_behind_trusted_proxies(tenant: Tenants, place: Place, forwarded: list[str], address: str) -> None:
    client = place(trusted_proxies="127.0.0.1/32, 10.1.0.0/16")
    headers = [("x-forwarded-for", each) for each in forwarded]
    assert origin(tenant, client, *headers)["address"] == address


@pytest.mark.case("RL-11")
def test_without_trusted_proxies_nobody_can_choose_an_address(tenant: Tenants, client: Client) -> None:
    assert origin(tenant, client, ("x-forwarded-for", "198.51.100.7"))["address"] == "127.0.0.1"


@pytest.mark.case("GDPR-07")
@pytest.mark.parametrize(
    ("kept", "found"),
    [("full", "198.51.100.77"), ("network", "198.51.100.0/24"), ("none", None)],
)
def test_how_much_of_an_address_is_kept(tenant: Tenants, place: Place, kept: str, found: str | None) -> None:
    client = place(trusted_proxies="127.0.0.1/32", audit_address=kept)
    assert origin(tenant, client, ("x-forwarded-for", "198.51.100.77"))["address"] == found


def test_of_an_ipv6_address_48_bits_are_a_network(tenant: Tenants, place: Place) -> None:
    client = place(trusted_proxies="127.0.0.1/32", audit_address="network")
    assert origin(tenant, client, ("x-forwarded-for", "2001:db8:1:2::7"))["address"] == "2001:db8:1::/48"


def test_a_user_agent_is_kept_within_limits(tenant: Tenants, client: Client) -> None:
    assert origin(tenant, client)["userAgent"] is None
    assert origin(tenant, client, ("user-agent", "\t"))["userAgent"] is None
    assert origin(tenant, client, ("user-agent", "a\x1b[31mb" + "c" * 400))["userAgent"] == "a[31mb" + "c" * 294


def test_a_list_that_is_none_stops_the_start(settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match=r"^--trusted-proxies \(USERHERO_TRUSTED_PROXIES\): 'proxy' is no"):
        create_application(msgspec.structs.replace(settings, trusted_proxies="proxy"))
