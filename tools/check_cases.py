"""Holds the tests to the catalogue of what has to hold, and writes docs/reliability.md's tables.

``tests/catalogue/cases.toml`` names the cases. A test says ``@pytest.mark.case("DUR-02")`` of each that it proves;
``tests/catalogue/reviewed.toml`` gives the reason for each that none proves. ``python tools/check_cases.py [ROOT]``
prints what does not fit and exits with 1 if anything does not; ``--write`` brings the page up to date first.
"""

import ast
import json
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

CASES, REVIEWED = "tests/catalogue/cases.toml", "tests/catalogue/reviewed.toml"
PAGE, FIGURES = "docs/reliability.md", "docs/reliability.json"
# Why a case has no test. What is proven in part has one all the same.
REASONS = {"not-built": "not built", "no-such-thing": "can't happen", "open": "open"}
PARTLY = "partly"
MARK = re.compile(r"(pytest\.)?mark\.case")

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Catalogue:
    """The cases of a tree, their tests, and what was said of those without."""

    def __init__(self, root: Path) -> None:
        self.root = root
        cases = tomllib.loads((root / CASES).read_text("utf-8"))
        self.groups: dict[str, str] = cases["groups"]
        self.must: dict[str, str] = cases["must"]
        self.should: dict[str, str] = cases["should"]
        self.reviewed: dict[str, dict[str, str]] = tomllib.loads((root / REVIEWED).read_text("utf-8"))

    @property
    def all(self) -> dict[str, str]:
        """Every case and what it says, by group and number."""
        order = list(self.groups)
        found = self.must | self.should
        return {case: found[case] for case in sorted(found, key=lambda case: (order.index(_group(case)), case))}

    @cached_property
    def marks(self) -> list[tuple[str, int, str, str]]:
        """File, line, test and case of every mark."""
        return list(_marks(self.root))

    @cached_property
    def tests(self) -> dict[str, list[str]]:
        """By case: the tests that prove it."""
        found: dict[str, list[str]] = {}
        for file, _, test, case in self.marks:
            found.setdefault(case, []).append(f"{file}::{test}")
        return found

    def reason(self, case: str) -> tuple[str, str] | None:
        """Why a case has no test: in a word, and in a sentence."""
        for name, word in REASONS.items():
            if case in self.reviewed.get(name, {}):
                return word, self.reviewed[name][case]
        return None

    def problems(self) -> Iterator[str]:
        """What does not fit, each with the file that it is in."""
        for file, line, test, case in self.marks:
            if case not in self.all:
                yield f"{file}:{line}: case: {case} is in no catalogue"
            if not test.startswith("test_"):
                yield f"{file}:{line}: case: {test} is no test"
        for name, cases in self.reviewed.items():
            if name not in {*REASONS, PARTLY}:
                yield f"{REVIEWED}:1: case: [{name}] is none of {', '.join([*REASONS, PARTLY])}"
            for case, reason in cases.items():
                yield from self._reviewed_problems(name, case, reason)
        for case in self.must:
            if case not in self.tests and self.reason(case) is None:
                yield f"{CASES}:1: case: no test proves {case}, and no reason is given: {self.must[case]}"

    def _reviewed_problems(self, name: str, case: str, reason: str) -> Iterator[str]:
        if case not in self.all:
            yield f"{REVIEWED}:1: case: {case} is in no catalogue"
        elif len(reason.split()) < 4:
            yield f"{REVIEWED}:1: case: {case} has no reason that a reader could judge"
        elif (case in self.tests) != (name == PARTLY):
            count = "a" if case in self.tests else "no"
            yield f"{REVIEWED}:1: case: {case} is under [{name}], and {count} test proves it"


def _group(case: str) -> str:
    return case.partition("-")[0]


def _marks(root: Path) -> Iterator[tuple[str, int, str, str]]:
    for file in sorted((root / "tests").rglob("*.py")):
        text = file.read_text("utf-8")
        if "mark.case(" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, Function | ast.ClassDef):
                continue
            for mark in node.decorator_list:
                if isinstance(mark, ast.Call) and MARK.fullmatch(ast.unparse(mark.func)):
                    for case in mark.args:
                        name = str(ast.literal_eval(case))
                        yield file.relative_to(root).as_posix(), mark.lineno, node.name, name


def figures_table(figures: dict[str, Any]) -> list[str]:
    """The headline figures as they were last measured."""
    lines = ["| No | What has to hold | Measured | Attempts | Met | Command |", "|---|---|---|---|---|---|"]
    for number, each in figures.items():
        met = {True: "yes", False: "**no**", None: "not measured"}[each["met"]]
        attempts = "" if each["attempts"] is None else f"{each['attempts']:,}"
        command = f"`{each['command']}`" if each["command"] else ""
        lines.append(f"| {number} | {each['target']} | {each['figure']} | {attempts} | {met} | {command} |")
    return lines


def cases_tables(catalogue: Catalogue) -> list[str]:
    """Every case with its tests, or the reason why it has none."""
    counts = Counter(_state(catalogue, case) for case in catalogue.must)
    said = ", ".join(f"{count} {state}" for state, count in sorted(counts.items(), key=lambda each: -each[1]))
    lines = [f"{len(catalogue.must)} cases have to hold: {said}. {len(catalogue.should)} more should."]
    for group, title in catalogue.groups.items():
        lines += ["", f"### {title}", "", "| Case | What has to hold | Tests |", "|---|---|---|"]
        for case, says in catalogue.all.items():
            if _group(case) == group:
                level = "" if case in catalogue.must else " (should)"
                lines.append(f"| {case} | {says}{level} | {_proof(catalogue, case)} |")
    return lines


def _state(catalogue: Catalogue, case: str) -> str:
    if case in catalogue.tests:
        return "tested in part" if case in catalogue.reviewed.get(PARTLY, {}) else "tested"
    reason = catalogue.reason(case)
    return "open" if reason is None else reason[0]


def _proof(catalogue: Catalogue, case: str) -> str:
    if case not in catalogue.tests:
        reason = catalogue.reason(case)
        return "none yet" if reason is None else f"{reason[0]}: {reason[1]}"
    tests = "<br>".join(f"`{test.removeprefix('tests/')}`" for test in catalogue.tests[case])
    partly = catalogue.reviewed.get(PARTLY, {}).get(case)
    return tests if partly is None else f"{tests}<br>in part: {partly}"


def page(catalogue: Catalogue, text: str) -> str:
    """The page with its two generated parts as they have to be."""
    figures = json.loads((catalogue.root / FIGURES).read_text("utf-8"))
    for name, lines in (("figures", figures_table(figures)), ("cases", cases_tables(catalogue))):
        begin, end = f"<!-- {name}: made by make trust-page -->", f"<!-- end of {name} -->"
        before, _, rest = text.partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            raise SystemExit(f"{PAGE} has no part between {begin} and {end}")
        text = "\n".join([before + begin, "", *lines, "", end + after])
    return text


def main() -> int:
    """Print what does not fit; return 1 if anything does not."""
    given = [word for word in sys.argv[1:] if word != "--write"]
    root = Path(given[0]) if given else Path(__file__).resolve().parent.parent
    catalogue = Catalogue(root)
    problems = list(catalogue.problems())
    file = root / PAGE
    text = file.read_text("utf-8")
    wanted = page(catalogue, text)
    if "--write" in sys.argv:
        file.write_text(wanted, "utf-8")
    elif text != wanted:
        problems.append(f"{PAGE}:1: case: is not what the tests and figures say; make trust-page brings it up to date")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
