"""File names that people sent, made safe to show, to store and to put into a header."""

import re
import unicodedata

from userhero.media.formats import EXTENSIONS

MAX_NAME = 100
_FORBIDDEN = re.compile(r'[<>:"|?*\\/%;]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)


def cleaned(name: str | None, mime_type: str) -> str:
    """The last part of a name without control characters, marks that change the writing direction and what file
    systems reserve, at most 100 characters, with an extension of its type.
    """
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name or ""))[-1]
    kept = "".join(character for character in last if unicodedata.category(character)[0] != "C")
    stem = _FORBIDDEN.sub("_", kept).strip(" .-_")
    extensions = EXTENSIONS[mime_type]
    ending = next((extension for extension in extensions if stem.lower().endswith(extension)), None)
    if ending is not None:
        stem, ending = stem[: -len(ending)], stem[-len(ending) :]
    stem = stem.strip(" .-_")[: MAX_NAME - 8] or "file"
    if _RESERVED.match(stem):
        stem = f"file-{stem}"
    return stem + (ending or extensions[0])


def generated(mime_type: str) -> str:
    """The name under which a file of this type is served."""
    return mime_type.partition("/")[0] + EXTENSIONS[mime_type][0]
