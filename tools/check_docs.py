"""Checks what the documents of the repository promise, and that no file gives away where it was written.

``python tools/check_docs.py [ROOT]`` reads the files that git tracks or would track below ROOT (default: this
repository), prints ``file:line: rule: message`` for each finding and exits with 1 if there is any.
"""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

LINK = re.compile(r"(?<!\\)\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)|^\[[^\]]+\]:\s+(\S+)")
SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:|^//")
CODE = re.compile(r"`([^`]+)`")
MAKE = re.compile(r"(?:^|[;&|$(]\s*)make(?:\s+[A-Z_]+=\S*)*\s+([a-z][a-z-]*)")
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
# In pieces, so that this file does not hold what it looks for.
HOSTS = (
    "pypi" + ".org",
    "python" + "hosted.org",
    "npmjs" + ".org",
    "yarnpkg" + ".com",
    "deb." + "debian.org",
    "crates" + ".io",
    "proxy.golang" + ".org",
)
FOLDERS = ("wo" + "rk", "ro" + "ot", "opt/" + "pypi", "opt/" + "wheels")
GIVEAWAY = re.compile("|".join([*(re.escape(host) for host in HOSTS), rf"(?<![\w.~/\-}})])/(?:{'|'.join(FOLDERS)})/"]))

Found = Iterator[tuple[int, str, str]]


@dataclass(frozen=True)
class Document:
    """One text file of the repository; ``name`` is its path below ``root``."""

    root: Path
    name: str

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the file; none where it is no UTF-8 text."""
        try:
            return (self.root / self.name).read_text("utf-8").splitlines()
        except UnicodeDecodeError:
            return []

    @cached_property
    def fenced(self) -> set[int]:
        """Numbers of the lines that stand in a fenced block, the fences included."""
        inside, numbers = False, set()
        for number, line in enumerate(self.lines, 1):
            fence = line.lstrip().startswith(("```", "~~~"))
            if fence or inside:
                numbers.add(number)
            inside ^= fence
        return numbers

    @cached_property
    def anchors(self) -> set[str]:
        """The fragments that the headings of the file can be reached by."""
        headings = [
            line.lstrip("#").strip()
            for number, line in enumerate(self.lines, 1)
            if line.startswith("#") and number not in self.fenced
        ]
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(document: Document) -> Found:
    """A relative link leads to a file of the repository, and its fragment to a heading there."""
    if not document.name.endswith(".md"):
        return
    for number, line in enumerate(document.lines, 1):
        if number in document.fenced:
            continue
        for found in LINK.finditer(CODE.sub("", line)):
            link = found[1] or found[2]
            if SCHEME.match(link):
                continue
            path, _, fragment = unquote(link).partition("#")
            target = (document.root / document.name).parent / path if path else document.root / document.name
            if not target.exists():
                yield number, "link", f"{link} leads nowhere"
                continue
            in_markdown = fragment and target.suffix == ".md"
            if in_markdown and fragment not in Document(target.parent, target.name).anchors:
                yield number, "link", f"{link}: there is no such heading"


def make_targets(document: Document) -> Found:
    """Every ``make`` target named in a code span or block exists."""
    if document.name not in {"README.md", "CONTRIBUTING.md"}:
        return
    makefile = document.root / "Makefile"
    targets = set(TARGET.findall(makefile.read_text("utf-8"))) if makefile.is_file() else set()
    for number, line in enumerate(document.lines, 1):
        for code in [line.strip()] if number in document.fenced else CODE.findall(line):
            for target in MAKE.findall(code):
                if target not in targets:
                    yield number, "make-target", f"the Makefile has no target {target}"


def unreleased(document: Document) -> Found:
    """The changelog has a place for what comes next."""
    if document.name == "CHANGELOG.md" and "## [Unreleased]" not in document.lines:
        yield 1, "changelog", "there is no '## [Unreleased]' section"


def giveaways(document: Document) -> Found:
    """No file names a package registry's host or a folder of the machine it was written on."""
    for number, line in enumerate(document.lines, 1):
        for found in GIVEAWAY.finditer(line):
            yield number, "giveaway", f"{found[0]} has no place in the repository"


RULES: tuple[Callable[[Document], Found], ...] = (links, make_targets, unreleased, giveaways)


def documents(root: Path) -> Iterator[Document]:
    """Yield the files that git tracks or would track, in a stable order."""
    listing = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in sorted(set(names)):
        if name and (root / name).is_file():
            yield Document(root, name)


def main() -> int:
    """Print every finding; return 1 if there is any."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    findings = 0
    if not (root / "CHANGELOG.md").is_file():
        print("CHANGELOG.md:1: changelog: the file is missing")
        findings += 1
    for document in documents(root):
        for line, rule, message in sorted(found for check in RULES for found in check(document)):
            print(f"{document.name}:{line}: {rule}: {message}")
            findings += 1
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
