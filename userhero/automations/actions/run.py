"""Running an automation on an item: conditions, actions, and the record of what came of it."""

from typing import Any

import msgspec
from msgspec import UnsetType
from sqlalchemy import bindparam, delete, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from userhero.automations.actions.perform import Task, perform
from userhero.automations.conditions import fields_of, matches, stored_conditions
from userhero.automations.facts import values_for
from userhero.automations.queries import STATS_DAYS, get_automation, get_row, hour_of
from userhero.automations.steps import Action, decode_actions, type_of
from userhero.automations.system import SYSTEM_NAME, project_of, system_id
from userhero.automations.tables import automation_counts, automation_runs, automations
from userhero.automations.types import ActionResult, AutomationRow, Outcome, RunResult
from userhero.feedback import hold_facts
from userhero.kernel import clock, ids
from userhero.kernel.actor import Actor
from userhero.kernel.db import Statement, Transaction, insertion
from userhero.kernel.errors import BadRequest, NotFound, Problem
from userhero.kernel.events import Happened
from userhero.projects import Priority

KEPT_DAYS, CHUNK = 30, 500

_a, _r, _c = automations, automation_runs, automation_counts
_INSERT = insertion(
    automation_runs, "id", "workspace_id", "automation_id", "feedback_id", "outcome", "actions", "actor_id",
    "actor_name", "by_system", "run_at",
)  # fmt: skip
_counted = upsert(_c).values(
    {name: bindparam(name) for name in ("workspace_id", "automation_id", "hour", "matched", "errored")},
)
_COUNT = Statement(
    _counted.on_conflict_do_update(
        index_elements=[_c.c.automation_id, _c.c.hour],
        set_={
            "matched": _c.c.matched + _counted.excluded.matched,
            "errored": _c.c.errored + _counted.excluded.errored,
        },
    )
)
_TOUCH = Statement(update(_a).where(_a.c.id == bindparam("automation")).values(last_run_at=bindparam("now")))
_old = select(_r.c.id).where(_r.c.run_at <= bindparam("before")).order_by(_r.c.run_at)
_PURGE = Statement(delete(_r).where(_r.c.id.in_(_old.limit(literal_column(str(CHUNK))))))
_PURGE_COUNTS = Statement(delete(_c).where(_c.c.hour < bindparam("before")))
_encode = msgspec.json.Encoder().encode


def run_macro(
    tx: Transaction, actor: Actor, automation_id: str, feedback_id: str, workspace_id: str | UnsetType
) -> RunResult:
    """Run a macro on an item because somebody says so.

    Raises NotFound for an unknown automation and for an item that is not its project's, BadRequest for an automation
    that is not a macro, or not active.
    """
    if project_of(automation_id) is not None:
        get_automation(tx, actor, automation_id, workspace_id)
        raise BadRequest("Only macros can be run by hand; this automation comes from the project's SLA rules.")
    _, row = get_row(tx, actor, automation_id, workspace_id, locked=False)
    if row.scope != "manual":
        raise BadRequest(f"Only macros can be run by hand; this automation has the scope {row.scope}.")
    if not row.enabled:
        raise BadRequest("This automation is switched off.")
    return run_automation(tx, row, feedback_id, actor=actor)


def run_automation(tx: Transaction, automation: AutomationRow, feedback_id: str, *, actor: Actor) -> RunResult:
    """Hold the conditions against an item of the automation's project and, where they match, do the actions in order.

    An action that fails leaves no trace but its error; the others are done all the same. What somebody ran is recorded
    in any case, what ran by itself where it matched. Raises NotFound for an item that is not the project's.
    """
    item = hold_facts(tx, actor, feedback_id, automation.workspace_id)
    if item.project_id != automation.project_id:
        raise NotFound("Feedback item not found")
    tree = stored_conditions(automation.conditions)
    task = Task(automation, ids.new("run"), item.id, actor)
    if not matches(tree, values_for(tx, item, fields_of(tree)), tx.now):
        result = RunResult(task.run_id, "no-match", [])
        if actor.via != "system":
            _record(tx, task, result)
        return result
    with tx.because((*tx.cause, automation.id)):
        results = [_attempt(tx, task, action) for action in decode_actions(automation.actions)]
    outcome: Outcome = "matched" if all(each.success for each in results) else "error"
    result = RunResult(task.run_id, outcome, results)
    _record(tx, task, result)
    return result


def refuse(tx: Transaction, automation: AutomationRow, feedback_id: str, actor: Actor, reason: str) -> None:
    """Record that an automation matched and was not let do anything, for everybody to see why."""
    refused = [
        ActionResult(type_of(action), success=False, error=reason) for action in decode_actions(automation.actions)
    ]
    task = Task(automation, ids.new("run"), feedback_id, actor)
    _record(tx, task, RunResult(task.run_id, "error", refused))


def record_breach(tx: Transaction, happened: Happened) -> None:
    """Record a missed deadline as a run of the system's automation for the item's SLA rule. It has no actions: the
    item was marked by whoever noticed.
    """
    breach = _decode_breach(happened.data)
    if breach.priority is None:
        return
    automation_id = system_id(breach.project_id, breach.priority)
    _write_run(
        tx,
        id=ids.new("run"),
        workspace_id=happened.workspace_id,
        automation_id=automation_id,
        feedback_id=happened.subject_id,
        outcome="matched",
        actions="[]",
        actor_id=None,
        actor_name=SYSTEM_NAME,
        by_system=True,
        run_at=happened.created_at,
    )


def purge_runs(tx: Transaction) -> bool:
    """Forget runs after 30 days, at most 500 at once, and counts after a week; True where there may be more."""
    tx.run(_PURGE_COUNTS, before=hour_of(clock.shift(tx.now, days=-STATS_DAYS)))
    return tx.run(_PURGE, before=clock.shift(tx.now, days=-KEPT_DAYS)) == CHUNK


def _attempt(tx: Transaction, task: Task, action: Action) -> ActionResult:
    try:
        with tx.savepoint():
            perform(tx, task, action)
    except Problem as problem:
        return ActionResult(type_of(action), success=False, error=problem.message)
    return ActionResult(type_of(action), success=True)


def _record(tx: Transaction, task: Task, result: RunResult) -> None:
    by_system = task.actor.via == "system"
    _write_run(
        tx,
        id=task.run_id,
        workspace_id=task.automation.workspace_id,
        automation_id=task.automation.id,
        feedback_id=task.feedback_id,
        outcome=result.outcome,
        actions=_encode(result.actions_executed).decode(),
        actor_id=None if by_system else task.actor.user_id,
        actor_name=task.actor.name,
        by_system=by_system,
        run_at=tx.now,
    )
    tx.run(_TOUCH, automation=task.automation.id, now=tx.now)


def _write_run(tx: Transaction, **row: Any) -> None:
    tx.run(_INSERT, **row)
    if row["outcome"] != "no-match":
        matched, named = int(row["outcome"] == "matched"), ("workspace_id", "automation_id")
        counted = {name: row[name] for name in named}
        tx.run(_COUNT, **counted, hour=hour_of(row["run_at"]), matched=matched, errored=1 - matched)


class _Breach(msgspec.Struct, rename="camel"):
    """The part of a missed deadline's event that says which rule it was."""

    project_id: str
    priority: Priority | None


_decode_breach = msgspec.json.Decoder(_Breach).decode
