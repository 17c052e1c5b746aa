"""Ids come in the order in which they are made, however many at once, and never twice."""

import uuid
from concurrent.futures import ThreadPoolExecutor

from tests.support.clock import Clock
from userhero.kernel import ids


def test_of_one_millisecond_they_grow(clock: Clock) -> None:
    made = [ids.new("fb") for _ in range(20_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    clock.advance(0.001)
    assert ids.new("fb") > made[-1]


def test_threads_share_the_order(clock: Clock) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = [each for part in pool.map(lambda _: [ids.new("fb") for _ in range(500)], range(8)) for each in part]
    assert len(set(made)) == len(made)
    assert ids.new("fb") > max(made)


def test_they_are_uuids_of_version_7(clock: Clock) -> None:
    for _ in range(1_000):
        made = uuid.UUID(ids.new_uuid())
        assert (made.version, made.variant) == (7, uuid.RFC_4122)
        assert made.int >> 80 == int(clock.seconds * 1000)


def test_a_clock_that_goes_back_makes_none_twice(clock: Clock) -> None:
    made = [ids.new("fb") for _ in range(100)]
    clock.advance(-60)
    made += [ids.new("fb") for _ in range(100)]
    clock.advance(60)
    made += [ids.new("fb") for _ in range(100)]
    assert len(set(made)) == len(made)
