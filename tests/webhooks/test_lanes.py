"""Endpoints are sent to side by side, each by one worker at a time and in order, whoever else waits or fails."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest
from msgspec.structs import replace

from tests.support.clock import Clock
from tests.support.databases import Engine
from tests.support.live import free_port
from tests.support.web_servers import OK, silent, web_server
from tests.support.work import finish, settle
from tests.webhooks.receivers import Endpoint, Hooks, Received, answering, endpoint, receiver, submit_many
from userhero.kernel.jobs import Runner, list_jobs
from userhero.server.composition import job_table
from userhero.webhooks.actions.lane import DELIVER, LANE_SECONDS, Load, advance, enter
from userhero.webhooks.sending import attempt

PATIENCE = 30


def test_deliveries_keep_the_order_of_events(hooks: Hooks) -> None:
    caller = hooks.tenant()
    with receiver() as server:
        endpoint(caller, server.url)
        item = caller.new_feedback()
        for number in range(5):
            caller.patch(f"/feedback/{item['id']}", {"message": f"{number}"})
        submit_many(hooks, caller, 150)
        hooks.catch_up()
    assert [each.json["data"]["changes"]["message"] for each in server.of("feedback.updated")] == list("01234")
    assert [each.json["data"]["ticketNumber"] for each in server.of("feedback.created")] == list(range(1, 152))


def test_what_waits_for_a_retry_holds_nothing_up(hooks: Hooks, clock: Clock) -> None:
    """After its first failure, what came later goes ahead."""
    caller = hooks.tenant()
    with receiver(lambda received: answering(500 if "first" in str(received.body) else 200)) as server:
        told = endpoint(caller, server.url)
        caller.new_feedback("first")
        caller.new_feedback("second")
        hooks.catch_up()
        assert [each["status"] for each in told.deliveries()] == ["pending", "delivered"]
        server.answer = OK
        clock.advance(seconds=6)
        hooks.catch_up()
    assert [each.json["data"]["message"] for each in server.requests] == ["first", "second", "first"]


@pytest.mark.case("TEN-20")
def test_endpoints_hear_of_their_own_workspace_and_project(hooks: Hooks) -> None:
    caller, stranger = hooks.tenant(), hooks.tenant()
    other = caller.post("/projects", {"name": "Other"}).data["id"]
    with receiver() as everywhere, receiver() as here, receiver() as there, receiver() as strange:
        endpoint(caller, everywhere.url)
        endpoint(caller, here.url, projectId=caller.project_id)
        endpoint(caller, there.url, projectId=other)
        endpoint(stranger, strange.url)
        item = caller.new_feedback(userEmail="sam@example.com")
        hooks.catch_up()
    kinds = {"feedback.created", "customer.created"}
    assert {each.json["event"] for each in everywhere.requests} == kinds
    assert [each.subject for each in here.requests] == [item["id"]], "a customer is of no project"
    assert (there.requests, strange.requests) == ([], [])


@pytest.mark.case("WHO-16")
def test_several_workers_send_each_delivery_once(hooks: Hooks) -> None:
    """WHO-16: with several relays and several senders at it, nothing goes out twice, and never two at once."""
    caller = hooks.tenant()
    under_way, together, lock, never = Counter[str](), Counter[str](), threading.Lock(), threading.Event()

    def answer(received: Received) -> bytes:
        with lock:
            under_way[received.path] += 1
            together[received.path] = max(together[received.path], under_way[received.path])
        never.wait(0.005)  # Long enough for another one to come in, if there were one.
        with lock:
            under_way[received.path] -= 1
        return OK

    over = threading.Event()

    def work() -> None:
        runner = Runner(hooks.database, job_table())
        while not over.is_set():
            runner.run_due()

    with receiver(answer) as server:
        told = [endpoint(caller, f"{server.url}/{number}") for number in range(3)]
        with ThreadPoolExecutor(4) as pool:
            workers = [pool.submit(work) for _ in range(4)]
            for _ in range(40):
                submit_many(hooks, caller, 3)
            over.set()
        assert [worker.result() for worker in workers] == [None] * 4
        hooks.catch_up()
    assert len(server.requests) == 3 * 120
    for number, each in enumerate(told):
        arrived = [received for received in server.requests if received.path.endswith(f"/{number}")]
        assert len({received.id for received in arrived}) == 120
        assert [received.json["data"]["ticketNumber"] for received in arrived] == list(range(1, 121))
        assert together[f"/hook/{number}"] == 1
        assert each.owner.count(f"{each.path}/deliveries", status="delivered") == 120


def test_who_lost_the_lane_records_nothing_and_another_sends_again(hooks: Hooks, clock: Clock) -> None:
    """WHO-13: sent, and then gone before it was noted: the same goes out again under the same id."""
    caller = hooks.tenant()
    assert 2 * hooks.database.outbound.caps.exchange_seconds <= LANE_SECONDS
    with receiver() as server:
        told = endpoint(caller, f"http://127.0.0.1:{free_port()}/hook")
        caller.new_feedback()
        hooks.catch_up()
        told.change(url=server.url)
        hooks.catch_up()
        clock.advance(seconds=10)
        assert hooks.database.write(lambda tx: enter(tx, told.id, "gone"))
        load = hooks.database.write(lambda tx: advance(tx, told.id, "gone", None, is_over=False))
        assert load is not None
        done = attempt(hooks.database, load)
        hooks.catch_up()
        assert len(server.requests) == 1, "the lane is held"
        clock.advance(seconds=LANE_SECONDS)
        hooks.catch_up()
        late = done._replace(status=500, error="The receiver answered 500.")
        assert hooks.database.write(lambda tx: advance(tx, told.id, "gone", late, is_over=False)) is None
    assert [each.id for each in server.requests] == [load.parcel.event_id] * 2
    assert server.requests[0].body == server.requests[1].body
    found = told.only()
    assert (found["status"], found["attempt"]) == ("delivered", 2)


def test_what_nobody_sees_to_is_noticed(hooks: Hooks, clock: Clock) -> None:
    """WHO-13: a crash can leave a delivery without a job; it is found within minutes."""
    caller = hooks.tenant()
    with receiver(answering(500)) as server:
        told = endpoint(caller, server.url)
        caller.new_feedback()
        hooks.catch_up()
        hooks.forget_jobs(DELIVER)
        server.answer = OK
        clock.advance(minutes=5)
        finish(hooks.database, "webhooks.sweep")
        hooks.catch_up()
    assert told.only()["status"] == "delivered"


def test_what_the_old_address_answers_is_not_held_against_the_new(hooks: Hooks) -> None:
    """An address that was changed while it was sent to says 410: the endpoint stays on, and the delivery goes on."""
    caller = hooks.tenant()
    with receiver(answering(410)) as old, receiver() as new:
        told = endpoint(caller, old.url)
        load = taken(hooks, told)
        told.change(url=new.url)
        done = attempt(hooks.database, load)
        hooks.database.write(lambda tx: advance(tx, told.id, "mine", done, is_over=True))
    assert told.shown()["enabled"] is True
    found = told.only()
    assert (found["status"], found["attempt"], found["responseStatus"]) == ("pending", 1, 410)


@pytest.mark.parametrize("status", [200, 500])
def test_a_wish_to_send_again_outlives_the_attempt_under_way(hooks: Hooks, clock: Clock, status: int) -> None:
    """The schedule starts anew, whatever comes of what was under way when somebody asked."""
    caller = hooks.tenant()
    with receiver(answering(status)) as server:
        told = endpoint(caller, server.url)
        load = taken(hooks, told)
        clock.advance(seconds=1)
        asked = caller.post(f"{told.path}/deliveries/{load.parcel.id}/redeliver")
        assert asked.status == 200, asked
        # As it was at the end of its schedule, so that a failure is the last.
        done = attempt(hooks.database, load._replace(parcel=replace(load.parcel, step=9)))
        hooks.database.write(lambda tx: advance(tx, told.id, "mine", done, is_over=True))
        found = told.only()
        assert (found["status"], found["attempt"]) == ("pending", 1)
        server.answer = OK
        hooks.catch_up()
    assert told.only()["status"] == "delivered"
    assert len({(each.id, each.body) for each in server.requests}) == 1
    assert len(server.requests) == 2


def taken(hooks: Hooks, told: Endpoint) -> Load:
    """A delivery of the endpoint's for a new item, with its lane held by ``mine``; nothing has been sent."""
    assert hooks.database.write(lambda tx: enter(tx, told.id, "mine"))
    told.owner.new_feedback()
    settle(hooks.database)
    load = hooks.database.write(lambda tx: advance(tx, told.id, "mine", None, is_over=False))
    assert load is not None
    return load


