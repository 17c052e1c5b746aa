"""What the demo workspace holds: a month of feedback on a booking tool, told in the order in which it happened."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Literal, NamedTuple

import msgspec

from userhero import feedback, workspaces
from userhero.kernel import clock
from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction
from userhero.projects import Tenant

WORKSPACE, PROJECT = "Larkspur Studio", "Larkspur"
_COLLEAGUES = {"maya.okafor@example.com": "Maya Okafor", "felix.brandt@example.com": "Felix Brandt"}


class Item(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """One thing that somebody said, and what became of it ``hours_later``."""

    days_ago: float
    user_name: str
    user_email: str
    category: str
    message: str
    tags: list[str]
    page: str
    browser: str
    rating: float | None = None
    priority: Literal["low", "medium", "high", "urgent"] | None = None
    status: str | None = None
    hours_later: float = 0


class _Made(msgspec.Struct):
    id: str


class _Step(NamedTuple):
    at: float
    act: Callable[[Transaction], None]


def fill(tx: Transaction, tenant: Tenant, owner: Actor) -> int:
    """Tell the whole story in the tenant's project; returns how many items it has."""
    people = [owner.user_id, *_invite(tx, tenant.workspace_id)]
    items = msgspec.json.decode((files("userhero.cli.demo") / "feedback.json").read_bytes(), type=list[Item])
    with _time_travel(tx) as travel:
        for step in sorted(_steps(items, tenant, owner, people), key=lambda step: step.at):
            travel(step.at)
            step.act(tx)
    return len(items)


def _steps(items: list[Item], tenant: Tenant, owner: Actor, people: list[str]) -> Iterator[_Step]:
    now = clock.seconds()
    for number, item in enumerate(items):
        said_at = now - item.days_ago * 86_400
        told = _Told(item, tenant, owner, people[number % len(people)])
        yield _Step(said_at, told.say)
        yield _Step(min(said_at + item.hours_later * 3600, now), told.answer)


class _Told:
    """One item, first said and later dealt with."""

    def __init__(self, item: Item, tenant: Tenant, owner: Actor, assignee: str) -> None:
        self._item = item
        self._tenant = tenant
        self._owner = owner
        self._assignee = assignee
        self._id = ""

    def say(self, tx: Transaction) -> None:
        item = self._item
        new = feedback.NewFeedback(
            workspace_id=self._tenant.workspace_id,
            project_id=self._tenant.project_id,
            message=item.message,
            category=item.category,
            rating=item.rating,
            tags=item.tags,
            priority=item.priority,
            user_email=item.user_email,
            context={"page": item.page, "browser": item.browser},
            custom_metadata={"userName": item.user_name},
        )
        self._id = msgspec.json.decode(feedback.submit_feedback(tx, self._owner, new), type=_Made).id

    def answer(self, tx: Transaction) -> None:
        if self._item.status is None:
            return
        change = feedback.FeedbackChange(
            workspace_id=self._tenant.workspace_id, status=self._item.status, assignee_id=self._assignee
        )
        feedback.change_feedback(tx, self._owner, self._id, change)


def _invite(tx: Transaction, workspace_id: str) -> list[str]:
    made = []
    for email, name in _COLLEAGUES.items():
        made.append(workspaces.create_user(tx, email=email, name=name))
        workspaces.set_member(tx, workspace_id, email=email, role="member")
    return made


@contextmanager
def _time_travel(tx: Transaction) -> Iterator[Callable[[float], None]]:
    """Inside, what is written is written at the times that the caller travels to."""
    moment = clock.seconds()
    before = clock.use(lambda: moment)

    def travel(to: float) -> None:
        nonlocal moment
        moment = to
        tx.renew()

    try:
        yield travel
    finally:
        clock.use(before)
        tx.renew()
