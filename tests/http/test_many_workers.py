"""Several processes behind one port are one server."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.client import Response
from tests.support.databases import Engine
from tests.support.live import LiveServer
from tests.support.problems import check_problem

WORKERS = 3


@pytest.fixture(scope="module")
def only_postgresql(engine: Engine) -> None:
    if engine == "sqlite":
        pytest.skip("with SQLite one process does everything")


@pytest.fixture
def server(only_postgresql: None, serve: Callable[..., LiveServer]) -> LiveServer:
    return serve(options=["--workers", str(WORKERS)])


@pytest.mark.case("IDM-04")
def test_they_count_and_remember_together(server: LiveServer) -> None:
    """The limit of a key is exact across them, and a request is done once whichever of them it reaches."""
    caller = server.tenant()
    with ThreadPoolExecutor(20) as pool:

        def create(key: str) -> Response:
            body = {"projectId": caller.project_id, "message": key}
            return caller.post("/feedback", body, headers=[("idempotency-key", key)])

        rounds = [list(pool.map(create, [f"round {number}"] * 8)) for number in range(8)]
        for answers in rounds:
            done = [answer for answer in answers if answer.status == 201]
            assert len({answer.body for answer in done}) == 1
            assert [answer.header("idempotent-replayed") for answer in done].count(None) == 1
            for answer in answers:
                if answer not in done:
                    check_problem(answer, "conflict", naming="in progress")
        left = 100 - 8 * 8
        answers = list(pool.map(lambda _: caller.get("/workspaces"), range(left + 25)))
    assert sorted(answer.status for answer in answers) == [200] * left + [429] * 25
