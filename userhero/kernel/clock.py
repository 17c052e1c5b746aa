"""The one place that asks what time it is.

Times travel through the program as text: ISO 8601, UTC, milliseconds, ``Z`` (24 characters). In that form they
sort, compare and leave the database as they are; see docs/adr/0002-times-are-text.md.
"""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

# The usual profile of ISO 8601 (RFC 3339, with the time or the offset left out if need be): Python reads many more
# spellings, down to a run of digits, which nobody who sends one means as a time.
_ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?)?", re.ASCII
)

_source: Callable[[], float] = time.time


def now() -> str:
    """The current time, for example ``2026-05-30T10:00:00.000Z``."""
    return iso(_source())


def seconds() -> float:
    """The current Unix time in seconds."""
    return _source()


def monotonic() -> float:
    """Seconds that never run backwards, for measuring how long something took."""
    return time.perf_counter()


def iso(unix: float) -> str:
    """Unix seconds as text. Raises OverflowError or ValueError outside the years 1 to 9999."""
    return _text(datetime.fromtimestamp(unix + 0.000_000_5, UTC))


def unix(text: str) -> float:
    """The Unix seconds of a time as this program writes it. Raises ValueError for any other text."""
    return datetime.fromisoformat(text).timestamp()


def shift(text: str, **amount: float) -> str:
    """``text`` moved by a ``timedelta`` given in its own words: ``shift(now, hours=-4)``."""
    return _text(datetime.fromisoformat(text) + timedelta(**amount))


def parse(text: str) -> str:
    """Any ISO 8601 date or time as this program writes it; no offset means UTC.

    Raises ValueError for anything else, and where the time in UTC would leave the years 1 to 9999.
    """
    text = text.upper()
    if not _ISO.fullmatch(text):
        raise ValueError("not an ISO 8601 time")
    moment = datetime.fromisoformat(text)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else _in_utc(moment)
    return _text(moment)


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("outside the years 1 to 9999") from error


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def use(source: Callable[[], float]) -> Callable[[], float]:
    """Take the time from ``source`` (Unix seconds) from now on; returns the source used so far."""
    global _source
    before, _source = _source, source
    return before
