"""What the comparison leaves behind: ``versus.md`` for people, ``versus.json`` for programs."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from benchmarks.figures import Side

LINES = {
    "list": "List the 20 newest open items",
    "again": "The same list asked again within a second",
    "item": "One item with its messages",
    "search": "Search for a rare word through the REST API",
    "page": "Search for a rare word as its own pages do",
    "create": "Create an item",
}
NAMES = ("userhero", "Roundup", "django-helpdesk")


class Line(NamedTuple):
    """One work: who did it how often, what each was asked, how many bytes it answered, and who did it one at a time."""

    name: str
    sides: Sequence[Side]
    asked: Mapping[str, str]
    bytes: Mapping[str, int]
    alone: Collection[str]


class Size(NamedTuple):
    """All lines with so many items. Memory is in MiB, before and after the load."""

    items: int
    lines: Sequence[Line]
    idle: Mapping[str, float]
    loaded: Mapping[str, float]
    versions: Mapping[str, str]


class Report(NamedTuple):
    """What was measured, where, with which releases, on which day (ISO 8601)."""

    sizes: Sequence[Size]
    machine: Mapping[str, str]
    versions: Mapping[str, str]
    repetitions: int
    seconds: int
    day: str


def write(report: Report, folder: Path) -> None:
    """Write both files into an existing folder."""
    data = msgspec.json.format(msgspec.json.encode(as_data(report)), indent=2)
    (folder / "versus.json").write_bytes(data + b"\n")
    (folder / "versus.md").write_text(as_text(report), "utf-8")


def as_data(report: Report) -> dict[str, Any]:
    """Everything that was measured, by number of items."""
    sizes = {str(size.items): _as_data(size) for size in report.sizes}
    return {"day": report.day, "machine": report.machine, "versions": report.versions, "items": sizes}


def as_text(report: Report) -> str:
    """The report in Markdown."""
    lines = [
        "# Side by side",
        "",
        f"Measured on {report.day}: medians of up to {report.repetitions} repetitions of {report.seconds} s each, in "
        "turns. How, on which terms, and where the work is not the same: [docs/versus.md](../docs/versus.md), without "
        "which these figures say little.",
        "",
        "| | |",
        "|---|---|",
        *(f"| {name} | {value} |" for name, value in {**report.machine, **report.versions}.items()),
    ]
    for size in report.sizes:
        lines += ["", f"## {size.items:,} items", "", *_table(size), "", *_details(size)]
    return "\n".join([*lines, ""])


def _table(size: Size) -> list[str]:
    lines = [f"| Times a second | {' | '.join(NAMES)} |", "|---|---|---|---|"]
    for line in size.lines:
        shown = {side.label: f"{number(side.median)} /s{_how(line, side)}" for side in line.sides}
        lines.append(f"| {LINES[line.name]} | {' | '.join(shown.get(name, '') for name in NAMES)} |")
    for title, memory in (("Memory when idle", size.idle), ("Memory after the load", size.loaded)):
        lines.append(f"| {title} | {' | '.join(f'{number(memory[name])} MiB' for name in NAMES)} |")
    return lines


def _how(line: Line, side: Side) -> str:
    return ", one at a time" if side.label in line.alone else ""


def _details(size: Size) -> list[str]:
    lines = [
        "| Work | Who | Asked | Answer | Lowest | Highest | p50 ms | p99 ms |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for line in size.lines:
        for side in line.sides:
            values = [sample.value for sample in side.samples]
            latencies = [side.latency(name) for name in ("p50", "p99")]
            numbers = [f"{number(value)} /s" for value in (min(values), max(values))]
            numbers += ["" if value is None else number(value) for value in latencies]
            about = f"{line.name} | {side.label} | {line.asked[side.label]} | {line.bytes[side.label]:,} bytes"
            lines.append(f"| {about} | {' | '.join(numbers)} |")
    return lines


def _as_data(size: Size) -> dict[str, Any]:
    lines = {line.name: {side.label: _numbers(line, side) for side in line.sides} for line in size.lines}
    memory = {name: {"idle": _rounded(size.idle[name]), "loaded": _rounded(size.loaded[name])} for name in size.idle}
    return {"work": lines, "memory": memory}


def _numbers(line: Line, side: Side) -> dict[str, Any]:
    latencies = {name: value for name in ("p50", "p99") if (value := side.latency(name)) is not None}
    rounded = {name: _rounded(value) for name, value in {"median": side.median, **latencies}.items()}
    values = [_rounded(sample.value) for sample in side.samples]
    return {
        **rounded,
        "values": values,
        "bytes": line.bytes[side.label],
        "asked": line.asked[side.label],
        "alone": side.label in line.alone,
    }


def number(value: float) -> str:
    """A figure with as many digits as it deserves."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
