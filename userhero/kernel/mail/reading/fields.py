"""The header of a mail, or of one of its parts."""

import re

from userhero.kernel.mail.addresses import Mailbox, find_address
from userhero.kernel.mail.lines import MAX_NAME, one_line
from userhero.kernel.mail.reading.decoding import text_of, words_of
from userhero.kernel.mail.reading.parameters import read_parameters

# Enough for a long list of recipients.
_MAX_VALUE = 16_000
_NAME = re.compile(rb"([!-9;-~]{1,80})[ \t]*:(.*)", re.DOTALL)
_FOLD = re.compile(rb"\r?\n(?=[ \t])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_MESSAGE_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,250}>")
# What a list of addresses is made of; a quote or bracket that is never closed reaches to the end.
_TOKEN = re.compile(
    r'"(?P<quoted>(?:[^"\\]|\\.)*+)"?|<(?P<angle>[^<>]*+)>?|(?P<open>\()|(?P<close>\))|(?P<colon>:)|(?P<end>[,;])'
    r'|(?P<plain>[^"<(),;:]++|.)',
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,120}")


class Fields:
    """The fields of a header by their names in lower case, each value on one line."""

    def __init__(self, block: bytes) -> None:
        self._values: dict[str, list[str]] = {}
        for line in _FOLD.sub(b"", block).split(b"\n"):
            found = _NAME.fullmatch(line)
            if found is not None:
                value = _CONTROL.sub(" ", text_of(found[2][:_MAX_VALUE], "")).strip()
                self._values.setdefault(found[1].decode("ascii").lower(), []).append(value)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def all(self, name: str) -> list[str]:
        """Every value of a field."""
        return self._values.get(name, [])

    def get(self, name: str) -> str | None:
        """The first value of a field, or None."""
        return next(iter(self.all(name)), None)

    def message_ids(self, name: str) -> list[str]:
        """The Message-IDs in a field, with their angle brackets."""
        return [found for value in self.all(name) for found in _MESSAGE_ID.findall(value)]

    def mailboxes(self, name: str) -> list[Mailbox | None]:
        """The addresses in a field, in order; None for one that can't be read."""
        return [mailbox for value in self.all(name) for mailbox in mailboxes(value)]


class Content:
    """What a part says of its content (RFC 2045, RFC 2183). ``kind`` is the media type, in lower case.

    ``file_name`` is empty for what is no file, and for a file that nobody named.
    """

    def __init__(self, fields: Fields, default: str) -> None:
        kind, self._parameters = read_parameters(fields.get("content-type") or default)
        disposition, more = read_parameters(fields.get("content-disposition") or "")
        # RFC 2045, section 5.2: what is said in a way that nobody understands is text.
        self.kind = kind if _TYPE.fullmatch(kind) else "text/plain"
        self.encoding = fields.get("content-transfer-encoding") or ""
        self.is_attached = disposition == "attachment"
        self.file_name = more.get("filename") or self.parameter("name")

    def parameter(self, name: str) -> str:
        """A parameter of the media type; empty where there is none."""
        return self._parameters.get(name, "")


def mailboxes(value: str) -> list[Mailbox | None]:
    """The addresses of a list (RFC 5322, section 3.4), groups taken apart; None for an entry that is no address."""
    entries = [_Entry()]
    for token in _TOKEN.finditer(value):
        kind, text = token.lastgroup or "", token[token.lastgroup or 0]
        if kind == "end" and not entries[-1].is_in_comment:
            entries.append(_Entry())
        else:
            entries[-1].take(kind, text)
    return [mailbox for entry in entries for mailbox in entry.mailboxes()]


class _Entry:
    """One entry of a list of addresses while it is read."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._comment: list[str] = []
        self._addresses: list[str] = []
        self._is_quoted = False
        self._depth = 0

    @property
    def is_in_comment(self) -> bool:
        """True between parentheses."""
        return self._depth > 0

    def take(self, kind: str, text: str) -> None:
        """One more token of it."""
        if kind in ("open", "close"):
            self._depth = max(0, self._depth + (1 if kind == "open" else -1))
        elif self._depth:
            self._comment.append(text)
        elif kind == "angle":
            self._addresses.append(text)
        elif kind == "colon":
            self._text.clear()  # What came before is the name of a group.
        else:
            self._is_quoted |= kind == "quoted"
            self._text.append(_ESCAPE.sub(r"\1", text) if kind == "quoted" else text)

    def mailboxes(self) -> list[Mailbox | None]:
        """The entry as an address; none at all where it is empty."""
        text = "".join(self._text).strip()
        if not text and not self._addresses:
            return []
        given, name = (self._addresses[0], text) if self._addresses else (text, "".join(self._comment))
        # Of two addresses neither is the one, and what is in quotes is a name.
        is_plain = len(self._addresses) == 1 or not (self._addresses or self._is_quoted)
        # A route may stand before an address (RFC 5322, section 4.4).
        address = find_address(given.rpartition(":")[2].strip()) if is_plain else None
        return [Mailbox(address, one_line(words_of(name), MAX_NAME)) if address else None]
