"""The benchmarks' arithmetic and their reports; nothing is measured here."""

import json
from pathlib import Path
from random import Random
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import pytest

from benchmarks import chart, figures, load, profiling, recording, report, texts
from benchmarks.figures import Part, Result, Sample, Side
from benchmarks.recording import Step
from userhero.feedback import NewFeedback


def side(label: str, *values: float, unit: str = "/s", p50: float | None = None, p99: float | None = None) -> Side:
    return Side(label, unit, [Sample(value, p50, p99, p99) for value in values])


def list_result() -> Result:
    ours, floor = side("product", 300, 330, 310, p50=3.1, p99=9), side("constant", 1000, 1000, 1000, p50=0.9, p99=2)
    return Result("P1", "The list", [Part("list", figures.ratio(ours, floor), 0.30, [ours, floor])])


def start_result() -> Result:
    empty, full = side("empty", 1.2, unit="s"), side("full", 1.8, unit="s")
    parts = [Part(each.label, each.median, 1.5, [each], better="less", unit="s") for each in (empty, full)]
    return Result("P10", "Start", parts)


def run_of(*results: Result) -> report.Run:
    return report.Run(results, {"Processor": "A & B"}, 1_000_000, 5, 2, "2026-11-22")


def test_a_ratio_is_the_median_of_neighbours() -> None:
    # Halfway the machine became twice as slow: a ratio of medians would say 1.0 or 0.25.
    assert figures.ratio(side("a", 100, 50, 50), side("b", 200, 100, 100)) == 0.5


def test_interleaving_takes_turns() -> None:
    turns: list[str] = []

    def take(name: str) -> int:
        turns.append(name)
        return len(turns)

    taken = figures.interleaved(3, lambda: take("a"), lambda: take("b"))
    assert turns == ["a", "b"] * 3
    assert taken == [[1, 3, 5], [2, 4, 6]]


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([7], 50, 7),
        ([7], 99, 7),
        ([3, 1, 2], 50, 2),
        (range(1, 101), 99, 99),
        (range(1, 101), 100, 100),
        ([1, 2], 0, 1),
    ],
)
def test_a_percentile_is_one_of_the_values(values: Any, percent: float, expected: float) -> None:
    assert figures.percentile(list(values), percent) == expected


def test_a_percentile_needs_values() -> None:
    with pytest.raises(ValueError, match="no values"):
        figures.percentile([], 50)


@pytest.mark.parametrize(
    ("value", "better", "met"),
    [(0.30, "more", True), (0.29, "more", False), (0.30, "less", True), (0.31, "less", False)],
)
def test_a_target_is_met_when_it_is_reached(value: float, better: Any, met: bool) -> None:
    assert Part("x", value, 0.30, [], better=better).met is met


def test_a_result_is_as_good_as_its_weakest_part() -> None:
    result = start_result()
    assert result.met is False
    assert result.weakest is not None
    assert result.weakest.name == "full"


def test_a_result_without_parts_is_neither_met_nor_missed() -> None:
    result = Result("P6", "Search", missing="there is none")
    assert (result.met, result.weakest) == (None, None)


def test_latencies_are_medians_of_the_repetitions() -> None:
    samples = [Sample(1, p50=3.0), Sample(1, p50=1.0), Sample(1, p50=2.0)]
    measured = Side("a", "/s", samples)
    assert measured.latency("p50") == 2.0
    assert measured.latency("p99") is None


def test_the_report_for_programs() -> None:
    data = report.as_data(run_of(list_result(), start_result(), Result("P6", "Search", missing="there is none")))
    assert data["P1"]["value"] == 0.31
    assert data["P1"]["target"] == 0.30
    assert data["P1"]["met"] is True
    assert data["P1"]["parts"]["list"]["sides"]["product"]["p99"] == 9
    assert data["P10"]["value"] == 1.8
    assert data["P10"]["met"] is False
    assert data["P6"] == {"value": None, "target": None, "met": None, "missing": "there is none"}


