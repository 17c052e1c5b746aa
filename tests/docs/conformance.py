"""What is wrong with a page that says, fact by fact, which test would fail if the API stopped being as described.

Such a page has a section for each subject, which names its operations as code, and in it a table: on the left a fact,
on the right its tests, each as ``tests/<folder>/<file>.py::<function>``, or with a class in between.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEADER = ["What the reference says", "Test"]

_SECTION = re.compile(r"## (.*)")
_CELL = re.compile(r"(?<!\\)\|")
_CODE = re.compile(r"`([^`]+)`")
_OPERATION = re.compile(r"`(GET|POST|PUT|PATCH|DELETE) (?:/api/v1)?(/[^`\s?]*)[^`]*`")
_TEST = re.compile(r"(tests/[\w/]+\.py)((?:::\w+)+)")
_DIVIDER = re.compile(r":?-+:?")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def problems(page: str, operations: Iterable[str] = ()) -> list[str]:
    """Everything that is wrong with a page, in words. Each of ``operations``, such as ``GET /feedback/{id}``, has to be
    on it, whatever it calls the parameters there.
    """
    named = named_operations(page)
    missing = [f"{operation} is not on the page" for operation in operations if plain(operation) not in named]
    return [f"line {number}: {problem}" for number, problem in _wrong_lines(page.splitlines())] + missing


def named_operations(page: str) -> set[str]:
    """The operations that stand on a page as code, as ``plain`` spells them."""
    return {plain(f"{method} {path}") for method, path in _OPERATION.findall(page)}


def plain(operation: str) -> str:
    """An operation without the names of its parameters."""
    return re.sub(r"\{[^}]*\}", "{}", operation)


def _wrong_lines(lines: list[str]) -> Iterator[tuple[int, str]]:
    title, rows = "", 1
    for number, line in enumerate([*lines, "## "], 1):
        section = _SECTION.fullmatch(line)
        if section is not None:
            if not rows:
                yield number, f"the section before has no facts: {title}"
            title, rows = section[1], 0
        elif line.startswith("|"):
            cells = [cell.strip() for cell in _CELL.split(line.strip())[1:-1]]
            if cells == HEADER or all(_DIVIDER.fullmatch(cell) for cell in cells):
                continue
            rows += 1
            yield from ((number, problem) for problem in _wrong_row(cells))


def _wrong_row(cells: list[str]) -> Iterator[str]:
    if len(cells) != len(HEADER) or not cells[0]:
        yield f"is no fact with its tests: {cells}"
        return
    found = _CODE.findall(cells[1])
    if not found:
        yield f"names no test: {cells[0]}"
    for test in found:
        problem = problem_with_test(test)
        if problem is not None:
            yield f"{test} {problem}"


def problem_with_test(test: str, root: Path = ROOT) -> str | None:
    """Why a test's id stands for no test that can fail; None where it does."""
    parts = _TEST.fullmatch(test)
    if parts is None:
        return "is no test's id"
    *classes, name = parts[2].removeprefix("::").split("::")
    module = _module(root / parts[1])
    if module is None:
        return "is in no file that there is"
    holders: list[ast.Module | ast.ClassDef] = [module]
    for each in classes:
        inner = [node for node in holders[-1].body if isinstance(node, ast.ClassDef) and node.name == each]
        if not inner:
            return f"is in no class {each} that there is"
        holders.append(inner[-1])
    functions = [node for node in holders[-1].body if isinstance(node, Function) and node.name == name]
    if not functions or not name.startswith("test_"):
        return "is no test in that file"
    if any(_is_left_out(node) for node in (*holders, functions[-1])):
        return "is never run, or expected to fail"
    return None if _does_something(functions[-1]) else "does nothing"


@cache
def _module(file: Path) -> ast.Module | None:
    return ast.parse(file.read_text("utf-8")) if file.is_file() else None


def _is_left_out(node: ast.Module | ast.ClassDef | Function) -> bool:
    """Whether a mark says so, or the code skips first thing."""
    marks = [] if isinstance(node, ast.Module) else list(node.decorator_list)
    for each in node.body:
        if isinstance(each, ast.Assign) and any(ast.unparse(target) == "pytestmark" for target in each.targets):
            marks += each.value.elts if isinstance(each.value, ast.List | ast.Tuple) else [each.value]
    spelled = [ast.unparse(mark) for mark in marks]
    return any(re.match(r"(pytest\.)?mark\.(skip|xfail)\b", mark) for mark in spelled) or _skips(node.body)


def _skips(body: list[ast.stmt]) -> bool:
    return any(
        isinstance(each, ast.Expr) and re.match(r"(pytest\.)?(skip|xfail)\(", ast.unparse(each)) for each in body
    )


def _does_something(function: Function) -> bool:
    return any(
        not isinstance(each, ast.Pass) and not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
        for each in function.body
    )
