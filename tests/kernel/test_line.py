"""Who is next where many wait for SQLite's writer: the background neither holds others up nor is forgotten."""

from concurrent.futures import Future

import pytest

from tests.support.clock import Clock
from userhero.kernel.db.line import Line, Waiting
from userhero.kernel.db.transaction import Transaction


def unit(name: str) -> Waiting:
    def work(tx: Transaction) -> str:
        del tx
        return name

    is_behind = name.startswith("behind")
    return Waiting(work, Future(), None, is_behind=is_behind)


@pytest.fixture
def moment() -> Clock:
    return Clock(1_000.0)


@pytest.fixture
def line(moment: Clock) -> Line:
    return Line(moment)


def put(line: Line, *names: str) -> None:
    for name in names:
        line.put(unit(name))


def group(line: Line) -> list[str]:
    return [waiting.unit(None) for waiting in line.next_group()]  # type: ignore[arg-type]


def test_nobody_else_waits(line: Line, moment: Clock) -> None:
    """Then the background goes on without a pause."""
    for _ in range(3):
        put(line, "behind")
        assert group(line) == ["behind"]
        moment.advance(10)


def test_others_go_first_after_a_turn(line: Line, moment: Clock) -> None:
    put(line, "behind 1", "one")
    assert group(line) == ["behind 1"]
    moment.advance(0.01)
    put(line, "behind 2", "two")
    assert group(line) == ["one", "two"]
    put(line, "three")
    moment.advance(0.14)
    assert group(line) == ["three"]
    put(line, "four")
    moment.advance(0.02)
    assert group(line) == ["behind 2"], "its turn has come, although others wait"
    assert group(line) == ["four"]


def test_no_pause_is_long(line: Line, moment: Clock) -> None:
    put(line, "behind 1", "one")
    assert group(line) == ["behind 1"]
    moment.advance(60)
    put(line, "behind 2")
    assert group(line) == ["one"]
    put(line, "two")
    moment.advance(0.26)
    assert group(line) == ["behind 2"]


def test_after_many_the_next_are_waited_for(line: Line, moment: Clock) -> None:
    """But only for moments: where none come the background has its turn."""
    put(line, "behind 1", *map(str, range(8)))
    assert group(line) == ["behind 1"]
    moment.advance(0.01)
    put(line, "behind 2")
    assert len(group(line)) == 8
    assert group(line) == ["behind 2"]


def test_groups_have_an_end(line: Line) -> None:
    put(line, *map(str, range(100)))
    assert [len(group(line)), len(group(line))] == [64, 36]


def test_whoever_is_in_line_is_done_before_it_ends(line: Line) -> None:
    put(line, "behind", "one")
    line.end()
    assert sorted([*group(line), *group(line)]) == ["behind", "one"]
    assert group(line) == group(line) == []


def test_a_unit_knows_whether_others_wait(line: Line) -> None:
    put(line, *map(str, range(65)))
    seen = [line.is_awaited]
    for _ in range(2):
        group(line)
        seen.append(line.is_awaited)
    put(line, "behind")
    assert [*seen, line.is_awaited] == [True, True, False, True]
