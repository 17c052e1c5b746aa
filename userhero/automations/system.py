"""The automations that the SLA rules of a project bring: not stored, read from the rules, never changed here."""

from collections.abc import Mapping
from typing import Any

import msgspec

from userhero.automations.types import AutomationList
from userhero.projects import Priority, SlaRule

PREFIX = "auto_sla_"
SYSTEM_NAME = "SLA"
_PROJECT = "proj_"
# Deadlines are set before anything else runs.
PRIORITY = -1

_rules = msgspec.json.Decoder(list[SlaRule]).decode
_encode = msgspec.json.Encoder().encode


class RuledProject(msgspec.Struct, array_like=True, frozen=True):
    """A project as far as its rules go."""

    id: str
    workspace_id: str
    sla_rules: str
    created_at: str
    updated_at: str


def project_of(automation_id: str) -> str | None:
    """The project that a system automation's id names; None for an id that is none of these."""
    if not automation_id.startswith(PREFIX):
        return None
    _, _, tail = automation_id.removeprefix(PREFIX).partition("_")
    return _PROJECT + tail


class Record(msgspec.Struct, array_like=True, frozen=True):
    """What a system automation has done: how often in seven days, and when last."""

    matched: int = 0
    errored: int = 0
    last_run_at: str | None = None


def system_id(project_id: str, priority: Priority) -> str:
    """The id of the system automation that a project's SLA rule for a priority brings."""
    return f"{PREFIX}{priority}_{project_id.removeprefix(_PROJECT)}"


def system_ids(project: RuledProject) -> list[str]:
    """The ids of a project's system automations, in order."""
    return sorted(system_id(project.id, priority) for priority in _hours(project))


def system_automations(project: RuledProject, records: Mapping[str, Record]) -> dict[str, str]:
    """The JSON of each of a project's system automations by id, in order; ``records`` by id, where there are any."""
    rules = {system_id(project.id, priority): (priority, hours) for priority, hours in _hours(project).items()}
    return {
        automation_id: _document(project, automation_id, *rules[automation_id], records.get(automation_id, Record()))
        for automation_id in sorted(rules)
    }


def are_wanted(query: AutomationList) -> bool:
    """Whether a list shows system automations."""
    return query.include_system and query.enabled is not False and query.scope in (None, "time.scheduled")


def _hours(project: RuledProject) -> dict[Priority, float]:
    return {rule.priority: rule.hours for rule in _rules(project.sla_rules) if rule.hours}


def _document(project: RuledProject, automation_id: str, priority: Priority, hours: float, record: Record) -> str:
    shown: dict[str, Any] = {
        "id": automation_id,
        "workspaceId": project.workspace_id,
        "projectId": project.id,
        "name": f"SLA: {priority} within {hours:g} h",
        "scope": "time.scheduled",
        "enabled": True,
        "priority": PRIORITY,
        "systemGenerated": True,
        "conditions": {
            "combinator": "and",
            "rules": [
                {"field": "priority", "operator": "equals", "value": priority},
                {"field": "statusCategory", "operator": "equals", "value": "open"},
                {"field": "createdAt", "operator": "older_than", "value": hours},
            ],
        },
        "actions": [],
        "schedule": None,
        "runStats": {"matched7d": record.matched, "errored7d": record.errored},
        "lastRunAt": record.last_run_at,
        "createdAt": project.created_at,
        "updatedAt": project.updated_at,
    }
    return _encode(shown).decode()
