"""``python -m tests.trust H1 H5``: measure headline figures of reliability, all of them where none is named.

Each is measured by the tests that carry its mark, at full size and on both engines, one after another. What came of it
goes to docs/reliability.json, and from there to docs/reliability.md. The exit code is 1 where a target was missed.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.trust.figures import FIGURES, Figure

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "docs" / "reliability.json"
_FUZZED = re.compile(r"(\w+): (\d+) operations, ([\d,]+) requests, (no )?failures")


class Outcome(NamedTuple):
    """What one run came to."""

    attempts: int
    found: str
    failed: bool


def measure(number: str, figure: Figure) -> dict[str, Any]:
    """Measure a figure; returns its entry in the results."""
    if figure.missing is not None:
        return entry(figure, None, f"not measured: {figure.missing}", None, "")
    outcomes = list(fuzzed(figure) if figure.fuzz else tested(number, figure))
    attempts = sum(outcome.attempts for outcome in outcomes)
    met = attempts >= figure.least and not any(outcome.failed for outcome in outcomes)
    return entry(
        figure, attempts, "; ".join(outcome.found for outcome in outcomes), met, f"make trust FIGURES={number}"
    )


def entry(figure: Figure, attempts: int | None, found: str, met: bool | None, command: str) -> dict[str, Any]:
    """What the results say of a figure."""
    return {"figure": found, "attempts": attempts, "target": figure.target, "met": met, "command": command}


def tested(number: str, figure: Figure) -> Iterator[Outcome]:
    """Run the tests of a figure on each engine."""
    for engine in figure.engines:
        with tempfile.TemporaryDirectory(prefix="userhero-trust-") as folder:
            report = Path(folder, "report.xml")
            run: list[str | Path] = [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "--long",
                "--timeout=0",
                "-m",
                f"figure(no='{number}')",
            ]
            # Older, and the one that takes what tests note.
            run += ["-o", "junit_family=xunit1", f"--junitxml={report}", f"--database={engine}", *measuring(number)]
            subprocess.run(run, check=False, cwd=ROOT)
            yield outcome_of(ET.parse(report), engine)


def measuring(number: str) -> list[Path]:
    """The files with tests of a figure: to collect all others takes longer than some of them."""
    mark = f'figure(no="{number}")'
    return [file for file in sorted((ROOT / "tests").rglob("test_*.py")) if mark in file.read_text("utf-8")]


def outcome_of(report: "ET.ElementTree[Any]", engine: str) -> Outcome:
    """What a run's report says: a test that notes nothing counts as one attempt."""
    attempts, notes, failed, passed = 0, [], 0, 0
    for case in report.iter("testcase"):
        if case.find("skipped") is not None:
            continue
        noted = {each.get("name"): each.get("value", "") for each in case.iter("property")}
        failed += case.find("failure") is not None or case.find("error") is not None
        passed += 1
        attempts += int(noted.get("attempts", "1"))
        notes += [noted["found"]] if noted.get("found") else []
    said = ", ".join(dict.fromkeys(notes)) or f"{passed - failed} of {passed} tests pass"
    failures = f" ({failed} of {passed} tests failed)" if failed else ""
    return Outcome(attempts, f"{engine}: {said}{failures}", failed > 0 or passed == 0)


def fuzzed(figure: Figure) -> Iterator[Outcome]:
    """Try the API with requests made from its description."""
    for engine in figure.engines:
        run = [sys.executable, "-m", "tests.fuzz", "--examples", str(figure.fuzz), "--database", engine]
        said = subprocess.run(run, check=False, cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout
        sys.stdout.write(said)
        found = _FUZZED.search(said)
        if found is None:
            yield Outcome(0, f"{engine}: the run broke off", True)
        else:
            yield Outcome(int(found[3].replace(",", "")), found[0], found[4] is None)


def main() -> int:
    """Measure, write the results and the page; return 1 where a target was missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.trust", description=__doc__)
    parser.add_argument("figures", nargs="*", choices=[*FIGURES, []], metavar="H1", help="which (all of them)")
    chosen = parser.parse_args().figures or list(FIGURES)
    results: dict[str, Any] = json.loads(RESULTS.read_text("utf-8"))
    missed = 0
    for number in chosen:
        results[number] = measure(number, FIGURES[number])
        missed += results[number]["met"] is False
        sys.stdout.write(f"{number}: {json.dumps(results[number], ensure_ascii=False)}\n")
        # After each: what was measured stays where a later one is interrupted.
        write(results)
    subprocess.run([sys.executable, ROOT / "tools" / "check_cases.py", "--write"], check=True)
    return 1 if missed else 0


def write(results: dict[str, Any]) -> None:
    """Put the results in their order into their file."""
    unmeasured = {
        number: entry(figure, None, f"not measured: {figure.missing or 'not run yet'}", None, "")
        for number, figure in FIGURES.items()
    }
    RESULTS.write_text(json.dumps(unmeasured | results, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
