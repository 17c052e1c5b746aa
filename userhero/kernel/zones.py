"""The time zones that people can name."""

import zoneinfo
from functools import cache


def is_zone(name: str) -> bool:
    """True for the name of an IANA time zone. A name that a caller sends never becomes a path."""
    return name in _names()


@cache
def _names() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones() - {"Factory", "localtime", "posixrules"})
