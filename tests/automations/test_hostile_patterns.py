"""ABU-01, H18: patterns that take other engines for ever are plain text here, and cost as little as any other."""

import time
from random import Random

import pytest

from tests.automations.macros import condition
from tests.support.measuring import Measured
from tests.support.tenants import Tenants
from userhero.automations.conditions import matches, read_conditions

PIECES = [
    "a",
    "(a+)+",
    "(a|aa)+",
    "(a|a?)+",
    r"(\w+\s?)*",
    "(.*a){20}",
    "a{1,9999}",
    r"(a)\1",
    "(?=(a+))",
    "[a-z]*",
    "%",
    "_",
]
SECONDS, LENGTH = 0.05, 2_000


def patterns(count: int) -> list[str]:
    """Nested, repeated and looking back, each another; the last piece makes them fail late."""
    chance, found = Random(18), dict[str, None]()
    while len(found) < count:
        inner = "".join(chance.choices(PIECES, k=chance.randint(1, 6)))
        found[f"^({inner}){chance.choice(['+', '*', '{2,}', ''])}$"] = None
    return list(found)


@pytest.mark.case("ABU-01")
@pytest.mark.figure(no="H18")
@pytest.mark.parametrize("operator", ["contains", "equals", "starts_with"])
def test_each_is_evaluated_at_once(operator: str, long: bool, measured: Measured) -> None:
    slowest, asked = 0.0, patterns(100 if long else 20)
    for pattern in asked:
        tree = read_conditions(condition("message", operator, pattern))
        for message in ("a" * (LENGTH - 1) + "!", (pattern * LENGTH)[:LENGTH], "b" * (LENGTH - len(pattern)) + pattern):
            began = time.perf_counter()
            found = matches(tree, {"message": message}, "2026-01-01T00:00:00.000Z")
            slowest = max(slowest, time.perf_counter() - began)
            held = {"contains": pattern in message, "equals": pattern == message}
            assert found is held.get(operator, message.startswith(pattern)), pattern
    assert slowest < SECONDS
    measured(attempts=len(asked), found=f"{len(asked)} conditions take {slowest * 1_000:.1f} ms at the most")


@pytest.mark.case("JSON-10")
@pytest.mark.figure(no="H18")
def test_a_search_for_each_is_answered(tenant: Tenants, long: bool, measured: Measured) -> None:
    caller, asked = tenant(), patterns(100 if long else 10)
    for number in range(5):
        caller.new_feedback("a" * (LENGTH - 1) + f"{number}")
    began = time.perf_counter()
    for pattern in asked:
        assert caller.get("/feedback", search=pattern).status == 200
    took = (time.perf_counter() - began) / len(asked)
    assert took < 1
    measured(attempts=len(asked), found=f"{len(asked)} searches take {took * 1_000:.0f} ms each, with their answers")
