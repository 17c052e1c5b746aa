"""The pages of ``docs/api`` as tests need them: sections, tables, and examples that can be run."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

FOLDER = Path(__file__).parents[2] / "docs" / "api"
PAGES = sorted(FOLDER.glob("*.md"))

_SECTION = re.compile(r"^(?=## )", re.MULTILINE)
_OPERATION = re.compile(r"^`(GET|POST|PUT|PATCH|DELETE) /api/v1(/\S*)`", re.MULTILINE)
_ROW = re.compile(r"^\| (`[^|]*`) \|(.*)$", re.MULTILINE)
_NAME = re.compile(r"`([^`]+)`")
_BLOCK = r"(?:[^`]|`(?!``))*"
_EXAMPLE = re.compile(rf"^```sh\n(curl {_BLOCK})```\n(?:\n```json\n({_BLOCK})```)?", re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """A request as a reader would paste it, and the answer that the page shows; None where it shows none."""

    page: str
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: str | None
    form: dict[str, str]
    answer: Any

    def __str__(self) -> str:
        return f"{self.page}: {self.method} {self.path}"


@dataclass(frozen=True)
class Section:
    """A second-level heading of a page with what stands below it."""

    page: str
    text: str

    @property
    def title(self) -> str:
        """The heading."""
        return self.text.partition("\n")[0].removeprefix("## ")

    @property
    def operations(self) -> list[tuple[str, str]]:
        """The method and path of each operation that is described here."""
        return _OPERATION.findall(self.text)

    @property
    def rows(self) -> dict[str, str]:
        """What its tables say of the names in their first cells: every row of a name, one after the other."""
        found: dict[str, str] = {}
        for names, rest in _ROW.findall(self.text):
            for name in _NAME.findall(names):
                found[name] = found.get(name, "") + rest
        return found


def sections() -> list[Section]:
    """Every section of every page."""
    return [Section(page.name, text) for page in PAGES for text in _SECTION.split(page.read_text("utf-8"))]


def examples(page: Path) -> list[Example]:
    """The examples of a page, in order."""
    return list(_examples(page))


def _examples(page: Path) -> Iterator[Example]:
    for command, answer in _EXAMPLE.findall(page.read_text("utf-8")):
        words = shlex.split(command.replace("\\\n", ""))
        yield _example(page.name, words, json.loads(answer) if answer else None)


def _example(page: str, words: list[str], answer: Any) -> Example:
    """Read the few options of curl that the pages use."""
    method, address, body = "", "", None
    headers: dict[str, str] = {}
    form: dict[str, str] = {}
    arguments = iter(words[1:])
    for word in arguments:
        if word == "-X":
            method = next(arguments)
        elif word == "-H":
            name, _, value = next(arguments).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = next(arguments)
            # What curl says of a body unless it is told.
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        elif word == "-F":
            name, _, form_value = next(arguments).partition("=")
            form[name] = form_value
        else:
            assert word.startswith("$API/"), f"{page}: no rule for {word} in {words}"
            address = word.removeprefix("$API")
    parts = urlsplit(address)
    method = method or ("POST" if form or body is not None else "GET")
    return Example(page, method, parts.path, parts.query, headers, body, form, answer)
