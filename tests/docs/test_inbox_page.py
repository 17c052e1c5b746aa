"""docs/use/inbox.md says what the inbox has."""

import re
from importlib.resources import files
from pathlib import Path

from userhero.dashboard.filters import VIEWS
from userhero.dashboard.keys import KEYS

PAGE = (Path(__file__).parents[2] / "docs" / "use" / "inbox.md").read_text("utf-8")
TEMPLATES = files("userhero.dashboard") / "templates" / "dashboard"


def rows(heading: str) -> list[list[str]]:
    part = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line[:1] == "|"]
    return found[2:]


def test_it_names_every_key_and_no_other() -> None:
    assert rows("Keys") == [[f"`{each.key}`", each.where, each.does] for each in KEYS]


def test_every_key_does_something_where_it_says_so() -> None:
    script = (files("userhero.ui") / "static" / "inbox.js").read_text()
    moves = script.partition("const moves = {")[2].partition("};")[0]
    by_script = {bare or quoted for quoted, bare in re.findall(r'^ {2}(?:"(.)"|(\w+))[:,]', moves, re.MULTILINE)}
    assert {"j", "k", "x", "Enter", "?"} <= by_script
    marked = {
        "Inbox": set(re.findall(r'data-key="(.)"', (TEMPLATES / "inbox.html").read_text())),
        "Item": set(re.findall(r'data-key="(.)"', (TEMPLATES / "item.html").read_text())),
    }
    for each in KEYS:
        places = ("Inbox", "Item") if each.where == "Everywhere" else (each.where,)
        assert all(each.key in marked[place] | by_script for place in places), each


def test_it_names_every_view() -> None:
    assert [row[0] for row in rows("Views")] == [*VIEWS.values()]
