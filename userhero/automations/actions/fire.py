"""Automations that an event sets off: those of the item's project for that event, in their order."""

from typing import Any, cast

import msgspec
from sqlalchemy import bindparam, select

from userhero.automations.actions.run import refuse, run_automation
from userhero.automations.conditions import fields_of, matches, stored_conditions
from userhero.automations.facts import values_for
from userhero.automations.queries import ROW
from userhero.automations.tables import automations
from userhero.automations.types import AutomationRow, Scope
from userhero.feedback import FeedbackFacts, find_facts
from userhero.kernel.db import Statement, Transaction
from userhero.kernel.events import Happened
from userhero.kernel.jobs import enqueue
from userhero.workspaces import system_actor

# How many automations may lead to one another (semantics, section 12).
MAX_CHAIN = 5
CONTINUE = "automations.continue"

_a = automations
_TRIGGERS = Statement(
    select(*ROW)
    .where(_a.c.project_id == bindparam("project"), _a.c.scope == bindparam("scope"), _a.c.enabled)
    .order_by(_a.c.priority, _a.c.id)
)


class Occasion(msgspec.Struct, frozen=True):
    """What sets automations off: an event's kind and item, and the automations behind it, oldest first.

    ``todo`` names the automations that are left where a job carries it on, None where none was looked at yet.
    """

    scope: Scope
    project_id: str
    feedback_id: str
    cause: tuple[str, ...] = ()
    todo: tuple[str, ...] | None = None


class _Subject:
    """The item that automations look at one after the other, read anew once one of them has changed it."""

    def __init__(self, tx: Transaction, feedback_id: str) -> None:
        self._tx = tx
        self._id = feedback_id
        self._values: dict[str, Any] = {}
        self.facts: FeedbackFacts | None = None
        self.look_again()

    def look_again(self) -> None:
        self._values.clear()
        self.facts = find_facts(self._tx, self._id)

    def meets(self, row: AutomationRow) -> bool:
        if self.facts is None:
            return False
        tree = stored_conditions(row.conditions)
        missing = fields_of(tree) - self._values.keys()
        if missing:
            self._values |= values_for(self._tx, self.facts, missing)
        return matches(tree, self._values, self._tx.now)


def fire(tx: Transaction, happened: Happened) -> None:
    """Run what an event sets off. What takes longer than some milliseconds goes on in a job."""
    project_id = msgspec.json.decode(happened.data, type=_InProject).project_id
    go_on(tx, Occasion(cast(Scope, happened.kind), project_id, happened.subject_id, happened.cause))


def go_on(tx: Transaction, occasion: Occasion) -> None:
    """Run what an occasion sets off, from where it stopped. None runs because of itself, and a chain of them ends."""
    rows = tx.list(AutomationRow, _TRIGGERS, project=occasion.project_id, scope=occasion.scope)
    if not rows:
        return
    subject = _Subject(tx, occasion.feedback_id)
    rows = _candidates(rows, occasion, subject)
    with tx.because(occasion.cause):
        for number, row in enumerate(rows, 1):
            if subject.meets(row):
                _act(tx, row, occasion)
                subject.look_again()
            if tx.turn_is_over and number < len(rows):
                left = tuple(each.id for each in rows[number:])
                enqueue(tx, CONTINUE, msgspec.to_builtins(msgspec.structs.replace(occasion, todo=left)))
                return


def _candidates(rows: list[AutomationRow], occasion: Occasion, subject: _Subject) -> list[AutomationRow]:
    """Those that may run, in order; each is asked again when its turn comes.

    Of a change only those that match the item before any of them ran: what one of them changes is a change of its own,
    and would set the others off twice. A new item is there only once, so each sees what those before it have done.
    """
    if occasion.todo is not None:
        left = set(occasion.todo)
        return [row for row in rows if row.id in left]
    rows = [row for row in rows if row.id not in occasion.cause]
    return rows if occasion.scope == "feedback.created" else [row for row in rows if subject.meets(row)]


def _act(tx: Transaction, row: AutomationRow, occasion: Occasion) -> None:
    actor = system_actor(row.workspace_id, row.name)
    if len(occasion.cause) >= MAX_CHAIN:
        refuse(tx, row, occasion.feedback_id, actor, f"Not done: a chain of automations ends after {MAX_CHAIN}.")
    else:
        run_automation(tx, row, occasion.feedback_id, actor=actor)


class _InProject(msgspec.Struct, rename="camel"):
    """The part of an item's events that says where it belongs."""

    project_id: str
