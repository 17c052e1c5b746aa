"""The text of a mail, from whichever of its parts hold it."""

from userhero.kernel.mail.reading.markup import text_of_html
from userhero.kernel.mail.reading.structure import Part

# Characters, markup included. What follows in a longer mail is somebody's log, or worse.
_MAX_TEXT = 1_000_000
_SIGNATURE = "-- "


def plain_text(whole: Part) -> str:
    """The text that the mail shows, part after part. Of several versions the plain one, if it says anything."""
    return "\n\n".join(text for text in _Body().texts(whole) if text.strip())


class _Body:
    """The text of one mail, as much of it as there is room for."""

    def __init__(self) -> None:
        self._room = _MAX_TEXT

    def texts(self, part: Part) -> list[str]:
        """What a part shows, and the parts in it."""
        if part.parts and part.kind == "multipart/alternative":
            for version in sorted(part.parts, key=lambda each: not _has_plain(each)):
                texts = self.texts(version)
                if any(text.strip() for text in texts):
                    return texts
            return []
        if part.parts:
            return [text for each in part.parts for text in self.texts(each)]
        return [self._text(part)] if part.is_body and self._room else []

    def _text(self, part: Part) -> str:
        text = part.text()[: self._room]
        self._room -= len(text)
        return text_of_html(text) if part.kind == "text/html" else _unwrapped(part, text)


def _has_plain(part: Part) -> bool:
    return any(_has_plain(each) for each in part.parts) if part.parts else part.is_body and part.kind != "text/html"


def _unwrapped(part: Part, text: str) -> str:
    """The text; with format=flowed (RFC 3676) each paragraph on one line again."""
    text = text.replace("\r\n", "\n")
    if part.content.parameter("format").lower() != "flowed":
        return text
    trim = part.content.parameter("delsp").lower() == "yes"
    lines: list[str] = []
    paragraph: list[str] = []
    level = 0
    for line in text.split("\n"):
        rest = line.lstrip(">")
        depth = len(line) - len(rest)
        rest = rest.removeprefix(" ")
        if paragraph and (depth != level or rest == _SIGNATURE):
            lines.append(_quoted(level, paragraph))
        level = depth
        is_open = rest.endswith(" ") and rest != _SIGNATURE
        paragraph.append(rest[:-1] if is_open and trim else rest)
        if not is_open:
            lines.append(_quoted(level, paragraph))
    return "\n".join([*lines, _quoted(level, paragraph)])


def _quoted(level: int, paragraph: list[str]) -> str:
    """The paragraph on one line, and emptied for the next one."""
    line = "".join(paragraph)
    paragraph.clear()
    return f"{'>' * level} {line}" if level else line
