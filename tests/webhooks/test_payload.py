"""Bodies stay under 20 kB whatever an event holds, and say what is not whole."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.examples import examples
from userhero.webhooks.payload import MAX_BODY, body_of

NOW = "2026-11-23T00:00:00.000Z"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
# Multiplied, a few drawn characters become a long text.
LONG = st.builds(lambda text, times: text * times, TEXT, st.sampled_from([1, 1, 10, 500]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False) | LONG,
    lambda below: (
        st.lists(below, max_size=5).map(lambda entries: entries * 3) | st.dictionaries(LONG, below, max_size=5)
    ),
    max_leaves=12,
)


def body(data: dict[str, Any]) -> Any:
    text = body_of("feedback.created", NOW, msgspec.json.encode(data).decode())
    assert len(text.encode()) < MAX_BODY
    found = json.loads(text)
    assert (found["event"], found["timestamp"], list(found)) == (
        "feedback.created", NOW, ["event", "timestamp", "data"]
    )  # fmt: skip
    return found["data"]


@pytest.mark.case("WHO-18")
@given(st.dictionaries(TEXT, VALUES, max_size=8))
@examples(150)
def test_any_event_fits(data: dict[str, Any]) -> None:
    found = body({"id": "fb_1", **data, "createdAt": NOW})
    assert (found["id"], found["createdAt"]) == ("fb_1", NOW)
    if "cut" not in data:
        whole = {name for name in found if name not in found.get("cut", [])} - {"cut"}
        assert all(found[name] == {"id": "fb_1", "createdAt": NOW, **data}[name] for name in whole)


def test_what_fits_is_sent_as_it_is() -> None:
    data = {"id": "fb_1", "message": "é" * 5000, "rating": 4.5, "context": {"a": [1, None, True]}}
    assert body(data) == data


def test_the_longest_is_cut_first() -> None:
    data = {"id": "fb_1", "message": "m" * 5000, "context": {"page": "/x", "log": "l" * 15_500}, "metadata": {"n": 1}}
    found = body(data)
    assert found["cut"] == ["context"]
    assert {name: found[name] for name in ("id", "message", "metadata")} == {
        name: data[name] for name in ("id", "message", "metadata")
    }
    assert found["context"]["page"] == "/x"
    assert found["context"]["log"].endswith("l…")
    assert len(found["context"]["log"]) > 14_000, "no more than has to"


def test_many_small_entries_are_left_out_from_the_end() -> None:
    found = body({"id": "fb_1", "context": {"log": [f"line {number:05}" for number in range(5000)]}})
    log = found["context"]["log"]
    assert log == [f"line {number:05}" for number in range(len(log))]
    assert len(log) > 1000


def test_escapes_count() -> None:
    """A control character takes six bytes."""
    found = body({"message": "\x01" * 5000, "other": '"' * 5000})
    assert found["cut"] == ["message", "other"] or found["cut"] == ["message"]
