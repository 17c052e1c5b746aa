"""What the other tests rely on: that they would fail if they should."""

import socket
from pathlib import Path

import pytest

from tests.support.client import Response
from tests.support.clock import frozen
from tests.support.live import PORTS, free_port
from tests.support.problems import check_problem, owned_tables, unchanged
from tests.support.tenants import Tenants
from userhero.kernel import clock as product_clock
from userhero.kernel.db import Database, metadata

# Rows of nobody's workspace: accounts and their keys, what an instance knows of itself, work that is waiting, what was
# sent to addresses by whomever.
OF_NO_WORKSPACE = {
    "api_keys", "event_cursors", "incoming_mails", "instance_facts", "jobs", "media_removals", "outbox_counts",
    "password_resets", "recovery_codes", "schedules", "second_factors", "sessions", "users",
}  # fmt: skip


def test_a_changed_row_is_noticed(tenant: Tenants, database: Database) -> None:
    caller, other = tenant(), tenant()
    with unchanged(database, caller):
        other.new_feedback()
        caller.get("/feedback")
    changes = (
        caller.new_feedback,
        lambda: caller.patch(f"/projects/{caller.project_id}", {"name": "Other"}),
        lambda: caller.delete(f"/widgets/{caller.widget_id}"),
    )
    for change in changes:
        with pytest.raises(AssertionError), unchanged(database, caller, other):
            change()


def test_every_table_is_watched() -> None:
    assert metadata.tables.keys() - owned_tables() <= OF_NO_WORKSPACE


def test_a_wrong_error_is_noticed() -> None:
    def answer(status: int, body: bytes) -> Response:
        return Response(status, [("content-type", "application/json"), ("x-request-id", "req_1")], body)

    good = b'{"error":{"code":"not_found","message":"Nothing.","requestId":"req_1"}}'
    check_problem(answer(404, good), "not_found")
    for status, body in (
        (400, good),
        (404, good.replace(b"not_found", b"missing")),
        (404, good.replace(b"req_1", b"req_2")),
        (404, good.replace(b"Nothing.", b"")),
        (404, good.replace(b"Nothing.", b"Traceback (most recent call last)")),
        (404, good.replace(b'"code"', b'"code":"x","code"')),
        (404, good.replace(b'"Nothing."', b"NaN")),
        (404, good.replace(b"}}", b'},"more":1}')),
    ):
        with pytest.raises(AssertionError):
            check_problem(answer(status, body), "not_found")


def test_the_clock_goes_only_where_it_is_moved_and_runs_again() -> None:
    with frozen() as clock:
        first = product_clock.now()
        assert product_clock.now() == first
        clock.advance(days=365)
        assert product_clock.now() == product_clock.shift(first, days=365)
    assert product_clock.now() < product_clock.shift(first, days=1)


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1", "example.invalid"])
def test_the_network_is_out_of_reach(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as sock, pytest.raises(pytest.fail.Exception, match="reached for the network"):
        sock.connect((address, 443))


def test_ports_of_servers_are_handed_out_to_nobody_else() -> None:
    """Whoever connects anywhere gets a port from the system's range, and would have it when the server starts."""
    handed_out = Path("/proc/sys/net/ipv4/ip_local_port_range")
    if not handed_out.exists():
        pytest.skip("only Linux says which ports it hands out")
    lowest, _ = handed_out.read_text().split()
    assert all(PORTS[0] <= free_port() < min(PORTS[1], int(lowest)) for _ in range(50))
