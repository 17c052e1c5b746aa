"""Writes on widgets."""

import re
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import bindparam, delete

from userhero.kernel import audit, ids
from userhero.kernel.actor import Actor
from userhero.kernel.db import Changes, Statement, Transaction, insertion
from userhero.kernel.errors import Invalid
from userhero.projects.tables import widgets
from userhero.projects.widgets_queries import enter_project, get_widget_row, render_widget
from userhero.projects.widgets_types import NewWidget, WidgetChange

TYPES = ("modal", "popover", "floating", "inline")
MAX_NAME, MAX_JSON = 200, 16 * 1024

_DEFAULT_COLOR = "#6366f1"
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_INSERT = insertion(
    widgets,
    "id", "workspace_id", "project_id", "name", "enabled", "config", "styling", "created_at", "updated_at",
)  # fmt: skip
_DELETE = Statement(delete(widgets).where(widgets.c.id == bindparam("widget")))
_changes = Changes(widgets)
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode


def create_widget(tx: Transaction, actor: Actor, new: NewWidget) -> str:
    """A new widget, as JSON. Raises NotFound for an unknown project, Invalid where a setting breaks a rule."""
    access = enter_project(tx, actor, new.project_id, new.workspace_id)
    config, styling = _config(new.config or {}), _styling(new.styling or {})
    widget_id = _add(tx, access.workspace_id, new.project_id, _name(new.name), new.enabled, config, styling)
    made = render_widget(tx, widget_id)
    audit.record_change(tx, actor, access.workspace_id, "widget.created", after=made)
    return made


def add_default_widget(tx: Transaction, workspace_id: str, project_id: str) -> None:
    """The widget that a new project starts with."""
    _add(tx, workspace_id, project_id, "Feedback", True, _config({}), _styling({"primaryColor": _DEFAULT_COLOR}))


def change_widget(tx: Transaction, actor: Actor, widget_id: str, change: WidgetChange) -> str:
    """The widget after the change, as JSON. Raises NotFound, or Invalid where a setting breaks a rule."""
    row = get_widget_row(tx, actor, widget_id, change.workspace_id)
    values: dict[str, Any] = {}
    if isinstance(change.name, str):
        values["name"] = _name(change.name)
    if change.enabled is not UNSET:
        values["enabled"] = change.enabled
    if isinstance(change.config, dict):
        values["config"] = _config(_decode(row.config) | change.config)
    if isinstance(change.styling, dict):
        values["styling"] = _styling(_decode(row.styling) | change.styling)
    shown = render_widget(tx, widget_id)
    if not values:
        return shown
    _changes.apply(tx, widget_id, values)
    changed = render_widget(tx, widget_id)
    audit.record_change(tx, actor, row.workspace_id, "widget.updated", before=shown, after=changed)
    return changed


def delete_widget(tx: Transaction, actor: Actor, widget_id: str, workspace_id: str | UnsetType) -> None:
    """Remove a widget; what was collected through it stays. Raises NotFound."""
    row = get_widget_row(tx, actor, widget_id, workspace_id)
    shown = render_widget(tx, widget_id)
    tx.run(_DELETE, widget=widget_id)
    audit.record_change(tx, actor, row.workspace_id, "widget.deleted", before=shown)


def _add(
    tx: Transaction, workspace_id: str, project_id: str, name: str, enabled: bool, config: str, styling: str
) -> str:
    widget_id = ids.new("w")
    tx.run(
        _INSERT,
        id=widget_id,
        workspace_id=workspace_id,
        project_id=project_id,
        name=name,
        enabled=enabled,
        config=config,
        styling=styling,
        created_at=tx.now,
        updated_at=tx.now,
    )
    return widget_id


def _name(name: str) -> str:
    trimmed = name.strip()
    if not 1 <= len(trimmed) <= MAX_NAME:
        raise Invalid("name", f"must have 1 to {MAX_NAME} characters")
    return trimmed


def _config(config: dict[str, Any]) -> str:
    config = {"type": "modal"} | _without_nulls(config)
    if config["type"] not in TYPES:
        raise Invalid("config.type", f"must be one of {', '.join(TYPES)}")
    return _json("config", config)


def _styling(styling: dict[str, Any]) -> str:
    styling = _without_nulls(styling)
    color = styling.get("primaryColor", _DEFAULT_COLOR)
    if not isinstance(color, str) or not _COLOR.fullmatch(color):
        raise Invalid("styling.primaryColor", "must be a colour as #rrggbb")
    return _json("styling", styling)


def _without_nulls(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if value is not None}


def _json(field: str, value: dict[str, Any]) -> str:
    encoded = _encode(value)
    if len(encoded) > MAX_JSON:
        raise Invalid(field, f"must be {MAX_JSON} bytes of JSON at the most")
    return encoded.decode()
