"""Reads of automations and of their runs."""

from functools import cache
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import ColumnElement, bindparam, func, literal_column, select, tuple_

from userhero.automations.system import Record, RuledProject, are_wanted, project_of, system_automations, system_ids
from userhero.automations.tables import automation_counts, automation_runs, automations
from userhero.automations.types import AutomationList, AutomationRow
from userhero.kernel import clock
from userhero.kernel.actor import Actor
from userhero.kernel.db import Document, Statement, Transaction
from userhero.kernel.db.functions import is_among
from userhero.kernel.errors import Forbidden, Invalid, NotFound
from userhero.projects import projects
from userhero.workspaces import Access, reach

SHOWN_RUNS, STATS_DAYS = 50, 7

_a, _r, _c, _p = automations, automation_runs, automation_counts, projects


def _total(column: ColumnElement[Any]) -> ColumnElement[Any]:
    counted = select(func.coalesce(func.sum(column), literal_column("0")))
    return counted.where(_c.c.automation_id == _a.c.id, _c.c.hour > bindparam("since")).scalar_subquery()


_stats = Document().number("matched7d", _total(_c.c.matched)).number("errored7d", _total(_c.c.errored)).end()
DOCUMENT = (
    Document()
    .plain("id", _a.c.id)
    .plain("workspaceId", _a.c.workspace_id)
    .plain("projectId", _a.c.project_id)
    .value("name", _a.c.name)
    .plain("scope", _a.c.scope)
    .flag("enabled", _a.c.enabled)
    .number("priority", _a.c.priority)
    .json("systemGenerated", literal_column("'false'"))
    .json("conditions", _a.c.conditions)
    .json("actions", _a.c.actions)
    .json("schedule", _a.c.schedule)
    .json("runStats", _stats)
    .value("lastRunAt", _a.c.last_run_at)
    .plain("createdAt", _a.c.created_at)
    .plain("updatedAt", _a.c.updated_at)
    .end()
)
_RUN = (
    Document()
    .plain("id", _r.c.id)
    .plain("outcome", _r.c.outcome)
    .plain("runAt", _r.c.run_at)
    .plain("feedbackId", _r.c.feedback_id)
    .json("actionsExecuted", _r.c.actions)
    .json(
        "actor",
        Document().value("userId", _r.c.actor_id).value("name", _r.c.actor_name).flag("system", _r.c.by_system).end(),
    )
    .end()
)
_GET = Statement(select(_a.c.workspace_id, DOCUMENT).where(_a.c.id == bindparam("automation")))
_RENDER = Statement(select(DOCUMENT).where(_a.c.id == bindparam("automation")))
ROW = [_a.c[name] for name in AutomationRow.__struct_fields__]
_one = select(*ROW).where(_a.c.id == bindparam("automation"))
# Runs may go on side by side; nobody deletes the automation meanwhile.
_ROW = Statement(_one.with_for_update(read=True, key_share=True))
_LOCKED = Statement(_one.with_for_update())
_project = [_p.c[name] for name in RuledProject.__struct_fields__]
_PROJECT = Statement(select(*_project).where(_p.c.id == bindparam("project")))
_RUNS = Statement(
    select(_RUN)
    .where(_r.c.automation_id == bindparam("automation"))
    .order_by(_r.c.run_at.desc(), _r.c.id.desc())
    .limit(literal_column(str(SHOWN_RUNS)))
)
_PLACE = Statement(
    select(_a.c.priority).where(_a.c.id == bindparam("automation"), _a.c.project_id == bindparam("project"))
)
_of_system = (is_among(_c.c.automation_id, bindparam("ids")), _c.c.hour > bindparam("since"))
_last = select(func.max(_r.c.run_at)).where(_r.c.automation_id == _c.c.automation_id).scalar_subquery()
_RECORDS = Statement(
    select(_c.c.automation_id, func.sum(_c.c.matched), func.sum(_c.c.errored), _last)
    .where(*_of_system)
    .group_by(_c.c.automation_id)
)
_IN_PROJECT = Statement(select(func.count()).select_from(_a).where(_a.c.project_id == bindparam("project")))
_MACROS = Statement(
    select(_a.c.id, _a.c.name)
    .where(_a.c.project_id == bindparam("project"), _a.c.scope == literal_column("'manual'"), _a.c.enabled)
    .order_by(_a.c.priority, _a.c.id)
    .limit(literal_column("100"))
)
_encode = msgspec.json.Encoder().encode


class Macro(msgspec.Struct, array_like=True, frozen=True):
    """An automation that people run by hand."""

    id: str
    name: str


def list_automations(tx: Transaction, actor: Actor, query: AutomationList) -> str:
    """A page of a project's automations by priority and id, as JSON. System ones come first.

    Raises NotFound for an unknown project, Invalid for a cursor that names no automation of it.
    """
    project = get_project(tx, actor, query.project_id, query.workspace_id)
    found, cursor = _system_part(tx, project, query), query.cursor
    if cursor is not None and project_of(cursor) is not None:
        cursor = None
    elif cursor is not None:
        found = []
    values: dict[str, Any] = {"project": project.id, "since": _since(tx)}
    values |= {name: value for name in ("scope", "enabled") if (value := getattr(query, name)) is not None}
    if cursor is not None:
        values |= {"after_priority": _place(tx, project.id, cursor), "after_id": cursor}
    statement = _listed("scope" in values, "enabled" in values, cursor is not None, query.limit + 1)
    found += [(row[0], row[1]) for row in tx.all(statement, **values)]
    shown = found[: query.limit]
    following = shown[-1][0] if len(found) > query.limit else None
    return f'{{"automations":[{",".join(each for _, each in shown)}],"nextCursor":{_encode(following).decode()}}}'


