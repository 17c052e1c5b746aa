"""The server as a process: it starts on nothing, keeps what it has acknowledged, and stops when it is told to."""

import json
import os
import re
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPException
from typing import Any

import pytest

from tests.support.clock import Clock
from tests.support.databases import Instance, Instances
from tests.support.live import USERHERO, LiveServer, clean_environment
from tests.support.tenants import Tenant
from userhero.kernel.config import Settings
from userhero.kernel.errors import NotFound
from userhero.kernel.instance import open_database
from userhero.server import setup_link

Serve = Callable[..., LiveServer]
LINK = re.compile(r"http://127\.0\.0\.1:\d+(/setup\?token=([\w-]+))")


def refused(instance: Instance, *options: str, command: str = "serve") -> str:
    """Start a process that must not come up; returns what it says."""
    database = ["--database", instance.url] if instance.url else []
    words = [str(USERHERO), command, "--data", str(instance.data), *database, *options]
    done: subprocess.CompletedProcess[str]
    done = subprocess.run(words, check=False, capture_output=True, text=True, env=clean_environment(), timeout=60)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_the_first_start_prints_a_link_once_and_no_password(serve: Serve, instances: Instances) -> None:
    server = serve(instances.make(migrated=False))
    links = LINK.findall(server.process.output())
    assert len(links) == 1
    (target, token) = links[0]
    page = server.client.request("GET", target)
    assert page.status == 200
    assert b'name="token" value="' + token.encode() in page.body
    assert server.client.request("GET", "/setup?token=" + "x" * 43).status == 404
    assert server.client.request("GET", "/setup").status == 404
    made = json.loads(server.command("setup", "--email", "owner@example.com", "--workspace", "Acme"))
    assert made["apiKey"].startswith("sk_live_")
    assert server.client.request("GET", target).status == 404
    assert server.process.stop() == 0
    for file in server.instance.data.rglob("*"):
        assert not file.is_file() or token.encode() not in file.read_bytes()
    before = len(server.process.output())
    server.start()
    assert not LINK.search(server.process.output()[before:])


def test_each_start_without_users_replaces_the_link(serve: Serve, instances: Instances) -> None:
    server = serve(instances.make(migrated=False))
    server.process.stop()
    server.start()
    first, second = (target for target, _ in LINK.findall(server.process.output()))
    assert server.client.request("GET", first).status == 404
    assert server.client.request("GET", second).status == 200


def test_a_link_is_good_for_a_day(instances: Instances, clock: Clock) -> None:
    instance = instances.make()
    database = open_database(Settings(data=instance.data, database=instance.url))
    link = setup_link.offer(database, "http://localhost")
    assert link is not None
    token = link.partition("token=")[2]
    clock.advance(hours=23.9)
    database.read(lambda tx: setup_link.check(tx, token))
    clock.advance(hours=0.1)
    with pytest.raises(NotFound):
        database.read(lambda tx: setup_link.check(tx, token))
    database.close()


def test_it_says_where_it_listens_in_one_line_of_json(serve: Serve) -> None:
    server = serve()
    said = [line for line in server.process.output().splitlines() if line.startswith("{")]
    (listening,) = (found for found in map(json.loads, said) if found["event"] == "listening")
    assert listening["url"] == server.url
    assert not [line for line in server.process.output().splitlines() if "granian" in line.lower()]


def is_deaf(server: LiveServer) -> bool:
    try:
        socket.create_connection(("127.0.0.1", server.port), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


@pytest.mark.case("DUR-18")
def test_a_request_under_way_is_finished(serve: Serve) -> None:
    server = serve()
    caller = server.tenant()
    body = json.dumps({"workspaceId": caller.workspace_id, "projectId": caller.project_id, "message": "Late"}).encode()
    head = (
        "POST /api/v1/feedback HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
        f"Authorization: Bearer {caller.api_key}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with (
        socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection,
        connection.makefile("rb") as answer,
    ):
        connection.sendall(head.encode())
        assert answer.readline() == b"HTTP/1.1 100 Continue\r\n", "the server has begun with it"
        assert answer.readline() == b"\r\n"
        connection.sendall(body[:10])
        os.kill(server.process.pid, signal.SIGTERM)
        server.process.wait_until(lambda: is_deaf(server))
        connection.sendall(body[10:])
        assert answer.readline() == b"HTTP/1.1 201 Created\r\n"
    assert server.process.is_over(30)
    assert server.process.code == 0, server.process.output()


@pytest.mark.case("DUR-18")
def test_stopping_under_load_loses_nothing_that_was_acknowledged(serve: Serve, instances: Instances) -> None:
    server = serve(instances.make(migrated=False), options=["--rate-limit", "1000000"])
    caller = server.tenant()
    acknowledged: list[str] = []
    enough = threading.Event()

    def submit() -> None:
        while True:
            try:
                item = caller.new_feedback()
            except (OSError, HTTPException):
                return
            acknowledged.append(item["id"])
            if len(acknowledged) > 50:
                enough.set()

    threads = [threading.Thread(target=submit) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert enough.wait(60)
    server.stop()
    for thread in threads:
        thread.join(30)
    server.start()
    assert json.loads(server.command("check", "--json"))["ok"]
    ids = {item["id"] for item in every_item(caller)}
    assert set(acknowledged) <= ids
    server.stop()


def every_item(caller: Tenant) -> Iterator[Any]:
    cursor = None
    while True:
        page = caller.get("/feedback", pageSize=100, cursor=cursor).json()
        yield from page["data"]
        cursor = page["pagination"]["nextCursor"]
        if cursor is None:
            return


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_connection_does_not_hold_it_up(serve: Serve, number: signal.Signals) -> None:
    server = serve()
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(15) == b"HTTP/1.1 200 OK"
        assert server.process.stop(number, seconds=10) == 0


def test_a_killed_server_starts_again_with_what_it_had(serve: Serve) -> None:
    server = serve()
    caller = server.tenant()
    item = caller.new_feedback()
    server.process.kill()
    server.start()
    assert caller.get(f"/feedback/{item['id']}").status == 200
    server.stop()


def test_a_port_in_use_is_named(serve: Serve, instances: Instances) -> None:
    server = serve()
    said = refused(instances.make(), "--port", str(server.port))
    assert said == f"error: can't listen on 127.0.0.1 port {server.port}: Address already in use\n"
    assert refused(instances.make(), "--host", "no.such.host.invalid").startswith("error: can't listen on no.such.host")


def test_a_directory_has_one_server(serve: Serve, engine: str) -> None:
    server = serve()
    if engine == "sqlite":
        assert "a server is running on" in refused(server.instance, "--port", "0")
        assert "needs PostgreSQL" in refused(server.instance, command="worker")


@pytest.mark.case("DUR-11")
@pytest.mark.parametrize(
    "lost", ['"$0" "$@" 2> /dev/full', '{ "$0" "$@" 2>&1 1>&3 | true; } 3>&1'], ids=["full", "hung up"]
)
def test_a_log_that_nobody_takes_stops_nothing(serve: Serve, engine: str, lost: str) -> None:
    if engine != "sqlite":
        pytest.skip("where the log goes has nothing to do with the database")
    server = serve(program=("sh", "-c", lost, USERHERO))
    caller = server.tenant()
    assert caller.new_feedback()["ticketNumber"] == 1
    assert caller.get("/nothing").status == 404
    assert caller.count() == 1
