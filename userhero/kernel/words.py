"""Text as it is compared in searches: without case and accents, and cut into words.

Both engines compare what this module made, so both find the same.
"""

import re
import unicodedata

# Longer words are cut, when they are stored and when they are looked for.
MAX_WORD = 40
# Letters that Unicode does not take apart into a base and an accent.
_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ŧ": "t", "\u0131": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
_SPACE = re.compile(r"\s+")
# Scripts that put no space between words: each character counts as a word.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
)
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+|[\u2190-\u2bff\U0001f000-\U0001faff]")
_ASCII_WORD = re.compile(r"[a-z0-9]+")


def fold(text: str) -> str:
    """``text`` in lower case, without accents, any white space as one blank: ``Zoë  Ångström`` is ``zoe angstrom``."""
    if text.isascii():
        folded = text.lower()
    else:
        apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        folded = "".join([each for each in apart if not unicodedata.combining(each)]).translate(_LETTERS)
    return _SPACE.sub(" ", folded).strip()


def words(text: str) -> list[str]:
    """The words of a text in folded spelling, in order. Signs that are neither letter, digit nor picture are none."""
    folded = fold(text)
    found = _ASCII_WORD.findall(folded) if folded.isascii() else _WORD.findall(folded)
    return [word[:MAX_WORD] for word in found]
