"""Headline figures: a test measures one at full size with ``--long``, and briefly in the suite."""

from collections.abc import Callable

import pytest

Measured = Callable[..., None]


@pytest.fixture
def long(pytestconfig: pytest.Config) -> bool:
    """Whether the run is one for the headline figures (``make trust``), which may take minutes for each."""
    return bool(pytestconfig.getoption("--long"))


@pytest.fixture
def measured(record_property: Callable[[str, object], None]) -> Measured:
    """``measured(attempts=…, found="…")`` is called at the end: how often it was tried, and what came of it."""

    def note(*, attempts: int, found: str) -> None:
        record_property("attempts", attempts)
        record_property("found", found)

    return note
