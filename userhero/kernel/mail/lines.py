"""Text made fit for a mail: for one line of its header, or for its body."""

import re
from email.header import Header

from userhero.kernel.mail.addresses import Mailbox

MAX_SUBJECT, MAX_NAME = 255, 100
CRLF = "\r\n"
_LINE = 78

# Whatever some program takes for the end of a line, other controls, lone surrogates, and marks that turn the direction
# of what follows: a name must not be able to rearrange the line that it stands in.
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]+")
_SPACE = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")
_BREAK = re.compile(r"\r\n|[\r\n\x85\u2028\u2029]")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")


def one_line(text: str, limit: int) -> str:
    """The text on one line without control characters, its end cut off above ``limit`` characters."""
    line = _SPACE.sub(" ", _UNFIT.sub(" ", text)).strip()
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def many_lines(text: str) -> str:
    """The text with a line feed at the end of each line, the last one too, and no other control characters but tabs."""
    return _CONTROL.sub("", _BREAK.sub("\n", text)).rstrip("\n") + "\n"


def header_line(name: str, text: str) -> str:
    """A line of the header for text that people wrote (RFC 2047 where it is not plain ASCII), folded."""
    return f"{name}: {_encoded(name, one_line(text, MAX_SUBJECT))}{CRLF}"


def mailbox_line(name: str, mailbox: Mailbox) -> str:
    """A line of the header for an address. The address is known to be one."""
    shown = _phrase(name, one_line(mailbox.name, MAX_NAME))
    if not shown:
        return f"{name}: {mailbox.address}{CRLF}"
    last = shown.rpartition(CRLF)[2]
    gap = " " if len(name) + len(last) + len(mailbox.address) + 5 <= _LINE else f"{CRLF} "
    return f"{name}: {shown}{gap}<{mailbox.address}>{CRLF}"


def _phrase(name: str, text: str) -> str:
    if not _is_plain(text):
        return _encoded(name, text)
    if not text or _ATOMS.fullmatch(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _encoded(name: str, text: str) -> str:
    charset = "us-ascii" if _is_plain(text) else "utf-8"
    return Header(text, charset=charset, header_name=name, maxlinelen=_LINE - 2).encode(linesep=CRLF)


def _is_plain(text: str) -> bool:
    """True where the text can stand as it is. One that looks like an encoded word would be read as what it encodes."""
    return text.isascii() and "=?" not in text