def test_what_a_clock_ahead_put_off_is_sent_when_it_is_right_again(hooks: Hooks, clock: Clock) -> None:
    caller = hooks.tenant()
    with receiver(answering(500)) as server:
        told = endpoint(caller, server.url)
        clock.advance(days=300)
        caller.new_feedback()
        hooks.catch_up()
        clock.advance(days=-300)
        server.answer = OK
        finish(hooks.database, "webhooks.sweep")
        hooks.catch_up()
    assert told.only()["status"] == "delivered"


def test_an_hour_that_the_clock_was_ahead_holds_nobody_up(hooks: Hooks, clock: Clock) -> None:
    """``userhero jobs run --now`` looks ahead: what it leaves behind must not stop those who live now."""
    caller = hooks.tenant()
    with receiver(answering(429, Retry_After="300")) as server:
        told = endpoint(caller, server.url)
        clock.advance(days=1)
        caller.new_feedback("ahead")
        hooks.catch_up()
        clock.advance(days=-1)
        server.answer = OK
        caller.new_feedback("now")
        hooks.catch_up()
    assert [each.json["data"]["message"] for each in server.requests] == ["ahead", "now"]
    assert {each["status"] for each in told.deliveries()} == {"pending", "delivered"}


@pytest.mark.case("WHO-10")
@pytest.mark.parametrize("hanging", [1, 9])
def test_who_hangs_holds_up_nobody_else(hooks: Hooks, engine: Engine, hanging: int) -> None:
    """WHO-10: with a thousand events for one that never answers, and with more of them than there are threads."""
    stuck, caller = hooks.tenant(), hooks.tenant()
    arrivals: dict[str, float] = {}
    arrived = threading.Semaphore(0)

    def answer(received: Received) -> bytes:
        if received.json["event"] == "feedback.created":
            arrivals[received.subject] = time.monotonic()
            arrived.release()
        return OK

    def delay() -> float:
        started = time.monotonic()
        item = caller.new_feedback()
        assert arrived.acquire(timeout=PATIENCE)
        return arrivals[item["id"]] - started

    with working(hooks, engine), ExitStack() as stack:
        server = stack.enter_context(receiver(answer))
        endpoint(caller, server.url)
        caller.new_feedback("so that it is known to be quick")
        hooks.catch_up()
        assert arrived.acquire(timeout=PATIENCE)
        hung = [stack.enter_context(web_server(silent)) for _ in range(hanging)]
        for each in hung:
            endpoint(stuck, each.url())
        submit_many(hooks, stuck, 1000 if hanging == 1 else 20)
        delays = [delay() for _ in range(20)]
        assert sum(each.connections for each in hung) > 0
    assert sorted(delays)[18] < 5, delays


@contextmanager
def working(hooks: Hooks, engine: Engine) -> Iterator[None]:
    """Inside, somebody works in the background; on SQLite the application does."""
    if engine == "sqlite":
        yield
        return
    runner = Runner(hooks.database, job_table())
    runner.start()
    try:
        yield
    finally:
        runner.stop()


def test_a_lane_leaves_no_jobs_behind(hooks: Hooks) -> None:
    caller = hooks.tenant()
    hooks.forget_jobs(DELIVER)
    with receiver() as server:
        endpoint(caller, server.url)
        caller.new_feedback()
        hooks.catch_up()
    assert [job for job in hooks.database.read(list_jobs) if job.kind == DELIVER] == []
