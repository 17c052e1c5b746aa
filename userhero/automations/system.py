"""The automations that the SLA rules of a project bring: not stored, read from the rules, never changed here."""

from typing import Any

import msgspec

from userhero.automations.types import AutomationList
from userhero.projects import Priority, SlaRule

PREFIX = "auto_sla_"
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


def system_automations(project: RuledProject) -> dict[str, str]:
    """The JSON of each of a project's system automations by id, in order."""
    rules = {rule.priority: rule.hours for rule in _rules(project.sla_rules) if rule.hours}
    found = {_id(project, priority): _document(project, priority, hours) for priority, hours in rules.items()}
    return dict(sorted(found.items()))


def are_wanted(query: AutomationList) -> bool:
    """Whether a list shows system automations."""
    return query.include_system and query.enabled is not False and query.scope in (None, "time.scheduled")


def _id(project: RuledProject, priority: Priority) -> str:
    return f"{PREFIX}{priority}_{project.id.removeprefix(_PROJECT)}"


def _document(project: RuledProject, priority: Priority, hours: float) -> str:
    shown: dict[str, Any] = {
        "id": _id(project, priority),
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
        "runStats": {"matched7d": 0, "errored7d": 0},
        "lastRunAt": None,
        "createdAt": project.created_at,
        "updatedAt": project.updated_at,
    }
    return _encode(shown).decode()
