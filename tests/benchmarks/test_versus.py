"""The comparison's arithmetic and its report; none of the other products is needed."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec
import pytest

from benchmarks.figures import Sample, Side
from benchmarks.load import Request, spelled
from benchmarks.servers import Server
from benchmarks.versus import environments, items, report
from benchmarks.versus.contender import Work, is_enough, tried
from benchmarks.versus.report import Line, Report, Size


def size_of(count: int) -> Size:
    ours = Side("userhero", "/s", [Sample(1500, 4, 5, 9), Sample(1600, 3, 5, 8), Sample(1400, 5, 6, 12)])
    theirs = Side("django-helpdesk", "/s", [Sample(0.05, 20_000, 20_000, 20_000)])
    line = Line(
        "list",
        [ours, theirs],
        {"userhero": "`GET /a`", "django-helpdesk": "`GET /b`"},
        {"userhero": 24_000, "django-helpdesk": 31_000},
        {"django-helpdesk"},
    )
    memory = {"userhero": 99.5, "Roundup": 70, "django-helpdesk": 160}
    return Size(count, [line], memory, {name: value + 10 for name, value in memory.items()}, {"roundup": "2.6.0"})


def report_of(*counts: int) -> Report:
    return Report([size_of(count) for count in counts], {"Processor": "A"}, {"roundup": "2.6.0"}, 3, 2, "2026-11-23")


def test_the_report_for_people_has_a_table_for_each_size() -> None:
    text = report.as_text(report_of(1_000, 100_000))
    assert "## 1,000 items" in text
    assert "## 100,000 items" in text
    assert text.count("| List the 20 newest open items | 1,500 /s |  | 0.05 /s, one at a time |") == 2
    assert "| list | userhero | `GET /a` | 24,000 bytes | 1,400 /s | 1,600 /s | 4 | 9 |" in text
    assert "| Memory when idle | 99.5 MiB | 70 MiB | 160 MiB |" in text
    assert "| Memory after the load | 110 MiB | 80 MiB | 170 MiB |" in text
    assert "| roundup | 2.6.0 |" in text


def test_the_report_for_programs_has_every_value(tmp_path: Path) -> None:
    report.write(report_of(1_000), tmp_path)
    data = json.loads((tmp_path / "versus.json").read_text())
    assert data["versions"] == {"roundup": "2.6.0"}
    assert data["items"]["1000"]["work"]["list"]["userhero"] == {
        "median": 1500, "p50": 4, "p99": 9, "values": [1500, 1600, 1400], "bytes": 24_000, "asked": "`GET /a`",
        "alone": False,
    }  # fmt: skip
    assert data["items"]["1000"]["memory"]["Roundup"] == {"idle": 70, "loaded": 80}
    assert (tmp_path / "versus.md").read_text().startswith("# Side by side")


def test_a_question_asked_anew_is_the_same_question() -> None:
    found = {spelled("ws_01janmki65ejmb60nn3ik0a58u", number) for number in range(5_000)}
    assert len(found) == 5_000
    assert {unquote(each) for each in found} == {"ws_01janmki65ejmb60nn3ik0a58u"}
    assert spelled("ws_1", 0) == "ws_1"


def test_items_say_elsewhere_what_they_say_here() -> None:
    body: dict[str, Any] = {
        "message": "m" * 300, "context": {"page": "/login"}, "customMetadata": {"plan": "free"},
        "userEmail": "a@example.com", "priority": "high",
    }  # fmt: skip
    item = items.item_of(body)
    assert (item.title, item.email, item.priority, item.status) == ("m" * 200, "a@example.com", "high", "new")
    assert item.text == "m" * 300 + "\n\npage: /login\nplan: free"


def test_what_answers_are_checked_against(tmp_path: Path) -> None:
    rare = items.item_of({"message": "A Quokka."})
    late = items.item_of({"message": "x" * 250 + " quokka"})
    closed = msgspec.structs.replace(items.item_of({"message": "no"}), status="resolved")
    file = tmp_path / "items"
    file.write_bytes(b"\n".join(msgspec.json.encode(item) for item in (rare, closed, late)))
    totals = items.totals(file)
    assert (totals.open, totals.rare, totals.rare_titles, totals.newest) == (2, 2, 1, late)


@pytest.mark.parametrize(
    ("rates", "enough"),
    [
        ([], False),
        ([900, 950], False),
        ([900, 950, 910], True),
        ([0.1, 0.1], False),
        ([0.01], True),
        ([0.03, 0.03], True),
    ],
)
def test_slow_work_is_not_repeated_for_ever(rates: list[float], enough: bool) -> None:
    assert is_enough([Sample(rate) for rate in rates], 3) is enough


class Answers(Server):
    """A server that answers from memory."""

    def __init__(self, *answers: tuple[int, bytes]) -> None:
        self._answers = list(answers)

    def call(self, *request: Any, **options: Any) -> tuple[int, bytes]:
        return self._answers.pop(0)


def test_work_that_is_tried_is_checked_as_a_whole() -> None:
    seen: list[bytes] = []
    work = Work("two requests", [Request("/a", {}), Request("/b", {}), Request("/again", {})], seen.extend, each=2)
    assert tried(Answers((200, b"one"), (201, b"three")), work).bytes == 8
    assert seen == [b"one", b"three"]


def test_an_answer_that_is_no_success_ends_the_run() -> None:
    work = Work("a request", [Request("/a", {})], lambda answers: None)
    with pytest.raises(RuntimeError, match="/a: 403"):
        tried(Answers((403, b"no")), work)


@pytest.mark.parametrize("name", ["roundup", "helpdesk"])
def test_locks_have_hashes_and_no_addresses(name: str) -> None:
    text = (environments.HERE / f"requirements-{name}.lock").read_text()
    pins = [line for line in text.splitlines() if "==" in line]
    assert pins
    assert text.count("--hash=sha256:") >= len(pins)
    assert "://" not in text
    wanted = (environments.HERE / f"requirements-{name}.in").read_text().split()
    assert all(any(pin.startswith(f"{package}==") for pin in pins) for package in wanted)
