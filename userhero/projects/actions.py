"""Writes on projects."""

from typing import Any

import msgspec
from msgspec import UNSET
from sqlalchemy import bindparam, delete

from userhero.kernel import audit, ids
from userhero.kernel.actor import Actor
from userhero.kernel.db import Changes, Statement, Transaction, insertion
from userhero.kernel.errors import Invalid
from userhero.projects import portals
from userhero.projects.definitions import checked_definitions, definitions
from userhero.projects.deletion import follow_deletion
from userhero.projects.queries import count_projects, get_project, get_settings, render
from userhero.projects.settings import SYSTEM_STATUSES, PrivacySettings
from userhero.projects.sla import checked_calendar, kept_rule
from userhero.projects.statuses import checked_statuses, follow_statuses, own_ids, statuses
from userhero.projects.tables import projects
from userhero.projects.types import NewProject, ProjectChange, ProjectSettings
from userhero.projects.usage import check_allowance
from userhero.projects.widgets_actions import add_default_widget
from userhero.workspaces import Access, check_limit, enter_named, reserve

MAX_NAME = 200

_INSERT = insertion(
    projects, "id", "workspace_id", "name", "type", "domain", "bundle_id", "package_name", "public_key",
    "privacy_settings", "statuses", "created_at", "updated_at",
)  # fmt: skip
# What a change may name and is stored as it comes.
_PLAIN = (
    "domain",
    "bundle_id",
    "package_name",
    "customer_comments_enabled",
    "reopen_window_days",
    "sla_warning_minutes",
)
_DELETE = Statement(delete(projects).where(projects.c.id == bindparam("project")))
_changes = Changes(projects)


def create_project(tx: Transaction, actor: Actor, new: NewProject) -> str:
    """A new project with a default widget, as JSON. Raises Forbidden where the plan allows no more projects."""
    access = enter_named(tx, actor, new.workspace_id)
    reserve(tx, access, "projects")
    check_limit(access, "projects", count_projects(tx, access) + 1)
    project_id = ids.new("proj")
    tx.run(
        _INSERT,
        id=project_id,
        workspace_id=access.workspace_id,
        name=_name(new.name),
        type=new.type,
        domain=_blank_is_none(new.domain),
        bundle_id=_blank_is_none(new.bundle_id),
        package_name=_blank_is_none(new.package_name),
        public_key="pk_live_" + ids.random_base62(24),
        privacy_settings=_json(PrivacySettings()),
        statuses=_json(SYSTEM_STATUSES),
        created_at=tx.now,
        updated_at=tx.now,
    )
    add_default_widget(tx, access.workspace_id, project_id)
    made = render(tx, project_id)
    audit.record_change(tx, actor, access.workspace_id, "project.created", after=made)
    return made


def change_project(tx: Transaction, actor: Actor, project_id: str, change: ProjectChange) -> str:
    """The project after the change, as JSON.

    Raises NotFound, Invalid where a setting breaks a rule, Conflict for a status that is in use or a slug that is
    taken, Forbidden where the plan does not allow so many fields or statuses.
    """
    access, before = get_settings(tx, actor, project_id, change.workspace_id)
    shown = render(tx, project_id)
    values = {**_plain(change), **_rules(change), **_portals(tx, project_id, before, change)}
    if isinstance(change.custom_field_definitions, list):
        values["custom_field_definitions"] = _fields(tx, access, before, change)
    if isinstance(change.statuses, list):
        values["statuses"] = _statuses(tx, access, project_id, before, change)
    if not values:
        return shown
    _changes.apply(tx, project_id, values)
    changed = render(tx, project_id)
    audit.record_change(tx, actor, access.workspace_id, "project.updated", before=shown, after=changed)
    return changed


def delete_project(tx: Transaction, actor: Actor, project_id: str, workspace_id: str | msgspec.UnsetType) -> None:
    """Remove a project and everything below it. Raises NotFound."""
    access, shown = get_project(tx, actor, project_id, workspace_id)
    follow_deletion(tx, access.workspace_id, project_id)
    if tx.run(_DELETE, project=project_id):
        audit.record_change(tx, actor, access.workspace_id, "project.deleted", before=shown)


def _plain(change: ProjectChange) -> dict[str, Any]:
    values: dict[str, Any] = {name: value for name in _PLAIN if (value := getattr(change, name)) is not UNSET}
    for name in ("domain", "bundle_id", "package_name"):
        if name in values:
            values[name] = _blank_is_none(values[name])
    if isinstance(change.name, str):
        values["name"] = _name(change.name)
    if not isinstance(change.sla_calendar, msgspec.UnsetType):
        values["sla_calendar"] = None if change.sla_calendar is None else _json(checked_calendar(change.sla_calendar))
    if isinstance(change.disabled_default_fields, list):
        values["disabled_default_fields"] = _json(list(dict.fromkeys(change.disabled_default_fields)))
    return values


def _rules(change: ProjectChange) -> dict[str, Any]:
    """The SLA rules, one for a priority; hours of 0 leave none."""
    if not isinstance(change.sla_rules, list):
        return {}
    if len({rule.priority for rule in change.sla_rules}) < len(change.sla_rules):
        raise Invalid("slaRules", "must name each priority once")
    return {"sla_rules": _json([kept_rule(rule) for rule in change.sla_rules if rule.hours])}


def _portals(tx: Transaction, project_id: str, before: ProjectSettings, change: ProjectChange) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if not isinstance(change.privacy_settings, msgspec.UnsetType):
        values["privacy_settings"] = _json(portals.changed_privacy(before.privacy_settings, change.privacy_settings))
    if not isinstance(change.embedded_portal, msgspec.UnsetType):
        embedded = portals.changed_embedded_portal(before.embedded_portal, change.embedded_portal)
        values["embedded_portal"] = None if embedded is None else _json(embedded)
    if not isinstance(change.public_portal, msgspec.UnsetType):
        name = change.name if isinstance(change.name, str) else before.name
        public = portals.changed_public_portal(tx, project_id, name, before.public_portal, change.public_portal)
        values["public_portal"] = None if public is None else _json(public)
    return values


def _fields(tx: Transaction, access: Access, before: ProjectSettings, change: ProjectChange) -> str:
    assert isinstance(change.custom_field_definitions, list), "asked for a list only"
    after = checked_definitions(change.custom_field_definitions)
    earlier = definitions(before.custom_field_definitions)
    check_allowance(
        tx, access, "custom_fields", {str(field.id) for field in earlier}, {str(field.id) for field in after}
    )
    return _json(after)


def _statuses(tx: Transaction, access: Access, project_id: str, before: ProjectSettings, change: ProjectChange) -> str:
    assert isinstance(change.statuses, list), "asked for a list only"
    earlier = statuses(before.statuses)
    after = checked_statuses(change.statuses, earlier)
    check_allowance(tx, access, "custom_statuses", own_ids(earlier), own_ids(after))
    follow_statuses(tx, project_id, access.workspace_id, earlier, after)
    return _json(after)


def _name(name: str) -> str:
    trimmed = name.strip()
    if not 1 <= len(trimmed) <= MAX_NAME:
        raise Invalid("name", f"must have 1 to {MAX_NAME} characters")
    return trimmed


def _blank_is_none(text: str | None) -> str | None:
    return (text or "").strip() or None


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
