"""Identifiers: a prefix that says what it names, then 26 characters that sort by the time they were made."""

import os
import secrets
import threading
import zlib
from uuid import UUID

from userhero.kernel import clock

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

# Ten bits at a time, from the top: thirteen pairs of base32hex digits hold 130 bits.
_DIGITS = "0123456789abcdefghijklmnopqrstuv"
_PAIRS = [first + second for first in _DIGITS for second in _DIGITS]
_SHIFTS = range(120, -1, -10)
_RANDOM_BITS, _LOW_BITS, _STEP_BITS = 74, 62, 40
# Bytes.
_POOL = 512


class _Chance:
    """Random bits of the system's generator, fetched by the hundred: each call of it is one of the kernel."""

    def __init__(self) -> None:
        self._pool = self._left = 0

    def bits(self, number: int) -> int:
        if number > self._left:
            self._pool, self._left = int.from_bytes(os.urandom(_POOL), "big"), _POOL * 8
        found = self._pool & ((1 << number) - 1)
        self._pool >>= number
        self._left -= number
        return found


class _Source:
    """UUIDs of version 7 (RFC 9562), of which each that this process makes is greater than the one before.

    In one millisecond the random part grows by a random step (section 6.2, method 2), so that what is listed newest
    first comes in the order in which it was made. Where the clock goes back, what is made sorts by the new time.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._chance = _Chance()
        self._millisecond = -1
        self._random = 0

    def next(self) -> int:
        millisecond = int(clock.seconds() * 1000)
        with self._lock:
            if millisecond == self._millisecond:
                self._random += 1 + self._chance.bits(_STEP_BITS)
            else:
                # The top bit stays free for what is added.
                self._millisecond, self._random = millisecond, self._chance.bits(_RANDOM_BITS - 1)
            chance = self._random
        high, low = chance >> _LOW_BITS, chance & ((1 << _LOW_BITS) - 1)
        return millisecond << 80 | 7 << 76 | high << 64 | 2 << 62 | low


_source = _Source()


def new(prefix: str) -> str:
    """A fresh id such as ``fb_0cv3…``: UUIDv7 (RFC 9562) in base32hex, which keeps the order of its bytes."""
    value = _source.next()
    return f"{prefix}_{''.join([_PAIRS[value >> shift & 1023] for shift in _SHIFTS])}"


def made_at(identifier: str) -> str:
    """When an id of ``new`` was made."""
    return clock.iso((int(identifier.rpartition("_")[2], 32) >> 80) / 1000)


def new_uuid() -> str:
    """A fresh UUIDv7 in its usual hyphenated form."""
    return str(UUID(int=_source.next()))


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
