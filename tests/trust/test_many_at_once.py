"""Many requests at once, at several processes: limits are exact, and once is once whatever goes wrong on the way."""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from tests.support.databases import Engine
from tests.support.live import LiveServer
from tests.support.measuring import Measured
from tests.support.tenants import API, Tenant
from tests.support.traffic import OVER, Traffic

Serve = Callable[..., LiveServer]
AT_ONCE = 20


def processes(engine: Engine, number: int) -> list[str]:
    """The options for a server of so many processes; with SQLite there is one."""
    return ["--workers", str(number)] if engine == "postgresql" else []


@pytest.mark.case("RL-03")
@pytest.mark.figure(no="H5")
def test_of_a_thousand_a_hundred_pass(
    serve: Serve, live_server: LiveServer, engine: Engine, long: bool, measured: Measured
) -> None:
    asked = 1_000 if long else 250
    numbers = [1, 4, 8] if long and engine == "postgresql" else [1]
    for number in numbers:
        server = serve(options=processes(engine, number)) if long else live_server
        began = time.monotonic()
        assert answers(server, asked) == {200: 100, 429: asked - 100}, number
        assert time.monotonic() - began < 60
    said = " and ".join(f"{number}" for number in numbers)
    measured(attempts=asked * len(numbers), found=f"100 of {asked:,} at once pass, with {said} processes")


def answers(server: LiveServer, asked: int) -> Counter[int]:
    """How so many requests with one new key are answered, a hundred at a time."""
    caller = server.tenant()
    with ThreadPoolExecutor(100) as pool:
        return Counter(pool.map(lambda _: caller.get("/workspaces").status, range(asked)))


def check_reads(caller: Tenant) -> None:
    """What was written is read at once, by whichever process: the next request is on another connection."""
    for number in range(10):
        item = caller.new_feedback(f"Number {number}")
        assert caller.get(f"/feedback/{item['id']}").data["message"] == f"Number {number}"
        assert caller.get("/feedback", pageSize=1).data[0]["id"] == item["id"]


class Retries:
    """A client that sends again what it sent before: changed, at once, without waiting for the answer."""

    def __init__(self, traffic: Traffic, server: LiveServer, seed: int) -> None:
        self._traffic = traffic
        self._server = server
        self._chance = Random(seed)
        self._seed = seed
        self.sent = 0

    def run(self, times: int) -> None:
        """So many requests, or a few more."""
        ways = [self._new, self._again, self._changed, self._race, self._unheard]
        while self.sent < times:
            self._chance.choices(ways, weights=[4, 6, 2, 1, 3])[0]()

    def _key(self) -> str:
        """A new write, prepared."""
        key = f"{self._seed}-{len(self._traffic.sent)}-{self.sent}"
        self._traffic.sent[key] = "/feedback", {"projectId": self._traffic.caller.project_id, "message": key}
        return key

    def _send(self, key: str) -> None:
        self.sent += 1
        try:
            answer = self._traffic.send(key)
        except OVER:
            return
        if answer.status == 201:
            first = self._traffic.acknowledged.setdefault(key, answer.body)
            assert answer.body == first, f"{key} has two answers"
        else:
            assert answer.status == 409, answer

    def _new(self) -> None:
        self._send(self._key())

    def _again(self) -> None:
        self._send(self._chance.choice(list(self._traffic.sent) or [self._key()]))

    def _race(self) -> None:
        key = self._key()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self._send, [key] * AT_ONCE))

    def _changed(self) -> None:
        done = list(self._traffic.acknowledged)
        if done:
            self.sent += 1
            path, body = self._traffic.sent[self._chance.choice(done)]
            headers = [("idempotency-key", str(body["message"]))]
            try:
                answer = self._traffic.caller.post(path, {**body, "message": "changed"}, headers=headers)
            except OVER:
                return
            assert answer.status == 409, answer

    def _unheard(self) -> None:
        """The client hangs up before there is an answer."""
        self.sent += 1
        key = self._key()
        path, body = self._traffic.sent[key]
        caller = self._traffic.caller
        connection = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=30)
        headers = dict([caller.authorization, ("idempotency-key", key), ("content-type", "application/json")])
        try:
            connection.request("POST", API + path, json.dumps({"workspaceId": caller.workspace_id, **body}), headers)
        except OVER:
            return
        finally:
            connection.close()


@pytest.mark.case("IDM-04", "IDM-15", "IDM-31", "DUR-16")
@pytest.mark.figure(no="H4")
def test_retries_of_all_kinds(serve: Serve, engine: Engine, long: bool, measured: Measured) -> None:
    """With crashes in between: in the end each write is there once, with the answer that was given first."""
    server = serve(options=processes(engine, 4 if long else 2), env={"USERHERO_RATE_LIMIT": "1000000"})
    check_reads(server.tenant())
    crashes, times = (10, 250) if long else (1, 60)
    traffic = Traffic(server.tenant())
    clients = [Retries(traffic, server, seed) for seed in range(4)]
    for crash in range(1, crashes + 1):
        with ThreadPoolExecutor(len(clients)) as pool:
            killer = threading.Timer(0.5 + crash % 3, server.process.kill)
            killer.start()
            running = [pool.submit(client.run, crash * times) for client in clients]
        killer.join()
        for each in running:
            each.result()
        server.start()
    # Whoever retries to the end has it done once.
    for key in list(traffic.sent):
        answer = traffic.send(key)
        assert answer.status == 201, answer
        assert answer.body == traffic.acknowledged.setdefault(key, answer.body)
    account = traffic.audit(server.database)
    assert not account.wrong, account
    assert account.there == account.attempted
    attempts = sum(client.sent for client in clients) + len(traffic.sent)
    measured(
        attempts=attempts,
        found=f"{account.there:,} writes, each there once after {attempts:,} requests and {crashes} crashes",
    )
