"""From encoded bytes to text, where neither the encoding nor its name need be what they claim."""

import binascii
import codecs
import quopri
import re

# Python knows more codecs than mail does, and some of them raise, warn or take their time on bad input.
_CHARSETS = frozenset(
    {"ascii", "utf-8", "utf-16", "utf-16-be", "utf-16-le", "gb2312", "gbk", "gb18030", "big5", "big5hkscs", "hz"}
    | {"shift_jis", "cp932", "euc_jp", "iso2022_jp", "iso2022_jp_2", "euc_kr", "cp949", "iso2022_kr", "johab"}
    | {"koi8-r", "koi8-u", "kz1048", "tis-620", "mac-roman", "cp437", "cp850", "cp852", "cp866"}
    | {f"iso8859-{number}" for number in (*range(2, 12), *range(13, 17))}
    | {f"cp{number}" for number in (874, *range(1250, 1259))}
)
# What calls itself so is Windows-1252 more often than not (WHATWG Encoding); the rest is the same in both.
_WESTERN = frozenset({"iso8859-1", "ascii"})
_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_WORD = re.compile(r"=\?([!-<>@-~]{1,40})\?([bBqQ])\?([!->@-~]{0,2000})\?=")
_NAME = re.compile(r"[A-Za-z0-9_:.-]{1,40}")


def text_of(data: bytes, charset: str) -> str:
    """The text, with U+FFFD for what can't be read. A charset that is not known or not named is guessed."""
    name = _known(charset)
    if name is None or name in _WESTERN:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            name = "cp1252"
    return data.decode(name, "replace")


def transferred(data: bytes, encoding: str) -> bytes:
    """The content of a part, whose Content-Transfer-Encoding this was. What is damaged yields what is left of it."""
    match encoding.strip().lower():
        case "base64":
            return base64_of(data)
        case "quoted-printable":
            return quopri.decodestring(data)
        case _:
            return data


def base64_of(data: bytes) -> bytes:
    """The bytes, whatever else stands between the digits, and however it ends."""
    digits = data.partition(b"=")[0].translate(None, _NOT_BASE64)
    whole = digits[: len(digits) - 1] if len(digits) % 4 == 1 else digits
    return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))


def words_of(value: str) -> str:
    """A field of a header as it is shown: its encoded words (RFC 2047) read, several in a row as one."""
    if "=?" not in value:
        return value
    shown: list[str] = []
    pending, charset, end = b"", "", 0
    for found in _WORD.finditer(value):
        between = value[end : found.start()]
        if not charset or between.strip() or found[1].lower() != charset:
            shown.append(text_of(pending, charset) if charset else "")
            # White space between two encoded words only keeps them apart.
            shown.append("" if charset and not between.strip() else between)
            pending = b""
        charset, end = found[1].lower(), found.end()
        pending += _unquoted(found[3]) if found[2] in "qQ" else base64_of(found[3].encode())
    shown.append(text_of(pending, charset) if charset else "")
    return "".join(shown) + value[end:]


def _unquoted(word: str) -> bytes:
    return quopri.decodestring(word.encode(), header=True)


def _known(charset: str) -> str | None:
    """Python's name for a charset that is used in mail, or None."""
    # RFC 2231 lets a language follow: utf-8*en.
    name = charset.partition("*")[0].strip().strip("'\"")
    if not _NAME.fullmatch(name):
        return None
    try:
        found = codecs.lookup(name).name
    except LookupError:
        return None
    return found if found in _CHARSETS | _WESTERN else None
