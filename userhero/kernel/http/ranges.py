"""Parts of a file, as a ``Range`` header asks for them (RFC 9110, 14)."""

import re
from typing import NamedTuple

_ONE = re.compile(rb"bytes=(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))", re.IGNORECASE)


class Part(NamedTuple):
    """The bytes from ``start`` up to but not including ``end``."""

    start: int
    end: int


class Unsatisfiable(Exception):
    """The range lies outside the file."""


def wanted_part(header: bytes | None, size: int) -> Part | None:
    """The one range that a header asks for; None where the whole file is to be sent: so it is with several ranges,
    other units and everything malformed. Raises Unsatisfiable.
    """
    matched = None if header is None or len(header) > 100 else _ONE.fullmatch(header.strip())
    if matched is None:
        return None
    first, last, suffix = matched.groups()
    if suffix is not None:
        length = min(int(suffix), size)
        if length == 0:
            raise Unsatisfiable
        return Part(size - length, size)
    start = int(first)
    if last and int(last) < start:
        return None
    if start >= size:
        raise Unsatisfiable
    return Part(start, min(int(last) + 1, size) if last else size)
