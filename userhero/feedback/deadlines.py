"""When an item is due."""

import msgspec

from userhero.kernel import clock
from userhero.projects import Priority, SlaRule

_rules = msgspec.json.Decoder(list[SlaRule]).decode


def due_date(rules: str, priority: Priority | None, created_at: str) -> str | None:
    """``createdAt`` plus the hours of the project's rule for the priority; None where there is no rule."""
    if priority is None or rules == "[]":
        return None
    hours = next((rule.hours for rule in _rules(rules) if rule.priority == priority), 0)
    return clock.shift(created_at, hours=hours) if hours else None
