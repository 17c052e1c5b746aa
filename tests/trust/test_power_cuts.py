"""What was acknowledged is on the disk, not only on its way there: see ``disk.py``."""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from tests.support.databases import Engine
from tests.support.faults import damages
from tests.support.live import LiveServer
from tests.support.measuring import Measured
from tests.support.problems import check_problem
from tests.support.traffic import Account, Traffic
from tests.trust.disk import ORDERS, WEAKENED

PROGRAM = (sys.executable, Path(__file__).with_name("disk.py"))
CLIENTS = 4
Serve = Callable[..., LiveServer]


@pytest.fixture(autouse=True)
def on_sqlite(engine: Engine) -> None:
    if engine != "sqlite":
        pytest.skip("PostgreSQL has a disk of its own: see test_kill_postgresql")


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """The file that says what the disk does."""
    file = tmp_path / "orders"
    file.touch()
    return file


def cut_off(server: LiveServer, orders: Path, order: str) -> Traffic:
    """Clients at work while the power goes."""
    traffic = Traffic(server.tenant(), enough_at=sys.maxsize)
    # What goes under this process's feet as well must not be open here.
    server.database.close()
    del server.database
    orders.write_text(order, "ascii")
    traffic.start(CLIENTS, "client")
    assert server.process.is_over(60), "the power did not go"
    assert server.process.code == -signal.SIGKILL, server.process.output()
    traffic.stop()
    orders.write_text("", "ascii")
    return traffic


def cuts(serve: Serve, orders: Path, times: int, *, stays: bool, **weakened: str) -> Iterator[Account]:
    """The account of each of so many power cuts, after each of which the server has started again."""
    env = {ORDERS: str(orders), "USERHERO_RATE_LIMIT": "1000000", **weakened}
    server = serve(program=PROGRAM, env=env)
    chance = Random(2)
    for _ in range(times):
        moment = chance.randint(600, 4_000)
        traffic = cut_off(server, orders, f"cut {moment} {chance.randint(0, 10**6) if stays else 'all'}")
        assert damages(server.instance.data / "userhero.db") == []
        server.start()
        yield traffic.audit(server.database)


@pytest.mark.case("DUR-03")
@pytest.mark.figure(no="H2")
def test_a_power_cut_loses_nothing(serve: Serve, orders: Path, long: bool, measured: Measured) -> None:
    times, acknowledged = 200 if long else 2, 0
    for account in cuts(serve, orders, times, stays=True):
        assert not account.wrong, account
        acknowledged += account.acknowledged
    assert acknowledged > times
    measured(attempts=times, found=f"0 of {acknowledged:,} acknowledged writes lost in {times} cuts")


@pytest.mark.figure(no="H2")
def test_with_a_weaker_setting_it_would_lose_some(serve: Serve, orders: Path, long: bool, measured: Measured) -> None:
    """The control: without it nobody knows whether a loss would be noticed."""
    times, lost, acknowledged = 20 if long else 1, 0, 0
    for account in cuts(serve, orders, times, stays=False, **{WEAKENED: "NORMAL"}):
        assert not [*account.doubled, *account.made_up], account
        lost += len(account.lost)
        acknowledged += account.acknowledged
    assert lost > 0
    measured(attempts=0, found=f"with synchronous=NORMAL {lost:,} of {acknowledged:,} lost in {times} cuts")


@pytest.mark.case("DUR-10")
def test_what_was_not_flushed_does_not_come_back(serve: Serve, orders: Path) -> None:
    """One flush fails, all others succeed, and the server is killed: what it refused is not taken for committed."""
    server = serve(program=PROGRAM, env={ORDERS: str(orders), "USERHERO_RATE_LIMIT": "1000000"})
    caller = server.tenant()
    first = caller.new_feedback("before")["id"]
    server.database.close()
    del server.database
    for number in range(100):
        # Work in the background may have got the failure that was meant for this.
        orders.write_text(f"once {number}", "ascii")
        answer = caller.post("/feedback", {"projectId": caller.project_id, "message": f"number {number}"})
        if answer.status != 201:
            break
    check_problem(answer, "service_unavailable")
    server.process.kill()
    orders.write_text("", "ascii")
    server.start()
    # Each that was acknowledged, and the first.
    assert caller.count() == number + 1
    assert caller.get(f"/feedback/{first}").status == 200
    assert caller.new_feedback("after")["message"] == "after"
    server.process.kill()
    assert damages(server.instance.data / "userhero.db") == []


@pytest.mark.case("DUR-08", "DUR-09", "DUR-10")
@pytest.mark.figure(no="H13")
def test_a_disk_that_takes_nothing(serve: Serve, orders: Path, long: bool, measured: Measured) -> None:
    """It is full, broken, or does not flush: writes are refused for as long, reads go on, and then all is well."""
    server = serve(program=PROGRAM, env={ORDERS: str(orders), "USERHERO_RATE_LIMIT": "1000000"})
    traffic = Traffic(server.tenant())
    faults = ["full", "io", "flush"] * (20 if long else 1)
    slowest = max(outlived(server, orders, traffic, fault) for fault in faults)
    server.process.kill()
    assert damages(server.instance.data / "userhero.db") == []
    server.start()
    account = traffic.audit(server.database)
    assert not account.wrong, account
    assert traffic.refused.keys() == {503}
    measured(
        attempts=len(faults),
        found=f"0 of {account.acknowledged:,} acknowledged writes lost in {len(faults)} faults of the disk, "
        f"{traffic.refused[503]:,} others answered with 503, writing again after {slowest:.2f} s at the most",
    )


def outlived(server: LiveServer, orders: Path, traffic: Traffic, fault: str) -> float:
    """Clients at work while the disk fails and is well again; returns how long writing took to come back."""
    caller, before = traffic.caller, len(traffic.sent)
    traffic.enough_at = len(traffic.acknowledged) + 20
    traffic.enough.clear()
    traffic.stopping.clear()
    traffic.start(CLIENTS, f"{fault}{before}")
    assert traffic.enough.wait(60), server.process.output()
    orders.write_text(fault, "ascii")
    while (answer := caller.post("/projects", {"name": "x"})).status == 201:
        pass
    check_problem(answer, "service_unavailable")
    assert caller.get("/feedback").status == 200
    orders.write_text("", "ascii")
    began = time.monotonic()
    while caller.post("/projects", {"name": "x"}).status == 503:
        assert time.monotonic() < began + 5
    took = time.monotonic() - began
    traffic.stop()
    return took
