"""``/app/{workspace_id}/usage``: how much of the plan is used."""

from typing import NamedTuple, cast

from msgspec import UNSET

from userhero.kernel.db import Transaction
from userhero.kernel.http.pages import PageRoutes, View, Visit
from userhero.workspaces.types import Usage
from userhero.workspaces.usage import get_usage

_WORDS = {
    "feedback_per_month": "Feedback this month",
    "projects": "Projects",
    "members": "Members",
    "automations": "Active automations",
    "custom_fields": "Custom fields",
    "custom_statuses": "Custom statuses",
    "storage_bytes": "Media",
}
# From so much of a limit on it is said to be near.
_NEAR = 0.8

pages = PageRoutes()


class Line(NamedTuple):
    """How much there is of one thing, as people read it. ``limit`` and ``share`` are None where there is no end."""

    title: str
    used: str
    limit: str | None
    share: float | None

    @property
    def tone(self) -> str:
        """How it stands: ``good``, ``warn`` or ``bad``."""
        if self.share is None or self.share < _NEAR:
            return "good"
        return "warn" if self.share < 1 else "bad"


@pages.get("/app/{workspace_id}/usage", role="admin")
def show_usage(tx: Transaction, visit: Visit) -> View:
    """The plan's limits, and what is used of each."""
    usage = get_usage(tx, visit.actor, cast(str, visit.workspace_id), UNSET)
    return View("workspaces/usage.html", {"usage": usage, "lines": _lines(usage)})


def _lines(usage: Usage) -> list[Line]:
    found = []
    for kind, title in _WORDS.items():
        used, limit = getattr(usage.usage, kind), getattr(usage.limits, kind)
        shown = _bytes if kind == "storage_bytes" else _number
        # A plan may allow none of something: then one is too many, and none is no reason to worry.
        share = None if limit is None else used / limit if limit else float(used > 0)
        found.append(Line(title, shown(used), None if limit is None else shown(limit), share))
    return found


def _number(amount: int) -> str:
    return f"{amount:,}"


def _bytes(amount: int) -> str:
    """In the largest unit of which there is one: ``1.5 GiB``."""
    size, unit = float(amount), "bytes"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if size < 1024:
            break
        size, unit = size / 1024, larger
    return f"{size:,.1f}".removesuffix(".0") + f" {unit}"
