"""Each rule for documents fails on a tree that breaks it, and a tree that keeps them all is silent."""

import subprocess
import sys
from pathlib import Path

import pytest

CHECK = Path(__file__).parents[2] / "tools" / "check_docs.py"

KEPT = {
    "CHANGELOG.md": "# Changelog\n\n## [Unreleased]\n",
    "Makefile": "test: ; true\n",
    "README.md": (
        "# Read me\n\nMake sure that `PORT=1 make test` and [the rules](docs/rules.md#the-rules) work,\n"
        "or [elsewhere](https://example.com/work/a) or [here](#read-me).\n\n"
        "```sh\nmake test\nls [a](b)\n```\n"
    ),
    "docs/rules.md": "## The rules\n\n[back](../README.md)\n",
    ".gitignore": "scratch\n",
    "scratch": "/" + "work/here\n",
    "logo.png": "\x89PNG",
}


def check(root: Path, files: dict[str, str]) -> subprocess.CompletedProcess[str]:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "latin-1")
    subprocess.run(["git", "init", "--quiet", root], check=True)
    return subprocess.run([sys.executable, CHECK, root], check=False, capture_output=True, text=True)


def test_a_tree_that_keeps_its_promises_is_silent(tmp_path: Path) -> None:
    result = check(tmp_path, KEPT)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("file", "text", "line", "rule"),
    [
        pytest.param("docs/guide.md", "\n[x](missing.md)\n", 2, "link", id="dead link"),
        pytest.param("docs/guide.md", "![x](/assets/x.png)\n", 1, "link", id="dead image"),
        pytest.param("docs/guide.md", "[x](rules.md#gone)\n", 1, "link", id="dead fragment"),
        pytest.param("docs/guide.md", "[x]: gone.md\n", 1, "link", id="dead reference"),
        pytest.param("CONTRIBUTING.md", "Run `make PORT=1 fly`.\n", 1, "make-target", id="target in a span"),
        pytest.param("CONTRIBUTING.md", "```\nmake fly\n```\n", 2, "make-target", id="target in a block"),
        pytest.param("CHANGELOG.md", "# Changelog\n", 1, "changelog", id="nothing unreleased"),
        pytest.param("setup.cfg", "index = https://pypi" + ".org/simple\n", 1, "giveaway", id="host"),
        pytest.param("run.sh", "cd /" + "work/main\n", 1, "giveaway", id="machine path"),
    ],
)
def test_a_broken_promise_is_named(tmp_path: Path, file: str, text: str, line: int, rule: str) -> None:
    result = check(tmp_path, KEPT | {file: text})
    assert result.stdout.startswith(f"{file}:{line}: {rule}: ")
    assert result.stdout.count("\n") == 1
    assert result.returncode == 1


def test_a_missing_changelog_is_named(tmp_path: Path) -> None:
    result = check(tmp_path, {name: text for name, text in KEPT.items() if name != "CHANGELOG.md"})
    assert result.stdout == "CHANGELOG.md:1: changelog: the file is missing\n"
    assert result.returncode == 1
