"""What an HTML mail says, as text: for mails that come with nothing else."""

import html
import re

# A tag ends at the next ``<`` where it is not closed, so that no input is looked at twice.
_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<[!?][^>]*+>?|</[^a-zA-Z][^>]*+>?"
    r"|<(?P<end>/?)(?P<tag>[a-zA-Z][a-zA-Z0-9:]{0,30})(?:[^<>\"']|\"[^\"]*+\"|'[^']*+')*+>",
    re.DOTALL,
)
_MUTE = frozenset({"head", "script", "style", "template", "title"})
_BREAKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "br", "center", "dd", "div", "dl", "dt", "fieldset", "footer"}
    | {"form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main", "nav", "ol", "pre", "section"}
    | {"table", "tbody", "tfoot", "thead", "tr", "ul"}
)
_SPACE = re.compile(r"\s+")
# Put in for looks: the hint of what a mail is about, padded so that nothing else shows beside it.
_INVISIBLE = re.compile(r"[\u00ad\u034f\u200b\ufeff]+")
_MAX_LEVEL = 20


class _Page:
    """Lines of text, while they are put together."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._level = 0
        self._verbatim = 0

    def say(self, text: str) -> None:
        """Text between two tags."""
        text = _INVISIBLE.sub("", html.unescape(text))
        if self._verbatim:
            *lines, last = text.split("\n")
            for line in lines:
                self._line.append(line)
                self.end_line()
            self._line.append(last)
        else:
            self._line.append(_SPACE.sub(" ", text))

    def tag(self, name: str, *, is_end: bool) -> None:
        """A tag: where lines end, and where somebody else is quoted."""
        if name == "br":
            self.end_line(keep_empty=True)
        elif name in _BREAKS:
            self.end_line()
        if name in ("td", "th") and not is_end:
            self._line.append(" ")
        elif name == "p":
            self.end_line()
            self._blank()
        elif name == "li" and not is_end:
            self._line.append("- ")
        elif name == "pre":
            self._verbatim = max(0, self._verbatim + (-1 if is_end else 1))
        elif name == "blockquote":
            self._level = min(_MAX_LEVEL, max(0, self._level + (-1 if is_end else 1)))

    def end_line(self, *, keep_empty: bool = False) -> None:
        """The next text is on a line of its own."""
        line = "".join(self._line).strip("\n")
        line = line.rstrip() if self._verbatim else line.strip()
        self._line.clear()
        if line or keep_empty or self._verbatim:
            self._lines.append("> " * self._level + line)

    def _blank(self) -> None:
        if self._lines and self._lines[-1].strip("> "):
            self._lines.append("> " * self._level)

    def text(self) -> str:
        """All of it."""
        self.end_line()
        return "\n".join(line.rstrip() for line in self._lines)


def text_of_html(markup: str) -> str:
    """The text that the markup shows, a line for each block, what is quoted after ``> ``."""
    page, position = _Page(), 0
    while (found := _TOKEN.search(markup, position)) is not None:
        page.say(markup[position : found.start()])
        position = found.end()
        name = (found["tag"] or "").lower()
        if name in _MUTE and not found["end"]:
            position = _end_of(name, markup, position)
        elif name:
            page.tag(name, is_end=bool(found["end"]))
    page.say(markup[position:])
    return page.text()


def _end_of(name: str, markup: str, position: int) -> int:
    """Behind what is not shown; a ``head`` that is never closed ends with the first tag of the body."""
    ending = rf"</{name}\s*>|(?=<body)" if name == "head" else rf"</{name}\s*>"
    found = re.compile(ending, re.IGNORECASE).search(markup, position)
    return found.end() if found else len(markup)
