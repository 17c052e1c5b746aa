"""Identifiers: a prefix that says what it names, then 26 characters that sort by the time they were made."""

import secrets
import zlib

from uuid_utils import UUID, uuid7

from userhero.kernel import clock

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

# Ten bits at a time, from the top: thirteen pairs of base32hex digits hold 130 bits.
_DIGITS = "0123456789abcdefghijklmnopqrstuv"
_PAIRS = [first + second for first in _DIGITS for second in _DIGITS]
_SHIFTS = range(120, -1, -10)


def new(prefix: str) -> str:
    """A fresh id such as ``fb_0cv3…``: UUIDv7 (RFC 9562) in base32hex, which keeps the order of its bytes."""
    value = _uuid7().int
    return f"{prefix}_{''.join([_PAIRS[value >> shift & 1023] for shift in _SHIFTS])}"


def new_uuid() -> str:
    """A fresh UUIDv7 in its usual hyphenated form."""
    return str(_uuid7())


def _uuid7() -> UUID:
    return uuid7(nanoseconds=int(clock.seconds() * 1_000_000) * 1_000)


def random_base62(length: int) -> str:
    """``length`` characters of 0-9A-Za-z from the system's random generator."""
    return "".join(secrets.choice(BASE62) for _ in range(length))


def checksum62(text: str) -> str:
    """The CRC-32 of ``text`` as six base62 characters, so that a scanner can tell a real key from a look-alike."""
    value = zlib.crc32(text.encode())
    digits = ""
    for _ in range(6):
        value, digit = divmod(value, 62)
        digits = BASE62[digit] + digits
    return digits