def list_macros(tx: Transaction, actor: Actor, project_id: str) -> list[Macro]:
    """What can be run by hand on items of a project, by priority; 100 at the most. Raises NotFound."""
    project = get_project(tx, actor, project_id, UNSET)
    return tx.list(Macro, _MACROS, project=project.id)


def get_automation(tx: Transaction, actor: Actor, automation_id: str, workspace_id: str | UnsetType) -> str:
    """An automation as JSON. Raises NotFound."""
    if project_of(automation_id) is not None:
        return _get_system(tx, actor, automation_id, workspace_id)
    found = tx.one(_GET, automation=automation_id, since=_since(tx))
    reach(tx, actor, found[0] if found else None, workspace_id, "Automation")
    assert found is not None, "reach raises for an unknown automation"
    return str(found[1])


def list_runs(tx: Transaction, actor: Actor, automation_id: str, workspace_id: str | UnsetType) -> str:
    """The last 50 runs of an automation, newest first, as JSON. Raises NotFound."""
    get_automation(tx, actor, automation_id, workspace_id)
    return f'{{"runs":[{",".join(tx.texts(_RUNS, automation=automation_id))}]}}'


def get_row(
    tx: Transaction, actor: Actor, automation_id: str, workspace_id: str | UnsetType, *, locked: bool
) -> tuple[Access, AutomationRow]:
    """An automation as it is stored, and the workspace entered for it. Raises NotFound, or Forbidden for a system one,
    which nobody changes.
    """
    if project_of(automation_id) is not None:
        _get_system(tx, actor, automation_id, workspace_id)
        raise Forbidden("This automation comes from the project's SLA rules; change those instead.")
    row = tx.find(AutomationRow, _LOCKED if locked else _ROW, automation=automation_id)
    access = reach(tx, actor, row.workspace_id if row else None, workspace_id, "Automation")
    assert row is not None, "reach raises for an unknown automation"
    return access, row


def render(tx: Transaction, automation_id: str) -> str:
    """An automation that the unit has just written, as JSON."""
    return str(tx.value(_RENDER, automation=automation_id, since=_since(tx)))


def get_project(tx: Transaction, actor: Actor, project_id: str, workspace_id: str | UnsetType) -> RuledProject:
    """A project with its SLA rules. Raises NotFound."""
    found = tx.find(RuledProject, _PROJECT, project=project_id)
    reach(tx, actor, found.workspace_id if found else None, workspace_id, "Project")
    assert found is not None, "reach raises for an unknown project"
    return found


def count_in_project(tx: Transaction, project_id: str) -> int:
    """How many automations a project has, system ones not counted."""
    return int(tx.value(_IN_PROJECT, project=project_id))


def hour_of(time: str) -> str:
    """The hour of a time, as counts are kept by."""
    return time[:13]


def _since(tx: Transaction) -> str:
    return hour_of(clock.shift(tx.now, days=-STATS_DAYS))


def _place(tx: Transaction, project_id: str, cursor: str) -> int:
    place = tx.value(_PLACE, automation=cursor, project=project_id)
    if place is None:
        raise Invalid("cursor", "must be the id of the last automation of the page before")
    return int(place)


def _system_part(tx: Transaction, project: RuledProject, query: AutomationList) -> list[tuple[str, str]]:
    """Id and JSON of the system automations that the page may show."""
    if not are_wanted(query):
        return []
    after = query.cursor or ""
    return [each for each in _system_documents(tx, project).items() if each[0] > after]


def _system_documents(tx: Transaction, project: RuledProject) -> dict[str, str]:
    wanted = _encode(system_ids(project)).decode()
    found = tx.all(_RECORDS, ids=wanted, since=_since(tx))
    # PostgreSQL adds whole numbers up to a decimal.
    records = {row[0]: Record(int(row[1]), int(row[2]), row[3]) for row in found}
    return system_automations(project, records)


def _get_system(tx: Transaction, actor: Actor, automation_id: str, workspace_id: str | UnsetType) -> str:
    project = tx.find(RuledProject, _PROJECT, project=project_of(automation_id))
    found = _system_documents(tx, project).get(automation_id) if project else None
    reach(tx, actor, project.workspace_id if project and found else None, workspace_id, "Automation")
    if found is None:
        raise NotFound("Automation not found")
    return found


@cache
def _listed(scope: bool, enabled: bool, after: bool, most: int) -> Statement:
    clause = select(_a.c.id, DOCUMENT).where(_a.c.project_id == bindparam("project"))
    if scope:
        clause = clause.where(_a.c.scope == bindparam("scope"))
    if enabled:
        clause = clause.where(_a.c.enabled == bindparam("enabled"))
    if after:
        place = tuple_(bindparam("after_priority", type_=_a.c.priority.type), bindparam("after_id", type_=_a.c.id.type))
        clause = clause.where(tuple_(_a.c.priority, _a.c.id) > place)
    return Statement(clause.order_by(_a.c.priority, _a.c.id).limit(literal_column(str(most))))
