"""Endpoints that may be slow leave threads to those that are known to be quick."""

from contextlib import ExitStack

import pytest

from userhero.webhooks.delivery_types import Lane, Pace
from userhero.webhooks.places import Places

SLOW, QUICK = 15_000, 20


def lane(host: str, pace: Pace | None = "quick") -> Lane:
    return Lane("whe_1", "ws_1", None, f"https://{host}/hook", True, b"", None, None, None, pace, None, None, False)


def taken(places: Places, wanted: Lane) -> int:
    """How many of eight at once have a place."""
    with ExitStack() as stack:
        return sum(stack.enter_context(places.take(wanted)) for _ in range(8))


@pytest.mark.parametrize(("pace", "expected"), [("quick", 8), ("slow", 3), (None, 3)])
def test_those_that_may_be_slow_take_three_places(pace: Pace | None, expected: int) -> None:
    places = Places()
    assert [taken(places, lane("a.example", pace)) for _ in range(2)] == [expected] * 2, "and give them back"


def test_a_host_that_hangs_for_one_is_doubted_for_all() -> None:
    """WHO-10: a thousand endpoints at one host, each of which was quick, don't each hold a thread up to find out."""
    places, hanging = Places(), lane("hang.example")
    places.note(hanging.url, SLOW)
    assert taken(places, hanging) == 3
    with ExitStack() as stack:
        for _ in range(8):
            stack.enter_context(places.take(hanging))
        assert taken(places, lane("other.example")) == 8
    places.note(hanging.url, QUICK)
    assert taken(places, hanging) == 8, "until it is quick again"


def test_no_more_hosts_are_remembered_than_a_thousand() -> None:
    places = Places()
    for number in range(1001):
        places.note(f"https://h{number}.example/", SLOW)
    assert [taken(places, lane(f"h{number}.example")) for number in (0, 1, 1000)] == [8, 3, 3]
