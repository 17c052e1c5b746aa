"""At most 100 requests of a key in any 60 seconds, exactly."""

import re
import threading
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.client import Client, Response
from tests.support.clock import Clock, frozen
from tests.support.examples import examples
from tests.support.live import LiveServer
from tests.support.problems import check_problem, unchanged
from tests.support.tenants import Tenant, Tenants
from userhero.kernel.db import Database

LIMIT, WINDOW = 100, 60


@pytest.fixture
def caller(tenant: Tenants, limited_client: Client, clock: Clock) -> Tenant:
    """A fresh key, while the clock stands still."""
    return tenant(client=limited_client)


def use(caller: Tenant, times: int) -> list[Response]:
    return [caller.get("/workspaces") for _ in range(times)]


def statuses(answers: list[Response]) -> set[int]:
    return {answer.status for answer in answers}


@pytest.mark.case("RL-01", "RL-02")
def test_the_101st_is_refused(caller: Tenant, clock: Clock) -> None:
    for number, answer in enumerate(use(caller, LIMIT), 1):
        assert answer.status == 200
        assert answer.number("x-ratelimit-limit") == LIMIT
        assert answer.number("x-ratelimit-remaining") == LIMIT - number
        assert answer.number("x-ratelimit-reset") == clock.seconds + WINDOW
    refused = caller.get("/workspaces")
    check_problem(refused, "rate_limited")
    assert refused.number("x-ratelimit-remaining") == 0
    assert refused.number("x-ratelimit-reset") == clock.seconds + WINDOW
    assert WINDOW <= refused.number("retry-after") <= WINDOW + 1


@pytest.mark.case("RL-18")
def test_the_ietf_fields_agree_with_the_others(caller: Tenant, clock: Clock) -> None:
    for answer in use(caller, LIMIT + 1):
        assert answer.header("ratelimit-policy") == f'"default";q={LIMIT};w={WINDOW}'
        found = re.fullmatch(r'"default";r=(\d+);t=(\d+)', answer.header("ratelimit") or "")
        assert found, answer
        assert int(found[1]) == answer.number("x-ratelimit-remaining")
        assert int(found[2]) == answer.number("x-ratelimit-reset") - clock.seconds
        clock.advance(0.25)
        clock.seconds = float(int(clock.seconds))


@pytest.mark.case("RL-05", "RL-02")
def test_reset_is_when_remaining_next_grows(caller: Tenant, clock: Clock) -> None:
    start = clock.seconds
    use(caller, 40)
    clock.advance(10.5)
    use(caller, 60)
    refused = caller.get("/workspaces")
    assert refused.number("x-ratelimit-reset") == start + WINDOW
    clock.seconds = start + WINDOW - 0.001
    check_problem(caller.get("/workspaces"), "rate_limited")
    clock.seconds = start + WINDOW
    assert [answer.number("x-ratelimit-remaining") for answer in use(caller, 40)] == list(range(39, -1, -1))
    refused = caller.get("/workspaces")
    check_problem(refused, "rate_limited")
    assert refused.number("x-ratelimit-reset") == start + 10 + WINDOW + 1, "half a second is rounded up, never down"
    clock.advance(refused.number("retry-after"))
    assert caller.get("/workspaces").status == 200, "who waits as told is let in"


@pytest.mark.case("RL-04")
def test_a_window_has_no_edge(caller: Tenant, clock: Clock) -> None:
    """100 just before a minute turns and 100 just after are 200 in two seconds."""
    clock.seconds = clock.seconds // 60 * 60 + 59
    assert statuses(use(caller, LIMIT)) == {200}
    clock.advance(2)
    assert statuses(use(caller, LIMIT)) == {429}


@pytest.mark.case("RL-06")
def test_refused_requests_do_not_push_the_reset_out(caller: Tenant, clock: Clock) -> None:
    first = use(caller, LIMIT)[0].number("x-ratelimit-reset")
    for _ in range(59):
        clock.advance(1)
        refused = caller.get("/workspaces")
        check_problem(refused, "rate_limited")
        assert refused.number("x-ratelimit-reset") == first
    clock.advance(1)
    assert statuses(use(caller, LIMIT)) == {200}


