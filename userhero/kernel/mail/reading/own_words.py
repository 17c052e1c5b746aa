"""What somebody wrote, without the mail that they answer and without what their program adds.

People answer above what they quote, below it, or between its lines. Once it is clear that there is a history, lines
marked as quoted go wherever they stand; where a program does not mark them, all that follows goes.
"""

import re

from userhero.kernel.mail.reading.phrases import (
    DATE,
    FORWARDED,
    HEADING_FROM,
    HEADING_LABELS,
    OPENING,
    ORIGINAL,
    SENT_FROM,
    TIME,
    WROTE,
)

_MAX_CHARS, _MAX_JOINED = 200_000, 500
# An attribution runs over three lines at the most, a heading over eight: it may hold a long list of recipients.
_ATTRIBUTION_LINES, _HEADING_LINES, _SIGNATURE_LINES = 3, 8, 15
_MARKED = re.compile(r"[ \t]*>")
_MARKS = re.compile(r"[ \t]*(?:>[ \t]*)+")
_RULE = re.compile(r"[_=*-]{5,}")
_SPACE = re.compile(r"[\s\u200b\u200e\u200f]+")
_GAP = re.compile(r"\n{3,}")


class _Line:
    """A line as it came, and without the marks of quoting, in single spaces."""

    __slots__ = ("is_marked", "raw", "shown")

    def __init__(self, raw: str) -> None:
        self.raw = raw.rstrip()
        self.is_marked = _MARKED.match(raw) is not None
        self.shown = _SPACE.sub(" ", _MARKS.sub("", raw, count=1) if self.is_marked else raw).strip(" *")


def own_words(text: str) -> str:
    """The new part of a text, trimmed; empty where there is nothing new. Of a long text the first 200,000 characters.

    A mail that is forwarded is no history: somebody wants it read.
    """
    lines = [_Line(raw) for raw in text[:_MAX_CHARS].split("\n")]
    attributions = _attributions(lines)
    end = _end(lines, attributions)
    own = _unquoted(lines[:end], attributions)
    if end < len(lines) and FORWARDED.fullmatch(lines[end].shown):
        return _joined(own + lines[end:])
    return _joined(_unsigned(own))


def _attributions(lines: list[_Line]) -> dict[int, int]:
    """Where it says that somebody wrote what follows (``On …, Ann wrote:``), and on how many lines."""
    found: dict[int, int] = {}
    for last, line in enumerate(lines):
        if not line.shown.endswith(":"):
            continue
        joined = ""
        for first in range(last, max(-1, last - _ATTRIBUTION_LINES), -1):
            if not lines[first].shown or lines[first].is_marked != line.is_marked:
                break
            joined = f"{lines[first].shown} {joined}"[:_MAX_JOINED]
            if _is_attribution(joined, is_quote_next=_is_quote_next(lines, last)):
                begin = first - _opened_before(lines, first)
                found[begin] = last - begin + 1
                break
    return found


def _is_attribution(joined: str, *, is_quote_next: bool) -> bool:
    """Where quoted lines follow, a date and an address will do, in whatever language; else a sentence may be meant."""
    if is_quote_next:
        return DATE.search(joined) is not None and (WROTE.search(joined) is not None or "@" in joined)
    return TIME.search(joined) is not None and WROTE.search(joined) is not None


def _opened_before(lines: list[_Line], first: int) -> int:
    """1 where the line above is the beginning of an attribution that looked whole without it."""
    above = lines[first - 1] if first else None
    if above is None or above.is_marked != lines[first].is_marked or OPENING.match(lines[first].shown):
        return 0
    return 1 if OPENING.fullmatch(above.shown) else 0


def _is_quote_next(lines: list[_Line], last: int) -> bool:
    following = next((line for line in lines[last + 1 : last + 5] if line.raw), None)
    return lines[last].is_marked or (following is not None and following.is_marked)


def _end(lines: list[_Line], attributions: dict[int, int]) -> int:
    """The line with which a history begins whose lines are not marked, or a forwarded mail."""
    for number, line in enumerate(lines):
        if line.is_marked:
            continue
        length = attributions.get(number)
        if length and not _is_quote_next(lines, number + length - 1):
            return number
        if ORIGINAL.fullmatch(line.shown) or FORWARDED.fullmatch(line.shown) or _is_heading(lines, number):
            return number
    return len(lines)


def _is_heading(lines: list[_Line], number: int) -> bool:
    """True for the heading that Outlook puts over a mail: ``From:``, and two of ``Sent:``, ``To:`` and ``Subject:``."""
    if not HEADING_FROM.match(lines[number].shown):
        return False
    labels = set()
    for line in lines[number + 1 : number + _HEADING_LINES]:
        if not line.shown:
            break
        labels |= {place for place, label in enumerate(HEADING_LABELS) if label.match(line.shown)}
    return len(labels) >= 2


def _unquoted(lines: list[_Line], attributions: dict[int, int]) -> list[_Line]:
    """The lines without those that were marked as quoted. Without an attribution the marks are the writer's own."""
    introducing = {
        number
        for first, length in attributions.items()
        if first < len(lines)
        for number in range(first, first + length)
    }
    if not introducing:
        return lines
    return [line for number, line in enumerate(lines) if number not in introducing and not line.is_marked]


def _unsigned(lines: list[_Line]) -> list[_Line]:
    """The lines without a signature (RFC 3676, section 4.3), what a device adds, and a rule at the end."""
    for number in range(len(lines) - 1, max(-1, len(lines) - 2 * _SIGNATURE_LINES), -1):
        if lines[number].raw == "--" and sum(bool(line.raw) for line in lines[number:]) <= _SIGNATURE_LINES:
            lines = lines[:number]
            break
    end = len(lines)
    while end and (
        not lines[end - 1].shown or _RULE.fullmatch(lines[end - 1].raw) or SENT_FROM.fullmatch(lines[end - 1].shown)
    ):
        end -= 1
    return lines[:end]


def _joined(lines: list[_Line]) -> str:
    return _GAP.sub("\n\n", "\n".join(line.raw for line in lines)).strip()
