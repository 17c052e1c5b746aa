"""Reads of widgets."""

from typing import Any

import msgspec
from msgspec import UnsetType
from sqlalchemy import bindparam, select

from userhero.kernel.actor import Actor
from userhero.kernel.db import Document, Statement, Transaction
from userhero.kernel.db.listing import Listing, Slice, Sort
from userhero.kernel.errors import NotFound
from userhero.projects.queries import find_owner
from userhero.projects.tables import widgets
from userhero.projects.widgets_types import WidgetFacts, WidgetList, WidgetRow
from userhero.workspaces import Access, enter_named, reach

_w = widgets

DOCUMENT = (
    Document()
    .plain("id", _w.c.id)
    .plain("workspaceId", _w.c.workspace_id)
    .plain("projectId", _w.c.project_id)
    .value("name", _w.c.name)
    .flag("enabled", _w.c.enabled)
    .json("config", _w.c.config)
    .json("styling", _w.c.styling)
    .plain("createdAt", _w.c.created_at)
    .plain("updatedAt", _w.c.updated_at)
    .end()
)

_LISTING = Listing(
    "widgets",
    DOCUMENT,
    _w.c.id,
    filters={
        "workspace": _w.c.workspace_id == bindparam("workspace"),
        "project": _w.c.project_id == bindparam("project"),
    },
    sorts={"createdAt": Sort(_w.c.created_at)},
)
_GET = Statement(select(_w.c.workspace_id, DOCUMENT).where(_w.c.id == bindparam("widget")))
_RENDER = Statement(select(DOCUMENT).where(_w.c.id == bindparam("widget")))
_row = [_w.c[name] for name in WidgetRow.__struct_fields__]
_ROW = Statement(select(*_row).where(_w.c.id == bindparam("widget")).with_for_update())
_WIDGET = Statement(
    select(_w.c.project_id).where(_w.c.id == bindparam("widget"), _w.c.workspace_id == bindparam("workspace"))
)
_FACTS = Statement(
    select(_w.c.id, _w.c.project_id, _w.c.name, _w.c.config).where(
        _w.c.id == bindparam("widget"), _w.c.workspace_id == bindparam("workspace")
    )
)
_FIRST_WIDGET = Statement(
    select(_w.c.id).where(_w.c.project_id == bindparam("project")).order_by(_w.c.created_at, _w.c.id).limit(1)
)
_CONFIG = Statement(select(_w.c.config).where(_w.c.id == bindparam("widget")))
_config = msgspec.json.Decoder(dict[str, Any]).decode


def list_widgets(tx: Transaction, actor: Actor, query: WidgetList) -> Slice:
    """A page of the widgets of a workspace or a project, newest first. Raises NotFound for an unknown project."""
    if query.project_id is None:
        access = enter_named(tx, actor, query.workspace_id)
        values = {"workspace": access.workspace_id}
    else:
        access = enter_project(tx, actor, query.project_id, query.workspace_id)
        values = {"workspace": access.workspace_id, "project": query.project_id}
    return _LISTING.page(tx, query.wanted(), values, order=query.order)


def enter_project(tx: Transaction, actor: Actor, project_id: str, workspace_id: str | UnsetType) -> Access:
    """Enter the workspace of a project, which the request may name as well. Raises NotFound."""
    return reach(tx, actor, find_owner(tx, project_id), workspace_id, "Project")


def get_widget(tx: Transaction, actor: Actor, widget_id: str, workspace_id: str | UnsetType) -> str:
    """A widget as JSON. Raises NotFound."""
    found = tx.one(_GET, widget=widget_id)
    reach(tx, actor, found[0] if found else None, workspace_id, "Widget")
    assert found is not None, "reach raises for an unknown widget"
    return str(found[1])


def get_widget_row(tx: Transaction, actor: Actor, widget_id: str, workspace_id: str | UnsetType) -> WidgetRow:
    """A widget as it is stored, locked until the unit ends. Raises NotFound."""
    row = tx.find(WidgetRow, _ROW, widget=widget_id)
    reach(tx, actor, row.workspace_id if row else None, workspace_id, "Widget")
    assert row is not None, "reach raises for an unknown widget"
    return row


def render_widget(tx: Transaction, widget_id: str) -> str:
    """A widget that the unit has just written, as JSON."""
    return str(tx.value(_RENDER, widget=widget_id))


def project_of_widget(tx: Transaction, access: Access, widget_id: str) -> str:
    """The project of a widget of the workspace. Raises NotFound for any other widget."""
    project_id = tx.value(_WIDGET, widget=widget_id, workspace=access.workspace_id)
    if project_id is None:
        raise NotFound("Widget not found")
    return str(project_id)


def get_widget_facts(tx: Transaction, access: Access, widget_id: str) -> WidgetFacts:
    """What others need to know of a widget of the workspace. Raises NotFound for any other widget."""
    row = tx.one(_FACTS, widget=widget_id, workspace=access.workspace_id)
    if row is None:
        raise NotFound("Widget not found")
    found, project_id, name, config = row
    return WidgetFacts(found, project_id, name, _template(config))


def default_widget(tx: Transaction, project_id: str) -> str:
    """The first widget of a project. Raises NotFound where it has none."""
    widget_id = tx.value(_FIRST_WIDGET, project=project_id)
    if widget_id is None:
        raise NotFound("Widget not found")
    return str(widget_id)


def find_template(tx: Transaction, widget_id: str) -> str | None:
    """What a widget was built from: its ``config.template``, else its type. None for a widget that is gone."""
    stored = tx.value(_CONFIG, widget=widget_id)
    return None if stored is None else _template(stored)


def _template(stored: str) -> str:
    config = _config(stored)
    template = config.get("template")
    return template if isinstance(template, str) else str(config["type"])
