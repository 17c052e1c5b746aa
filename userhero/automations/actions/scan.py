"""Automations that time sets off: they look at the open and pending items of their project every so often."""

from functools import partial

import msgspec
from sqlalchemy import bindparam, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert

from userhero.automations.actions.run import run_automation
from userhero.automations.conditions import fields_of, matches, stored_conditions
from userhero.automations.facts import values_for
from userhero.automations.queries import ROW
from userhero.automations.tables import automation_marks, automations
from userhero.automations.types import AutomationRow, Schedule
from userhero.feedback import FeedbackFacts, find_facts, list_unsettled
from userhero.kernel import clock
from userhero.kernel.actor import Actor
from userhero.kernel.db import Database, Statement, Transaction
from userhero.kernel.db.functions import is_among
from userhero.kernel.jobs import enqueue
from userhero.workspaces import system_actor

SCAN = "automations.scan"
_STARTED_AT_ONCE = 100
# How long one job scans before it goes on in another.
_SHIFT_SECONDS = 60.0

_a, _m = automations, automation_marks
_DUE = Statement(
    select(_a.c.id, _a.c.schedule, _a.c.next_scan_at)
    .where(_a.c.next_scan_at <= bindparam("now"), _a.c.enabled)
    .order_by(_a.c.next_scan_at)
    .limit(literal_column(str(_STARTED_AT_ONCE)))
    .with_for_update(skip_locked=True)
)
_MOVE = Statement(update(_a).where(_a.c.id == bindparam("automation")).values(next_scan_at=bindparam("next")))
_ACTIVE = Statement(
    select(*ROW).where(_a.c.id == bindparam("automation"), _a.c.enabled, _a.c.next_scan_at.is_not(None))
)
_HELD = Statement(
    select(*ROW)
    .where(_a.c.id == bindparam("automation"), _a.c.enabled, _a.c.next_scan_at.is_not(None))
    .with_for_update(read=True, key_share=True)
)
_MARKS = Statement(
    select(_m.c.feedback_id, _m.c.seen_at).where(
        _m.c.automation_id == bindparam("automation"), is_among(_m.c.feedback_id, bindparam("items"))
    )
)
_put = insert(_m).values(
    automation_id=bindparam("automation"), feedback_id=bindparam("feedback"), seen_at=bindparam("seen")
)
_MARK = Statement(
    _put.on_conflict_do_update(
        index_elements=[_m.c.automation_id, _m.c.feedback_id], set_={"seen_at": _put.excluded.seen_at}
    )
)
_decode = msgspec.json.Decoder(Schedule).decode
_encode = msgspec.json.Encoder().encode


class Scan(msgspec.Struct, frozen=True):
    """How far a scan has got: the automation, when it began, and the last item that it looked at."""

    automation_id: str
    until: str
    after: tuple[str, str] = ("", "")


def first_scan(schedule: Schedule, now: str) -> str:
    """When an automation looks at items for the first time."""
    return clock.shift(now, **{schedule.unit: schedule.every})


def start_due(tx: Transaction) -> bool:
    """Ask for the scans that are due, at most 100; True where there may be more. Scans that were missed are made up
    for by one.
    """
    due = tx.all(_DUE, now=tx.now)
    for automation_id, schedule, planned in due:
        tx.run(_MOVE, automation=automation_id, next=_following(_decode(schedule), planned, tx.now))
        scan = Scan(automation_id, tx.now)
        enqueue(tx, SCAN, msgspec.to_builtins(scan), key=automation_id)
    return len(due) == _STARTED_AT_ONCE


def scan(database: Database, place: Scan) -> Scan | None:
    """Act on what matches, in short units; the place to go on from where a minute was not enough, else None."""
    started = clock.monotonic()
    while clock.monotonic() - started < _SHIFT_SECONDS:
        page, todo = database.read(partial(_look, place=place))
        while todo:
            done = database.write(partial(_act, automation_id=place.automation_id, todo=todo))
            todo = todo[done:]
        if not page:
            return None
        place = Scan(place.automation_id, place.until, (page[-1].created_at, page[-1].id))
    return place


def _look(tx: Transaction, *, place: Scan) -> tuple[list[FeedbackFacts], list[str]]:
    """The next items, and the ids of those that the automation should act on; none where it is off by now."""
    row = tx.find(AutomationRow, _ACTIVE, automation=place.automation_id)
    if row is None:
        return [], []
    page = list_unsettled(tx, row.project_id, until=place.until, after=place.after)
    tree = stored_conditions(row.conditions)
    fields = fields_of(tree)
    matched = [item for item in page if matches(tree, values_for(tx, item, fields), tx.now)]
    marks = _marks(tx, row.id, [item.id for item in matched])
    return page, [item.id for item in matched if item.updated_at != marks.get(item.id)]


def _act(tx: Transaction, *, automation_id: str, todo: list[str]) -> int:
    """Act on items until the unit has taken its time; returns how many were dealt with. Things may have changed since
    they were looked at, so all is asked again.
    """
    done = 0
    row = tx.find(AutomationRow, _HELD, automation=automation_id)
    if row is None:
        return len(todo)
    marks = _marks(tx, row.id, todo)
    actor = system_actor(row.workspace_id, row.name)
    for feedback_id in todo:
        item = find_facts(tx, feedback_id)
        if item is not None and item.is_unsettled() and item.updated_at != marks.get(feedback_id):
            _act_once(tx, row, feedback_id, actor)
        done += 1
        if tx.turn_is_over:
            break
    return done


def _act_once(tx: Transaction, row: AutomationRow, feedback_id: str, actor: Actor) -> None:
    """Run it, and note how the item stands after that: what it changed itself does not bring it back. Any other time
    of change does, an earlier one too: clocks are set back.
    """
    if run_automation(tx, row, feedback_id, actor=actor).outcome == "no-match":
        return
    after = find_facts(tx, feedback_id)
    assert after is not None, "no action removes an item"
    tx.run(_MARK, automation=row.id, feedback=feedback_id, seen=after.updated_at)


def _marks(tx: Transaction, automation_id: str, feedback_ids: list[str]) -> dict[str, str]:
    if not feedback_ids:
        return {}
    return dict(tx.all(_MARKS, automation=automation_id, items=_encode(feedback_ids).decode()))


def _following(schedule: Schedule, planned: str, now: str) -> str:
    """The first time after ``now`` that is a whole number of intervals from when the scan was planned."""
    interval = schedule.every * (3600 if schedule.unit == "hours" else 86_400)
    missed = max(0, int((clock.unix(now) - clock.unix(planned)) // interval))
    return clock.shift(planned, seconds=(missed + 1) * interval)
