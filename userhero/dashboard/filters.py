"""The query of an inbox's address: what is shown of it, and addresses that ask for something else."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple, cast
from urllib.parse import parse_qsl, urlencode

from msgspec import UNSET

from userhero.dashboard.choices import PRIORITIES, Choices
from userhero.feedback import FeedbackList, ToDo
from userhero.kernel import clock
from userhero.kernel.db.listing import Order
from userhero.projects import Priority

PAGE = 50
MAX_SEARCH = 500
VIEWS: dict[str, str] = {
    "open": "Open",
    "mine": "Mine",
    "unassigned": "Unassigned",
    "overdue": "Overdue",
    "all": "All",
}
# What the address calls a sort: the column and the direction that the list knows, and what people read.
SORTS: dict[str, tuple[str, Order, str]] = {
    "newest": ("createdAt", "desc", "Newest"),
    "oldest": ("createdAt", "asc", "Oldest"),
    "updated": ("updatedAt", "desc", "Changed last"),
    "due": ("dueDate", "asc", "Due first"),
    "priority": ("priority", "desc", "Most urgent"),
    "votes": ("votes", "desc", "Most votes"),
}
AGES = {"1": "Since yesterday", "7": "Last 7 days", "30": "Last 30 days"}
DUE = {"overdue": ("Overdue", 0), "day": ("Due within a day", 1), "week": ("Due within a week", 7)}
# What narrows a view, in the order in which the page shows it.
FILTERS = ("project", "status", "priority", "type", "assignee", "tag", "customer", "due", "age", "from", "to", "q")
_KNOWN = ("view", *FILTERS, "sort", "saved")
_MAX = 200


class Asked(NamedTuple):
    """What an address asks for: ``given`` are its parameters that make sense, ``wrong`` says what is wrong with others.

    ``own`` is the user id of whoever asks.
    """

    given: dict[str, str]
    wrong: dict[str, str]
    own: str
    now: str

    @property
    def view(self) -> str:
        """The view; open items where none is named."""
        return self.given.get("view", "open")

    @property
    def sort(self) -> str:
        """What it is sorted by."""
        return self.given.get("sort", self.usual_sort)

    @property
    def usual_sort(self) -> str:
        """What it is sorted by where the address does not say."""
        return "due" if self.view == "overdue" or "due" in self.given else "newest"

    @property
    def filters(self) -> dict[str, str]:
        """What narrows the view."""
        return {name: self.given[name] for name in FILTERS if name in self.given}

    def to_do(self) -> ToDo | None:
        """Whether open items only are asked for: a status says more than the view does."""
        due = "overdue" if self.view == "overdue" else self.given.get("due")
        if due is not None:
            return ToDo(due, clock.shift(self.now, days=DUE[due][1]))
        return None if self.view == "all" or "status" in self.given else ToDo()

    def wanted(self, workspace_id: str, cursor: str | None) -> FeedbackList:
        """The list to ask for."""
        given = self.given
        assignee = given.get("assignee", {"mine": "me", "unassigned": "none"}.get(self.view))
        column, order, _ = SORTS[self.sort]
        return FeedbackList(
            workspace_id=workspace_id,
            project_id=given.get("project"),
            status=given.get("status"),
            priority=cast(Priority | None, given.get("priority")),
            category=given.get("type"),
            assignee_id=self.own if assignee == "me" else assignee,
            tag=given.get("tag"),
            customer_id=given.get("customer"),
            search=given.get("q"),
            created_after=_before(self._from()),
            created_before=_end(given.get("to")),
            sort=cast(Any, column),
            order=order,
            page_size=PAGE,
            cursor=cursor or UNSET,
        )

    def query(self, **changes: str | None) -> str:
        """The query of an address that asks for the same but for some changes; None takes a parameter away."""
        wanted = {**self.given, **changes}
        return urlencode({name: value for name in _KNOWN if (value := wanted.get(name))})

    def _from(self) -> str | None:
        if "from" in self.given or "age" not in self.given:
            return self.given.get("from")
        return clock.shift(self.now, days=-int(self.given["age"]))[:10]


def read(query: Mapping[str, str], choices: Choices, *, own: str, now: str, saved: Collection[str] = ()) -> Asked:
    """What a query asks for. What nobody could have chosen is left out; ``saved`` are the views that are there."""
    given = {name: value for name in _KNOWN if (value := query.get(name, "").strip())}
    known: dict[str, Any] = {
        "view": VIEWS,
        "sort": SORTS,
        "saved": saved,
        "age": AGES,
        "due": DUE,
        "priority": PRIORITIES,
        "project": [each.id for each in choices.projects],
        "status": choices.statuses,
        "assignee": ["me", "none", *(each.user_id for each in choices.people)],
    }
    wrong: dict[str, str] = {}
    for name, value in [*given.items()]:
        rule = _broken(name, value)
        if rule is not None:
            wrong[name] = rule
        if rule is not None or (name in known and value not in known[name]):
            del given[name]
    return Asked(given, wrong, own, now)


def read_back(text: str) -> str:
    """A query of the inbox that came through another page's address, with nothing else in it."""
    found = dict(parse_qsl(text[:2_000])) if text.isprintable() else {}
    return urlencode({name: found[name] for name in (*_KNOWN, "cursor") if name in found})


def _broken(name: str, value: str) -> str | None:
    if name in ("from", "to"):
        try:
            clock.shift(clock.parse(value), days=1)
        except (ValueError, OverflowError):
            return "must be a date, such as 2026-05-30"
        return None
    # An address that holds one is refused, but a query within a form may hold what it likes.
    if "\0" in value:
        return "must have no NUL character"
    most = MAX_SEARCH if name == "q" else _MAX
    return f"must have {most} characters at the most" if len(value) > most else None


def _before(day: str | None) -> str | None:
    """The last moment before a day: lists ask for what is later than a moment."""
    if day is None:
        return None
    try:
        return clock.shift(clock.parse(day), milliseconds=-1)
    except OverflowError:
        return None


def _end(day: str | None) -> str | None:
    return None if day is None else clock.shift(clock.parse(day), days=1)
