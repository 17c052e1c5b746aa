"""Answers that are remembered are those that would be worked out anew, and count like them."""

import pytest

from tests.support.clock import Clock
from tests.support.problems import check_problem
from tests.support.tenants import Tenant, Tenants
from userhero.kernel.actor import Actor
from userhero.kernel.db import Database
from userhero.kernel.http import recent
from userhero.kernel.http.answers import Answer
from userhero.kernel.http.limits import MemoryLimiter
from userhero.kernel.http.recent import Recent
from userhero.kernel.http.request import Request
from userhero.workspaces import revoke_key, set_workspace

SOMEBODY = Actor("user_1", "A", "a@example.com", "key_1", frozenset(), "key")


def asking(query: str, *credentials: str) -> Request:
    headers = [(b"authorization", each.encode()) for each in credentials]
    return Request({"method": "GET", "path": "/api/v1/feedback", "query_string": query.encode(), "headers": headers})


class Memory:
    """A memory whose data changes when a test says so."""

    def __init__(self) -> None:
        self.state = 0
        self.recent = Recent(lambda: self.state, MemoryLimiter(10).count)

    def keep(self, request: Request, body: bytes = b"{}") -> None:
        """Ask, have it worked out, and ask again, after which it is remembered."""
        asked = self.recent.asked(request) or self.recent.asked(request)
        assert asked is not None
        self.recent.find(asked)
        self.recent.keep(asked, SOMEBODY, Answer(200, body))

    def find(self, request: Request) -> bytes | None:
        asked = self.recent.asked(request)
        found = None if asked is None else self.recent.find(asked)
        return None if found is None else found.answer.body


def test_the_same_question_is_answered_until_something_changes(clock: Clock) -> None:
    memory = Memory()
    memory.keep(asking("a=1", "Bearer x"), b"1")
    memory.keep(asking("a=2", "Bearer x"), b"2")
    assert [memory.find(asking(f"a={n}", "Bearer x")) for n in (1, 2, 3)] == [b"1", b"2", None]
    memory.state += 1
    assert memory.find(asking("a=1", "Bearer x")) is None


def test_what_is_asked_once_is_not_kept(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "_QUESTIONS", 2)
    asked = Memory().recent.asked
    one, two, three = (asking(f"a={number}", "Bearer x") for number in (1, 2, 3))
    assert [asked(each) is None for each in (one, two, one, two)] == [True, True, False, False]
    # Room for two: with the third, nobody knows any more what was asked before.
    assert [asked(each) is None for each in (three, one, two, one)] == [True, True, True, True]


@pytest.mark.case("TEN-19")
def test_nobody_gets_what_somebody_else_asked_for(clock: Clock) -> None:
    memory = Memory()
    memory.keep(asking("a=1", "Bearer x"))
    for others in (["Bearer y"], ["Bearer x", "Bearer x"], []):
        assert memory.find(asking("a=1", *others)) is None


def test_an_answer_lasts_a_second(clock: Clock) -> None:
    memory = Memory()
    memory.keep(asking("", "Bearer x"))
    clock.advance(0.9)
    assert memory.find(asking("", "Bearer x")) is not None
    clock.advance(0.2)
    assert memory.find(asking("", "Bearer x")) is None
    clock.advance(-3600)
    assert memory.find(asking("", "Bearer x")) is None


def test_what_was_worked_out_before_a_change_is_not_kept_as_if_it_were_after(clock: Clock) -> None:
    memory = Memory()
    memory.keep(asking("", "Bearer x"))
    before = memory.recent.asked(asking("", "Bearer x"))
    assert before is not None
    memory.state += 1
    assert memory.find(asking("", "Bearer x")) is None
    memory.recent.keep(before, SOMEBODY, Answer(200, b"old"))
    assert memory.find(asking("", "Bearer x")) is None


def test_memory_has_an_end(clock: Clock) -> None:
    memory = Memory()
    body = b"x" * (recent.MAX_BYTES // 4)
    for number in range(50):
        memory.keep(asking(f"a={number}", "Bearer x"), body)
    kept = [number for number in range(50) if memory.find(asking(f"a={number}", "Bearer x"))]
    assert kept
    assert len(kept) <= 4
    memory.keep(asking("big", "Bearer x"), b"x" * (recent.MAX_BYTES + 1))
    assert memory.find(asking("big", "Bearer x")) is None


def test_short_answers_take_room_too(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "MAX_BYTES", 20_000)
    memory = Memory()
    for number in range(100):
        memory.keep(asking(f"a={number}", "Bearer x"))
    assert 0 < sum(memory.find(asking(f"a={number}", "Bearer x")) is not None for number in range(100)) < 20


def test_over_http_it_can_not_be_told_from_an_answer_worked_out_anew(tenant: Tenants) -> None:
    caller = tenant()
    item = caller.new_feedback(message="First")
    path = f"/feedback/{item['id']}"
    first, _, second = (caller.get(path) for _ in range(3))
    assert second.body == first.body
    assert second.header("etag") == first.header("etag")
    assert second.header("x-request-id") != first.header("x-request-id")
    assert second.number("x-ratelimit-remaining") == first.number("x-ratelimit-remaining") - 2
    assert caller.get(path, headers=[("if-none-match", first.header("etag") or "")]).status == 304
    caller.patch(path, {"message": "Second"})
    assert caller.get(path).data["message"] == "Second"


@pytest.mark.case("TEN-19")
def test_who_loses_the_right_loses_the_memory(tenant: Tenants, database: Database) -> None:
    for take_away, code in ((_revoke, "unauthorized"), (_switch_off, "forbidden")):
        caller = tenant()
        caller.new_feedback()
        assert [caller.count("/feedback") for _ in range(3)] == [1, 1, 1]
        take_away(caller, database)
        check_problem(caller.get("/feedback"), code)


def _revoke(caller: Tenant, database: Database) -> None:
    database.write(lambda tx: revoke_key(tx, caller.key_id))


def _switch_off(caller: Tenant, database: Database) -> None:
    database.write(lambda tx: set_workspace(tx, caller.workspace_id, api_access=False))
