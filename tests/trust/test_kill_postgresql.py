"""PostgreSQL is killed under load, its backends with it: what was acknowledged is there when it is back."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import psycopg
import pytest

from tests.support.databases import Engine, Instance
from tests.support.live import LiveServer
from tests.support.measuring import Measured
from tests.support.postgres import Cluster, command
from tests.support.traffic import Account, Traffic

Serve = Callable[..., LiveServer]
CLIENTS = 4


@pytest.fixture(autouse=True)
def on_postgresql(engine: Engine) -> None:
    if engine != "postgresql":
        pytest.skip("SQLite is in the server: see test_power_cuts")


def backends(postmaster: int) -> list[int]:
    """The processes that a server has started."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(status.read_text("utf-8").rpartition(")")[2].split()[1]) == postmaster:
                found.append(int(status.parent.name))
    return found


def kill(cluster: Cluster) -> None:
    """End the server and all of its processes at once, so that none of them can write what it still holds."""
    cluster.process.send(signal.SIGSTOP)
    for pid in backends(cluster.process.pid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    cluster.process.kill()


def weaken(cluster: Cluster) -> None:
    """Answer before the log is on disk, and leave it in memory for long: the setting that the product must not have."""
    for setting in ("synchronous_commit = off", "wal_writer_delay = 10000", "wal_writer_flush_after = 262144"):
        command(cluster.url("postgres"), f"ALTER SYSTEM SET {setting}")
    command(cluster.url("postgres"), "SELECT pg_reload_conf()")


def kills(serve: Serve, cluster: Cluster, folder: Path, times: int) -> Iterator[Account]:
    """The account of each of so many kills, after each of which PostgreSQL has started again."""
    command(cluster.url("postgres"), "CREATE DATABASE {}", "killed")
    (folder / "data").mkdir()
    server = serve(Instance(folder / "data", cluster.url("killed")), env={"USERHERO_RATE_LIMIT": "1000000"})
    chance = Random(3)
    for number in range(times):
        traffic = Traffic(server.tenant(), enough_at=chance.randint(20, 200))
        command(cluster.url("postgres"), "CHECKPOINT")
        traffic.start(CLIENTS, f"{number}")
        assert traffic.enough.wait(60), server.process.output()
        kill(cluster)
        traffic.stop()
        cluster.start()
        server.process.wait_until(server.is_ready)
        yield traffic.audit(server.database)


@pytest.mark.case("DUR-04")
@pytest.mark.figure(no="H3")
def test_nothing_is_lost(
    serve: Serve, durable_cluster: Cluster, tmp_path: Path, long: bool, measured: Measured
) -> None:
    times, acknowledged = 40 if long else 1, 0
    for account in kills(serve, durable_cluster, tmp_path, times):
        assert not account.wrong, account
        acknowledged += account.acknowledged
    with psycopg.connect(durable_cluster.url("killed")) as connection:
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)
    measured(attempts=times, found=f"0 of {acknowledged:,} acknowledged writes lost in {times} kills")


@pytest.mark.figure(no="H3")
def test_with_a_weaker_setting_it_would_lose_some(
    serve: Serve, durable_cluster: Cluster, tmp_path: Path, long: bool, measured: Measured
) -> None:
    """The control: without it nobody knows whether a loss would be noticed."""
    if not long:
        pytest.skip("the suite has no time for a second cluster: make trust FIGURES=H3")
    weaken(durable_cluster)
    times = 10
    accounts = list(kills(serve, durable_cluster, tmp_path, times))
    lost, acknowledged = sum(len(each.lost) for each in accounts), sum(each.acknowledged for each in accounts)
    assert lost > 0
    measured(attempts=0, found=f"with synchronous_commit=off {lost:,} of {acknowledged:,} lost in {times} kills")
