"""Writes on projects."""

from typing import Any

import msgspec
from msgspec import UNSET
from sqlalchemy import bindparam, delete

from userhero.kernel import ids
from userhero.kernel.actor import Actor
from userhero.kernel.db import Changes, Statement, Transaction, insertion
from userhero.kernel.errors import Forbidden, Invalid
from userhero.projects.queries import count_projects, get_project, render
from userhero.projects.settings import SYSTEM_STATUSES, PrivacySettings
from userhero.projects.tables import projects, widgets
from userhero.projects.types import NewProject, ProjectChange
from userhero.workspaces import PLANS, enter_named

MAX_NAME = 200

_INSERT = insertion(
    projects, "id", "workspace_id", "name", "type", "domain", "bundle_id", "package_name", "public_key",
    "privacy_settings", "statuses", "created_at", "updated_at",
)  # fmt: skip
_CHANGEABLE = (
    "name", "domain", "bundle_id", "package_name", "sla_rules", "privacy_settings", "public_portal", "embedded_portal",
    "custom_field_definitions", "disabled_default_fields", "statuses", "customer_comments_enabled",
    "reopen_window_days",
)  # fmt: skip
_DELETE = Statement(delete(projects).where(projects.c.id == bindparam("project")))
_INSERT_WIDGET = insertion(
    widgets, "id", "workspace_id", "project_id", "name", "config", "styling", "created_at", "updated_at"
)
_changes = Changes(projects)


def create_project(tx: Transaction, actor: Actor, new: NewProject) -> str:
    """A new project with a default widget, as JSON. Raises Forbidden where the plan allows no more projects."""
    access = enter_named(tx, actor, new.workspace_id)
    limit = PLANS[access.plan].limits.projects
    if limit is not None and count_projects(tx, access) >= limit:
        raise Forbidden(f"The workspace's plan allows {limit} projects.")
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
    _add_default_widget(tx, access.workspace_id, project_id)
    return render(tx, project_id)


def change_project(tx: Transaction, actor: Actor, project_id: str, change: ProjectChange) -> str:
    """The project after the change, as JSON. Raises NotFound, or Invalid where a setting breaks a rule."""
    enter_named(tx, actor, change.workspace_id)
    _, document = get_project(tx, actor, project_id, change.workspace_id)
    values: dict[str, Any] = {name: value for name in _CHANGEABLE if (value := getattr(change, name)) is not UNSET}
    if not values:
        return document
    if "name" in values:
        values["name"] = _name(values["name"])
    stored = {name: _stored(value) for name, value in values.items()}
    _changes.apply(tx, project_id, stored)
    return render(tx, project_id)


def delete_project(tx: Transaction, actor: Actor, project_id: str, workspace_id: str | msgspec.UnsetType) -> None:
    """Remove a project and everything below it. Raises NotFound."""
    get_project(tx, actor, project_id, workspace_id)
    tx.run(_DELETE, project=project_id)


def _add_default_widget(tx: Transaction, workspace_id: str, project_id: str) -> None:
    tx.run(
        _INSERT_WIDGET,
        id=ids.new("w"),
        workspace_id=workspace_id,
        project_id=project_id,
        name="Feedback",
        config='{"type":"modal"}',
        styling='{"primaryColor":"#6366f1"}',
        created_at=tx.now,
        updated_at=tx.now,
    )


def _name(name: str) -> str:
    trimmed = name.strip()
    if not 1 <= len(trimmed) <= MAX_NAME:
        raise Invalid("name", f"must have 1 to {MAX_NAME} characters")
    return trimmed


def _blank_is_none(text: str | None) -> str | None:
    return (text or "").strip() or None


def _stored(value: Any) -> Any:
    return value if value is None or isinstance(value, str | bool | int) else _json(value)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
