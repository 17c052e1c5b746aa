"""What a run leaves behind: ``results.md`` for people, ``results.json`` for programs, two charts."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from benchmarks.chart import Bar, Range, latencies, targets
from benchmarks.figures import Part, Result, Side

TARGETS, LATENCIES = "targets.svg", "latencies.svg"


class Run(NamedTuple):
    """What was measured, where, on how much data, on which day (ISO 8601)."""

    results: Sequence[Result]
    machine: Mapping[str, str]
    items: int
    repetitions: int
    seconds: int
    day: str


def write(run: Run, folder: Path) -> None:
    """Write the four files into an existing folder."""
    (folder / "results.json").write_bytes(msgspec.json.format(msgspec.json.encode(as_data(run)), indent=2) + b"\n")
    (folder / "results.md").write_text(as_text(run), "utf-8")
    measured = [(result, part) for result in run.results for part in result.parts]
    bars = [Bar(_label(result, part), part.share, _against(part)) for result, part in measured]
    (folder / TARGETS).write_text(targets(bars), "utf-8")
    ranges = [_range(result, side) for result, part in measured for side in part.sides]
    (folder / LATENCIES).write_text(latencies([each for each in ranges if each is not None]), "utf-8")


def as_data(run: Run) -> dict[str, Any]:
    """One member for each line of the list of targets, with the part that is furthest from its target on top."""
    return {result.name: _as_data(result) for result in run.results}


def as_text(run: Run) -> str:
    """The report in Markdown."""
    lines = [
        "# Benchmark results",
        "",
        f"Measured on {run.day} with {run.items:,} items: medians of {run.repetitions} interleaved repetitions of "
        f"{run.seconds} s each. What each line compares, and how, is in [docs/performance.md](../docs/performance.md).",
        "",
        "| | |",
        "|---|---|",
        *(f"| {name} | {value} |" for name, value in run.machine.items()),
        "",
        f"![How far each value is from its target]({TARGETS})",
        "",
        "| # | Work | Value | Target | Met |",
        "|---|---|---|---|---|",
    ]
    for result in run.results:
        lines += _summary(result)
    lines += ["", "## Both sides", "", f"![Latencies of both sides]({LATENCIES})", ""]
    lines += ["| # | Side | Median | Lowest | Highest | p50 ms | p99 ms |", "|---|---|---|---|---|---|---|"]
    for result in run.results:
        lines += [_side(result, side) for side in _sides(result)]
    notes = [
        f"- {result.name}: {result.note or result.missing}." for result in run.results if result.note or result.missing
    ]
    return "\n".join([*lines, *(["", "## Notes", "", *notes] if notes else []), ""])


def _sides(result: Result) -> list[Side]:
    """Each side once: parts may share one."""
    return list({id(side): side for part in result.parts for side in part.sides}.values())


def _as_data(result: Result) -> dict[str, Any]:
    weakest = result.weakest
    if weakest is None:
        return {"value": None, "target": None, "met": None, "missing": result.missing}
    return {
        "value": _rounded(weakest.value),
        "target": weakest.target,
        "met": result.met,
        "parts": {part.name: _part(part) for part in result.parts},
    }


def _part(part: Part) -> dict[str, Any]:
    sides = {side.label: _numbers(side) for side in part.sides}
    shown = {"value": _rounded(part.value), "target": part.target, "met": part.met, "better": part.better}
    return {**shown, "unit": part.unit or "ratio", "sides": sides}


def _numbers(side: Side) -> dict[str, Any]:
    numbers = {"median": side.median, "p50": side.latency("p50"), "p99": side.latency("p99")}
    known = {name: _rounded(value) for name, value in numbers.items() if value is not None}
    return {**known, "unit": side.unit, "values": [_rounded(sample.value) for sample in side.samples]}


def _summary(result: Result) -> list[str]:
    if not result.parts:
        return [f"| {result.name} | {result.title} | not measured | | |"]
    lines = []
    for number, part in enumerate(result.parts):
        title = result.title if number == 0 else ""
        name = f"{title} ({part.name})" if len(result.parts) > 1 else title
        met = "yes" if part.met else "no"
        lines.append(f"| {result.name} | {name.strip()} | {_value(part, part.value)} | {_target(part)} | {met} |")
    return lines


def _side(result: Result, side: Side) -> str:
    values = [sample.value for sample in side.samples]
    numbers = [f"{_number(value)} {side.unit}" for value in (side.median, min(values), max(values))]
    latency = ["" if (value := side.latency(name)) is None else _number(value) for name in ("p50", "p99")]
    return f"| {result.name} | {side.label} | {' | '.join([*numbers, *latency])} |"


def _range(result: Result, side: Side) -> Range | None:
    p50, p99 = side.latency("p50"), side.latency("p99")
    return None if p50 is None or p99 is None else Range(f"{result.name} {side.label}", p50, p99)


def _label(result: Result, part: Part) -> str:
    return f"{result.name} {part.name}" if len(result.parts) > 1 else result.name


def _against(part: Part) -> str:
    return f"{_value(part, part.value)} ({_target(part)})"


def _target(part: Part) -> str:
    return f"{'≥' if part.better == 'more' else '≤'} {_value(part, part.target)}"


def _value(part: Part, value: float) -> str:
    return f"{_number(value)} {part.unit}".strip() if part.unit else f"{value:.2f}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
