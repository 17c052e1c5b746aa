"""What a measurement says: sides, repetitions, medians, and whether a target was met."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

T = TypeVar("T")
Better = Literal["more", "less"]


@dataclass(frozen=True)
class Sample:
    """One repetition of one side: its figure, and latencies in milliseconds where requests were counted."""

    value: float
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None


@dataclass(frozen=True)
class Side:
    """Everything measured of one thing. ``unit`` is that of its values, such as ``/s``."""

    label: str
    unit: str
    samples: Sequence[Sample]

    @property
    def median(self) -> float:
        """The median of the repetitions."""
        return statistics.median(sample.value for sample in self.samples)

    def latency(self, name: Literal["p50", "p95", "p99"]) -> float | None:
        """The median over the repetitions of one percentile, in milliseconds; None where there are no latencies."""
        known = [value for sample in self.samples if (value := getattr(sample, name)) is not None]
        return statistics.median(known) if known else None


@dataclass(frozen=True)
class Part:
    """One value with its target. ``unit`` is empty for a ratio."""

    name: str
    value: float
    target: float
    sides: Sequence[Side]
    better: Better = "more"
    unit: str = ""

    @property
    def met(self) -> bool:
        """Whether the value reaches the target."""
        return self.share >= 1

    @property
    def share(self) -> float:
        """How far the value is, as a share of the target: 1 and more is there, whichever way is better."""
        if self.better == "more":
            return self.value / self.target
        return self.target / self.value if self.value > 0 else float("inf")


@dataclass(frozen=True)
class Result:
    """One line of the list of targets. ``missing`` says why nothing was measured; ``note`` is for the reader."""

    name: str
    title: str
    parts: Sequence[Part] = field(default_factory=tuple)
    note: str = ""
    missing: str = ""

    @property
    def met(self) -> bool | None:
        """Whether all targets were met; None where nothing was measured."""
        return all(part.met for part in self.parts) if self.parts else None

    @property
    def weakest(self) -> Part | None:
        """The part that is furthest from its target; None where nothing was measured."""
        return min(self.parts, key=lambda part: part.share, default=None)


def interleaved(repetitions: int, *measures: Callable[[], T]) -> list[list[T]]:
    """Run all measures in turn, ``repetitions`` times; returns the values of each.

    What else the machine does meanwhile falls on all of them alike.
    """
    rounds = [[measure() for measure in measures] for _ in range(repetitions)]
    return [list(values) for values in zip(*rounds, strict=True)]


def ratio(ours: Side, theirs: Side) -> float:
    """The median of the ratios of neighbours: a slow minute of the machine slows both and cancels out."""
    pairs = zip(ours.samples, theirs.samples, strict=True)
    return statistics.median(mine.value / other.value for mine, other in pairs)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that ``percent`` % of the values do not exceed. Raises ValueError where there are none."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(0, int(rank) - 1)]
