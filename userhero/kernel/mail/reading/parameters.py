"""A field with parameters (RFC 2045, section 5.1), in one piece or in several (RFC 2231)."""

import re
from urllib.parse import unquote_to_bytes

from userhero.kernel.mail.reading.decoding import text_of, words_of

# Fields of this kind are short: what comes after that is only there to do harm.
_MAX_LENGTH = 4_000
_PARAMETER = re.compile(
    r";\s*+(?P<name>[^;=*\s]{1,60})(?:\*(?P<section>\d{1,3}))?(?P<is_coded>\*)?\s*+="
    r'\s*+(?:"(?P<quoted>(?:[^"\\]|\\.)*+)"?|(?P<plain>[^;]*))',
    re.ASCII,
)
_ESCAPE = re.compile(r"\\(.)")
Section = tuple[bool, str]


def read_parameters(value: str) -> tuple[str, dict[str, str]]:
    """What stands before the parameters, and the parameters by name. Names and what stands before in lower case."""
    value = value[:_MAX_LENGTH]
    sections: dict[str, dict[int, Section]] = {}
    for found in _PARAMETER.finditer(value):
        text = found["plain"].strip() if found["quoted"] is None else _ESCAPE.sub(r"\1", found["quoted"])
        # A value in pieces is worth more than a whole one beside it: that is for those who don't know of pieces.
        number = -1 if found["section"] is None and not found["is_coded"] else int(found["section"] or 0)
        sections.setdefault(found["name"].lower(), {}).setdefault(number, (bool(found["is_coded"]), text))
    return value.partition(";")[0].strip().lower(), {name: _joined(pieces) for name, pieces in sections.items()}


def _joined(pieces: dict[int, Section]) -> str:
    if 0 not in pieces:
        return words_of(pieces[-1][1]) if -1 in pieces else ""
    charset, content = "", b""
    for number in range(len(pieces)):
        if number not in pieces:
            break
        is_coded, text = pieces[number]
        if is_coded and number == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)  # Between the two is a language.
        content += unquote_to_bytes(text) if is_coded else text.encode("utf-8", "replace")
    return text_of(content, charset)
