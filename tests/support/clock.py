"""The product's clock in the hands of a test."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from userhero.kernel import clock as product_clock


class Clock:
    """Stands still until it is moved. Times are Unix seconds."""

    def __init__(self, start: float) -> None:
        self.seconds = start

    def __call__(self) -> float:
        """What the product reads."""
        return self.seconds

    def now(self) -> str:
        """The time as the product writes it."""
        return product_clock.iso(self.seconds)

    def set(self, text: str) -> None:
        """Move to a time given in ISO 8601."""
        self.seconds = product_clock.unix(product_clock.parse(text))

    def advance(self, seconds: float = 0, *, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        """Move on; negative amounts move back."""
        self.seconds += seconds + 60 * (minutes + 60 * (hours + 24 * days))


@contextmanager
def frozen() -> Iterator[Clock]:
    """The product's clock, stopped at a whole second near the real time; inside, it goes only where it is moved."""
    stopped = Clock(float(int(product_clock.seconds())))
    before = product_clock.use(stopped)
    try:
        yield stopped
    finally:
        product_clock.use(before)


@pytest.fixture
def clock() -> Iterator[Clock]:
    """The product's clock in the test's hands; it runs again afterwards."""
    with frozen() as stopped:
        yield stopped