@pytest.mark.case("RL-07")
def test_each_key_has_its_own_quota(caller: Tenant, tenant: Tenants) -> None:
    second = tenant.with_key(caller)
    assert statuses(use(caller, LIMIT + 1)) == {200, 429}
    assert second.get("/workspaces").number("x-ratelimit-remaining") == LIMIT - 1


def test_everything_with_a_good_key_counts(caller: Tenant, tenant: Tenants) -> None:
    """Whatever its outcome; what comes without a good key counts for nobody."""
    key = tenant.with_key(caller, scopes=frozenset({"projects:read"}))
    outcomes = [
        key.get("/projects"),
        key.get("/projects", page="x"),
        key.get("/projects/proj_none"),
        key.get("/nothing"),
        key.request("PUT", "/projects"),
        key.get("/feedback"),
        key.request("POST", "/feedback", body=b"{"),
    ]
    assert [answer.status for answer in outcomes] == [200, 400, 404, 404, 405, 403, 403]
    assert [answer.number("x-ratelimit-remaining") for answer in outcomes] == list(range(99, 92, -1))
    wrong = [("authorization", f"Bearer {key.api_key}x")]
    check_problem(key.client.request("GET", "/api/v1/projects", headers=wrong), "unauthorized")
    assert key.get("/projects").number("x-ratelimit-remaining") == 92


@pytest.mark.case("RL-08")
def test_a_spent_key_gets_429_before_anything_else(caller: Tenant, database: Database) -> None:
    use(caller, LIMIT)
    with unchanged(database, caller):
        for answer in (
            caller.get("/nothing"),
            caller.request("PUT", "/feedback"),
            caller.request("POST", "/feedback", body=b"{"),
            caller.get("/feedback/fb_none"),
            caller.post("/feedback", {"projectId": caller.project_id, "message": "x"}),
            caller.post("/feedback", headers=[("idempotency-key", "")]),
            caller.delete(f"/projects/{caller.project_id}"),
        ):
            check_problem(answer, "rate_limited")
            assert answer.number("retry-after") > 0


def test_101_at_the_same_time(caller: Tenant, limited_client: Client) -> None:
    calls = [limited_client.prepared("GET", "/api/v1/workspaces", headers=[caller.authorization]) for _ in range(101)]
    answers = limited_client.together(calls)
    assert sorted(answer.status for answer in answers) == [200] * LIMIT + [429]
    remaining = sorted(answer.number("x-ratelimit-remaining") for answer in answers)
    assert remaining == [0, *range(LIMIT)], "each request took one, nobody the same"


@pytest.mark.case("RL-13")
def test_a_clock_that_steps_back_locks_nobody_out(caller: Tenant, clock: Clock) -> None:
    use(caller, LIMIT)
    clock.advance(hours=-1)
    allowed = use(caller, LIMIT + 1)
    assert [answer.status for answer in allowed] == [200] * LIMIT + [429]
    clock.advance(WINDOW)
    assert statuses(use(caller, LIMIT)) == {200}


steps = st.lists(st.tuples(st.floats(0, 90), st.integers(20, 60)), min_size=3, max_size=8)


@pytest.mark.case("RL-04")
@given(steps=steps)
@examples(10)
def test_never_more_than_100_in_any_60_seconds(
    tenant: Tenants, limited_client: Client, steps: list[tuple[float, int]]
) -> None:
    """Compared with a log of what was accepted, request by request."""
    with frozen() as clock:
        caller = tenant(client=limited_client)
        accepted: deque[float] = deque()
        for pause, times in steps:
            clock.advance(pause)
            for _ in range(times):
                while accepted and accepted[0] <= clock.seconds - WINDOW:
                    accepted.popleft()
                answer = caller.get("/workspaces")
                assert answer.status == (200 if len(accepted) < LIMIT else 429)
                if answer.status == 200:
                    accepted.append(clock.seconds)
                assert answer.number("x-ratelimit-remaining") == LIMIT - len(accepted)


def test_a_running_server_counts_across_connections(live_server: LiveServer) -> None:
    """The limit as users meet it: 110 requests from ten threads, 100 of them answered."""
    caller = live_server.tenant()
    found: list[int] = []

    def ask() -> None:
        found.extend(caller.get("/workspaces").status for _ in range(11))

    threads = [threading.Thread(target=ask) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [200] * LIMIT + [429] * 10
