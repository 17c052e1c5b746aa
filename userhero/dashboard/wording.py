"""Times and texts as people read them at a glance."""

from userhero.kernel import clock

_STEPS = ((60, "min", 60), (3_600, "h", 24), (86_400, "d", 30), (2_592_000, "mo", 12), (31_536_000, "y", 1_000))
TONES = {"urgent": "bad", "high": "warn", "medium": "neutral", "low": "neutral"}


def ago(now: str, moment: str) -> str:
    """How long ago, in one unit: ``now``, ``5 min``, ``3 h``, ``2 d``, ``4 mo``, ``1 y``."""
    return _span(clock.unix(now) - clock.unix(moment)) or "now"


def until(now: str, moment: str) -> str:
    """How much time is left, or how much too late it is: ``in 3 h``, ``2 d late``."""
    left = clock.unix(moment) - clock.unix(now)
    span = _span(abs(left)) or "1 min"
    return f"in {span}" if left > 0 else f"{span} late"


def day(moment: str) -> str:
    """Date and minute, UTC: ``2026-05-30 10:00``."""
    return f"{moment[:10]} {moment[11:16]}"


def shown_count(count: int, most: int) -> str:
    """``12``, or ``1,000+`` where there are more than were counted."""
    return f"{most:,}+" if count > most else f"{count:,}"


def _span(seconds: float) -> str:
    for size, unit, most in _STEPS:
        number = int(seconds // size)
        if number < most:
            return f"{number} {unit}" if number else ""
    return "ages"
