"""A server that is killed loses nothing that it acknowledged, and a retry finds out what became of the rest."""

import http.client
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from random import Random

import psycopg
import pytest

from tests.support.client import Response
from tests.support.databases import Engine, Instance
from tests.support.faults import damages, writes_held
from tests.support.live import LiveServer
from tests.support.measuring import Measured
from tests.support.postgres import Cluster, command
from tests.support.problems import check_problem, rows_of
from tests.support.tenants import Tenant
from tests.support.traffic import Traffic

CLIENTS, ENOUGH = 6, 40
UNLIMITED = {"USERHERO_RATE_LIMIT": "1000000"}


def create(caller: Tenant, key: str) -> Response:
    body = {"projectId": caller.project_id, "message": f"Item {key}"}
    return caller.post("/feedback", body, headers=[("idempotency-key", key)])


@pytest.mark.case("IDM-15", "DUR-02")
@pytest.mark.figure(no="H1")
def test_kill_under_load(serve: Callable[..., LiveServer], engine: Engine, long: bool, measured: Measured) -> None:
    server = serve(env=UNLIMITED, options=["--workers", "2"] if engine == "postgresql" and long else [])
    # With PostgreSQL a start takes its time, and the database was not the one that was killed.
    kills = 200 if long else 2 if engine == "sqlite" else 1
    chance, acknowledged = Random(1), 0
    for number in range(kills):
        traffic = Traffic(server.tenant(), enough_at=chance.randint(40, 260) if long else ENOUGH)
        traffic.start(CLIENTS, f"{number}")
        assert traffic.enough.wait(60), server.process.output()
        server.process.kill()
        traffic.stop()
        server.start()
        account = traffic.audit(server.database)
        assert not account.wrong, account
        check_retries(traffic)
        assert traffic.audit(server.database).there == account.attempted
        acknowledged += account.acknowledged
    if engine == "sqlite":
        assert damages(server.instance.data / "userhero.db") == []
    measured(attempts=acknowledged, found=f"0 of {acknowledged:,} acknowledged writes lost in {kills} kills")


def check_retries(traffic: Traffic) -> None:
    """Whatever was acknowledged is answered as it was, and the rest is done now."""
    for key in traffic.sent:
        answer = traffic.send(key)
        assert answer.status == 201, answer
        if key in traffic.acknowledged:
            assert answer.header("idempotent-replayed") == "true", f"{key} was acknowledged and is gone"
            assert answer.body == traffic.acknowledged[key]


@pytest.mark.case("DUR-17")
def test_kill_the_database(
    serve: Callable[..., LiveServer], durable_cluster: Cluster, engine: Engine, tmp_path: Path
) -> None:
    """While it is gone the server says so and asks to come back; once it is back, so is everything acknowledged."""
    if engine == "sqlite":
        pytest.skip("there the database is in the server: see test_kill_under_load")
    command(durable_cluster.url("postgres"), "CREATE DATABASE {}", "userhero")
    (tmp_path / "data").mkdir()
    server = serve(Instance(tmp_path / "data", durable_cluster.url("userhero")), env=UNLIMITED)
    caller = server.tenant()
    done = {f"before-{number}": create(caller, f"before-{number}") for number in range(20)}
    durable_cluster.process.kill()
    refused = create(caller, "meanwhile")
    check_problem(refused, "service_unavailable")
    assert refused.number("retry-after") > 0
    assert server.client.request("GET", "/healthz").status == 200
    assert server.client.request("GET", "/readyz").status == 503
    durable_cluster.start()
    server.process.wait_until(server.is_ready)
    for key, first in done.items():
        again = create(caller, key)
        assert (again.status, again.body) == (201, first.body), f"{key} was acknowledged and is gone"
    assert create(caller, "meanwhile").header("idempotent-replayed") is None
    assert caller.count() == len(done) + 1


@pytest.mark.case("DUR-17")
def test_connections_that_died_are_not_used(
    serve: Callable[..., LiveServer], durable_cluster: Cluster, engine: Engine, tmp_path: Path
) -> None:
    """What the database hung up on between two requests is noticed by the pool, not by the next caller."""
    if engine == "sqlite":
        pytest.skip("there the database is in the server")
    command(durable_cluster.url("postgres"), "CREATE DATABASE {}", "hung_up")
    (tmp_path / "data").mkdir()
    server = serve(Instance(tmp_path / "data", durable_cluster.url("hung_up")), env=UNLIMITED)
    caller = server.tenant()
    with ThreadPoolExecutor(8) as pool:
        assert {answer.status for answer in pool.map(lambda number: create(caller, f"{number}"), range(24))} == {201}
    command(
        durable_cluster.url("postgres"),
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = 'hung_up'",
    )
    assert [caller.get("/feedback").status for _ in range(10)] == [200] * 10


@pytest.mark.case("IDM-16")
def test_kill_in_the_middle_of_a_request(serve: Callable[..., LiveServer]) -> None:
    """The key is free again at once: there is nothing to wait for and nothing to clean up."""
    server = serve()
    caller = server.tenant()
    with ThreadPoolExecutor(1) as pool, writes_held(server.instance.address):
        first = pool.submit(create, caller, "k")
        _wait_until_stuck(server, caller, first)
        server.process.kill()
        assert isinstance(first.exception(30), OSError | http.client.HTTPException)
    server.start()
    again = create(caller, "k")
    assert again.status == 201, again
    assert again.header("idempotent-replayed") is None
    assert again.data["ticketNumber"] == 1
    assert len(rows_of(server.database, caller)["feedback"]) == 1


def test_a_request_under_way_has_the_key(live_server: LiveServer, engine: Engine) -> None:
    if engine == "sqlite":
        pytest.skip("units run one after the other there: the second request waits for the first and replays it")
    caller = live_server.tenant()
    with ThreadPoolExecutor(1) as pool:
        with writes_held(live_server.instance.address):
            first = pool.submit(create, caller, "k")
            _wait_until_stuck(live_server, caller, first)
            second = create(caller, "k")
            check_problem(second, "conflict", naming="in progress")
            assert second.header("retry-after") == "1"
        done = first.result(30)
    assert done.status == 201, done
    replayed = create(caller, "k")
    assert replayed.header("idempotent-replayed") == "true"
    assert replayed.body == done.body


def _wait_until_stuck(server: LiveServer, caller: Tenant, request: "Future[Response]") -> None:
    """Return once the server waits for the database with the request."""
    if server.instance.url is None:
        # Reads go on, and this one came after the write.
        assert caller.get("/projects").status == 200
        return
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with psycopg.connect(server.instance.url, autocommit=True) as connection:
        while connection.execute(waiting).fetchone() == (0,):
            assert not request.done(), request.result()
