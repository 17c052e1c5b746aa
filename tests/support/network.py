"""Keeps the suite off the network: a connection to anything but this machine fails the test that opens it."""

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import pytest


def is_local(family: int, address: Any) -> bool:
    """True for Unix sockets and loopback addresses."""
    if family not in {socket.AF_INET, socket.AF_INET6}:
        return True
    host = str(address[0])
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture(scope="session", autouse=True)
def network() -> Iterator[None]:
    """Refuses connections that leave this machine, for the whole run."""
    real_connect, real_connect_ex = socket.socket.connect, socket.socket.connect_ex

    def check(sock: socket.socket, address: Any) -> None:
        if not is_local(sock.family, address):
            pytest.fail(f"a test reached for the network: {address!r}", pytrace=False)

    def connect(sock: socket.socket, address: Any) -> None:
        check(sock, address)
        real_connect(sock, address)

    def connect_ex(sock: socket.socket, address: Any) -> int:
        check(sock, address)
        return real_connect_ex(sock, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        patch.setattr(socket.socket, "connect_ex", connect_ex)
        yield
