"""The page of what the reference says and which tests hold the API to it: nothing on it is made up or left out."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs.conformance import named_operations, plain, problem_with_test, problems
from tests.support.client import Client
from tests.support.tenants import API

PAGE = Path(__file__).parents[2] / "docs" / "api" / "conformance.md"
# The operations that the reference names; the API has more.
REFERENCE = [
    "GET /feedback",
    "POST /feedback/upload",
    "POST /feedback",
    "GET /feedback/{id}",
    "GET /feedback/number/{ticketNumber}",
    "PATCH /feedback/{id}",
    "DELETE /feedback/{id}",
    "GET /feedback/{id}/comments",
    "POST /feedback/{id}/comments",
    "GET /feedback/{id}/notes",
    "POST /feedback/{id}/notes",
    "GET /projects",
    "POST /projects",
    "GET /projects/{id}",
    "PATCH /projects/{id}",
    "DELETE /projects/{id}",
    "GET /widgets",
    "POST /widgets",
    "GET /widgets/{id}",
    "PATCH /widgets/{id}",
    "DELETE /widgets/{id}",
    "GET /workspaces",
    "GET /workspace/{id}",
    "GET /workspace/{id}/usage",
    "GET /webhooks",
    "POST /webhooks",
    "DELETE /webhooks/{id}",
    "GET /customers",
    "POST /customers",
    "GET /customers/{id}",
    "PATCH /customers/{id}",
    "DELETE /customers/{id}",
    "POST /customers/{targetId}/merge",
    "GET /automations",
    "GET /automations/{id}",
    "POST /automations/{id}/run",
    "GET /automations/{id}/runs",
]
HERE = "tests/docs/test_conformance.py::test_a_page_without_a_flaw"


def test_nothing_on_the_page_is_wrong_or_missing() -> None:
    found = problems(PAGE.read_text("utf-8"), REFERENCE)
    assert not found, "\n".join(found)


def test_every_operation_on_the_page_and_of_the_reference_is_one_of_the_api(client: Client) -> None:
    paths = client.request("GET", f"{API}/openapi.json").json()["paths"]
    there_are = {plain(f"{method.upper()} {path}") for path, methods in paths.items() for method in methods}
    assert {plain(operation) for operation in REFERENCE} <= there_are
    # Deliveries to a webhook are no part of the API proper.
    assert named_operations(PAGE.read_text("utf-8")) <= there_are | {"POST /api/hooks/{}"}


def page(*rows: str) -> str:
    return "\n".join(["# Title", "", "## Things", "", "`GET /things/{id}`", "", *rows, ""])


GOOD = ["| What the reference says | Test |", "|---|---|", f"| A fact | `{HERE}` |"]


def test_a_page_without_a_flaw() -> None:
    assert problems(page(*GOOD), ["GET /things/{thing}"]) == []
    assert problems(page(*GOOD, f"| One with a \\| in it | `{HERE}`<br>`{HERE}` |")) == []


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda text: text.replace("/things/", "/other/"), "GET /things/{id} is not on the page"),
        (lambda text: text.replace("`GET", "`PATCH"), "GET /things/{id} is not on the page"),
        (lambda text: text.replace("A fact", ""), "is no fact with its tests"),
        (lambda text: text.replace(f"`{HERE}`", HERE), "names no test: A fact"),
        (lambda text: text.replace(f"`{HERE}`", "none"), "names no test: A fact"),
        (lambda text: text.replace(f"`{HERE}`", f"`{HERE}` | more"), "is no fact with its tests"),
        (lambda text: text.replace("without_a_flaw", "with_none"), "is no test in that file"),
        (lambda text: text.replace("test_conformance", "test_nothing"), "is in no file"),
        (lambda text: text.replace("::test", "::Some::test"), "is in no class Some"),
        (lambda text: text.replace("without_a_flaw", "without_a_flaw[x]"), "is no test's id"),
        (lambda text: text.replace("test_a_page_without_a_flaw", "page"), "is no test in that file"),
        (lambda text: text + "\n## More\n\nNothing yet.\n", "has no facts: More"),
    ],
)
def test_a_flaw_is_found(spoil: Callable[[str], str], problem: str) -> None:
    found = problems(spoil(page(*GOOD)), ["GET /things/{id}"])
    assert len(found) == 1, found
    assert problem in found[0]


CHECK = "def test_it():\n    assert 1 + 1 == 2\n"


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        (CHECK, None),
        ("async " + CHECK, None),
        ("import pytest\n@pytest.mark.parametrize('x', [1])\n" + CHECK, None),
        ("import pytest\n@pytest.mark.skipif(False, reason='')\n" + CHECK, None),
        ("@pytest.mark.skip\n" + CHECK, "never run"),
        ("@pytest.mark.skip(reason='later')\n" + CHECK, "never run"),
        ("@pytest.mark.xfail(reason='later')\n" + CHECK, "expected to fail"),
        ("pytestmark = pytest.mark.skip\n" + CHECK, "never run"),
        ("pytestmark = [pytest.mark.slow, pytest.mark.skip('later')]\n" + CHECK, "never run"),
        ("pytest.skip('later', allow_module_level=True)\n" + CHECK, "never run"),
        ("def test_it():\n    '''Text.'''\n    pytest.skip('later')\n", "never run"),
        ("def test_it():\n    pytest.skip('later')\n    assert False\n", "never run"),
        ("def test_it():\n    if 1 > 2:\n        pytest.skip('odd')\n    assert 1 + 1 == 2\n", None),
        ("def test_it():\n    '''Text.'''\n", "does nothing"),
        ("def test_it():\n    pass\n", "does nothing"),
        ("def test_it():\n    ...\n", "does nothing"),
        ("if False:\n    def test_it():\n        assert 1\n", "is no test in that file"),
    ],
)
@pytest.mark.parametrize("in_class", [False, True])
def test_what_is_a_test(tmp_path: Path, code: str, problem: str | None, in_class: bool) -> None:
    if in_class:
        code = "class TestThese:\n" + re.sub(r"^", "    ", code, flags=re.MULTILINE)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_one.py").write_text(code, "utf-8")
    found = problem_with_test("tests/test_one.py" + ("::TestThese" if in_class else "") + "::test_it", tmp_path)
    assert found is None if problem is None else problem in (found or "")