def test_the_report_for_people() -> None:
    text = report.as_text(run_of(list_result(), start_result(), Result("P6", "Search", missing="there is none")))
    assert "| P1 | The list | 0.31 | ≥ 0.30 | yes |" in text
    assert "| P10 | Start (empty) | 1.2 s | ≤ 1.5 s | yes |" in text
    assert "| P10 | (full) | 1.8 s | ≤ 1.5 s | no |" in text
    assert "| P6 | Search | not measured | | |" in text
    assert "| P1 | product | 310 /s | 300 /s | 330 /s | 3.1 | 9 |" in text
    assert "- P6: there is none." in text
    assert "| Processor | A & B |" in text


def test_a_run_leaves_four_files(tmp_path: Path) -> None:
    report.write(run_of(list_result(), start_result()), tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {
        "results.md", "results.json", "targets.svg", "latencies.svg",
    }  # fmt: skip
    assert json.loads((tmp_path / "results.json").read_text())["P1"]["met"] is True


@pytest.mark.parametrize(
    "drawing",
    [
        chart.targets([chart.Bar("P1 <list>", 3.0, "0.9 & more"), chart.Bar("P2", 0.5, "0.15")]),
        chart.latencies([chart.Range("P1", 0.4, 120.0), chart.Range("P2", 1.0, 1.0)]),
        chart.targets([]),
        chart.latencies([]),
    ],
)
def test_a_chart_is_sound_and_stays_inside(drawing: str) -> None:
    root = ET.fromstring(drawing)
    width = float(root.attrib["viewBox"].split()[2])
    boxes = [element.attrib for element in root if element.tag.endswith("rect")]
    assert all(float(box["width"]) >= 0 and float(box["x"]) + float(box["width"]) <= width for box in boxes)
    assert "prefers-color-scheme: dark" in drawing


def test_a_request_survives_the_way_into_lua() -> None:
    request = load.Request("/a?b=%20", {"X-Name": 'say "hi"'}, "POST", '{"a": "\\u00e9\n"}')
    text = load.script([request, request])
    assert text.count("requests[#requests + 1] = wrk.format") == 2
    assert r'["X-Name"] = "say \034hi\034"' in text
    assert r"{\034a\034: \034\092u00e9\010\034}" in text


def test_items_are_the_same_for_the_same_seed_and_fit_the_api() -> None:
    first, second = (texts.Writer(Random(3), "ws_1", "proj_1", 50) for _ in range(2))
    bodies = [first.body(rare=number == 5) for number in range(200)]
    assert bodies == [second.body(rare=number == 5) for number in range(200)]
    assert all(msgspec.convert(body, NewFeedback).workspace_id == "ws_1" for body in bodies)
    assert sum(texts.RARE in body["message"].lower() for body in bodies) == 1
    assert 30 < sum(texts.COMMON in body["message"].lower() for body in bodies) < 110


class Rows:
    """A connection that answers with the next number, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def execute(self, text: str, values: dict[str, Any]) -> "Rows":
        self.asked.append((text, dict(values)))
        return self

    def fetchone(self) -> tuple[int]:
        return (42,)

    def fetchall(self) -> list[Any]:
        return []


def test_a_replay_takes_the_ticket_number_that_is_next() -> None:
    rows = Rows()
    steps = [
        Step("SELECT 1 FROM members", {}),
        Step("SELECT 1 FROM customer_identifiers", {}),
        Step("INSERT INTO ticket_counters VALUES (1) RETURNING last_number", {}),
        Step("INSERT INTO feedback VALUES (:ticket_number) RETURNING concat(\n'a')", {"ticket_number": 7}),
    ]
    recording.replay(rows, recording.needed(steps))
    assert rows.asked == [
        ("SELECT 1 FROM customer_identifiers", {}),
        ("INSERT INTO ticket_counters VALUES (1) RETURNING last_number", {}),
        ("INSERT INTO feedback VALUES (:ticket_number)", {"ticket_number": 42}),
    ]


def test_samples_are_counted_by_function_without_those_that_wait() -> None:
    own, total = profiling.tallied(
        ["run (a.py:1);work (b.py:20) 3", "run (a.py:2);work (b.py:21);run (a.py:9) 2", "run (a.py:1);wait (c.py) 1"]
    )
    assert own == {"work (b.py)": 3, "run (a.py)": 2, "wait (c.py)": 1}
    assert total == {"run (a.py)": 6, "work (b.py)": 5, "wait (c.py)": 1}
    waiting = profiling.tallied(["run (a.py:1);Condition.wait (threading.py:320) 9"])
    assert waiting == ({}, {})
