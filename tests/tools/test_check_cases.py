"""The catalogue's check fails on each way in which tests and cases can part, and is silent where they fit."""

import subprocess
import sys
from pathlib import Path

import pytest

CHECK = Path(__file__).parents[2] / "tools" / "check_cases.py"
PARTS = "<!-- {0}: made by make trust-page -->\n<!-- end of {0} -->\n"
KEPT = {
    "tests/catalogue/cases.toml": (
        '[groups]\nDUR = "Durability"\n'
        '[must]\nDUR-01 = "It stays"\nDUR-02 = "It flies"\n'
        '[should]\nDUR-03 = "It sings"\n'
    ),
    "tests/catalogue/reviewed.toml": (
        '[not-built]\nDUR-02 = "there are no wings yet"\n[partly]\nDUR-01 = "but never on Sundays"\n'
    ),
    "tests/test_it.py": 'import pytest\n@pytest.mark.case("DUR-01")\ndef test_it() -> None:\n    assert 1\n',
    "docs/reliability.json": "{}\n",
    "docs/reliability.md": "# Page\n\n" + PARTS.format("figures") + "\n" + PARTS.format("cases"),
}


def check(root: Path, files: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return subprocess.run([sys.executable, CHECK, root, *options], check=False, capture_output=True, text=True)


def test_a_tree_that_fits_is_silent_once_its_page_is_written(tmp_path: Path) -> None:
    stale = check(tmp_path, KEPT)
    assert (stale.returncode, stale.stdout.count("\n")) == (1, 1)
    assert stale.stdout.startswith("docs/reliability.md:1: case: ")
    assert check(tmp_path, {}, "--write").returncode == 0
    assert (check(tmp_path, {}).returncode, check(tmp_path, {}).stdout) == (0, "")
    page = (tmp_path / "docs/reliability.md").read_text("utf-8")
    assert "2 cases have to hold: 1 tested in part, 1 not built. 1 more should." in page
    assert "| DUR-02 | It flies | not built: there are no wings yet |" in page
    assert "| DUR-01 | It stays | `test_it.py::test_it`<br>in part: but never on Sundays |" in page


@pytest.mark.parametrize(
    ("file", "before", "after", "said"),
    [
        ("tests/test_it.py", "DUR-01", "DUR-99", "tests/test_it.py:2: case: DUR-99 is in no catalogue"),
        ("tests/test_it.py", "test_it(", "it(", "tests/test_it.py:2: case: it is no test"),
        ("tests/test_it.py", '("DUR-01")', '("DUR-01", "DUR-02")', "DUR-02 is under [not-built], and a test proves it"),
        ("tests/test_it.py", '@pytest.mark.case("DUR-01")\n', "", "DUR-01 is under [partly], and no test proves it"),
        ("tests/catalogue/reviewed.toml", "[not-built]", "[too-hard]", "[too-hard] is none of"),
        ("tests/catalogue/reviewed.toml", "there are no wings yet", "later", "DUR-02 has no reason"),
        ("tests/catalogue/reviewed.toml", "DUR-02", "DUR-98", "no test proves DUR-02, and no reason is given"),
        ("tests/catalogue/reviewed.toml", "DUR-02", "DUR-98", "DUR-98 is in no catalogue"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, file: str, before: str, after: str, said: str) -> None:
    assert before in KEPT[file]
    found = check(tmp_path, KEPT | {file: KEPT[file].replace(before, after)}, "--write")
    assert said in found.stdout
    assert found.returncode == 1
