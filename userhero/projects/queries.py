"""Reads of projects."""

from msgspec import UnsetType
from sqlalchemy import bindparam, func, select

from userhero.kernel.actor import Actor
from userhero.kernel.db import Document, Statement, Transaction
from userhero.kernel.db.listing import Listing, Slice, Sort
from userhero.kernel.errors import Invalid, NotFound
from userhero.projects.definitions import definitions
from userhero.projects.settings import Status
from userhero.projects.sla import Sla, sla
from userhero.projects.statuses import statuses
from userhero.projects.tables import projects
from userhero.projects.types import ProjectList, ProjectRow, ProjectSettings
from userhero.workspaces import Access, enter_named, reach

_p = projects

DOCUMENT = (
    Document()
    .plain("id", _p.c.id)
    .plain("workspaceId", _p.c.workspace_id)
    .value("name", _p.c.name)
    .plain("type", _p.c.type)
    .value("domain", _p.c.domain)
    .value("bundleId", _p.c.bundle_id)
    .value("packageName", _p.c.package_name)
    .plain("publicKey", _p.c.public_key)
    .json("privacySettings", _p.c.privacy_settings)
    .json("publicPortal", _p.c.public_portal)
    .json("embeddedPortal", _p.c.embedded_portal)
    .json("customFieldDefinitions", _p.c.custom_field_definitions)
    .json("disabledDefaultFields", _p.c.disabled_default_fields)
    .json("statuses", _p.c.statuses)
    .json("slaRules", _p.c.sla_rules)
    .json("slaCalendar", _p.c.sla_calendar)
    .number("slaWarningMinutes", _p.c.sla_warning_minutes)
    .flag("customerCommentsEnabled", _p.c.customer_comments_enabled)
    .number("reopenWindowDays", _p.c.reopen_window_days)
    .plain("createdAt", _p.c.created_at)
    .plain("updatedAt", _p.c.updated_at)
    .end()
)

_LISTING = Listing(
    "projects",
    DOCUMENT,
    _p.c.id,
    filters={"workspace": _p.c.workspace_id == bindparam("workspace")},
    sorts={"createdAt": Sort(_p.c.created_at)},
)
_GET = Statement(select(_p.c.workspace_id, DOCUMENT).where(_p.c.id == bindparam("project")))
_RENDER = Statement(select(DOCUMENT).where(_p.c.id == bindparam("project")))
_row = [_p.c[name] for name in ProjectRow.__struct_fields__]
_this = (_p.c.id == bindparam("project"), _p.c.workspace_id == bindparam("workspace"))
_HELD_ROW = Statement(select(*_row).where(*_this).with_for_update(key_share=True))
_ROW = Statement(select(*_row).where(*_this))
_COUNT = Statement(select(func.count()).select_from(_p).where(_p.c.workspace_id == bindparam("workspace")))
_of_workspace = _p.c.workspace_id == bindparam("workspace")
_FIELDS_OF_ALL = Statement(select(_p.c.custom_field_definitions).where(_of_workspace))
_FIELDS_OF_ONE = Statement(select(_p.c.custom_field_definitions).where(_of_workspace, _p.c.id == bindparam("project")))
_OWNER = Statement(select(_p.c.workspace_id).where(_p.c.id == bindparam("project")))
_settings = [_p.c[name] for name in ProjectSettings.__struct_fields__]
_SETTINGS = Statement(select(*_settings).where(_p.c.id == bindparam("project")).with_for_update())
_SLA = Statement(
    select(_p.c.sla_rules, _p.c.sla_calendar, _p.c.sla_warning_minutes).where(_p.c.id == bindparam("project"))
)
_HOLD = Statement(select(_p.c.statuses).where(_p.c.id == bindparam("project")).with_for_update(read=True))


def list_projects(tx: Transaction, actor: Actor, query: ProjectList) -> Slice:
    """A page of the projects of a workspace, newest first."""
    access = enter_named(tx, actor, query.workspace_id)
    return _LISTING.page(tx, query.wanted(), {"workspace": access.workspace_id}, order=query.order)


def get_project(tx: Transaction, actor: Actor, project_id: str, workspace_id: str | UnsetType) -> tuple[Access, str]:
    """A project as JSON, and the workspace that the actor entered for it. Raises NotFound."""
    found = tx.one(_GET, project=project_id)
    access = reach(tx, actor, found[0] if found else None, workspace_id, "Project")
    assert found is not None, "reach raises for an unknown project"
    return access, found[1]


def render(tx: Transaction, project_id: str) -> str:
    """A project that the unit has just written, as JSON."""
    return str(tx.value(_RENDER, project=project_id))


def get_in_workspace(tx: Transaction, access: Access, project_id: str) -> ProjectRow:
    """A project of the workspace that the actor has entered. Raises NotFound for any other."""
    found = tx.find(ProjectRow, _ROW, project=project_id, workspace=access.workspace_id)
    if found is None:
        raise NotFound("Project not found")
    return found


def hold_project(tx: Transaction, access: Access, project_id: str) -> ProjectRow:
    """The same; nobody else changes its settings, or holds it, until the unit ends. Items can be recorded meanwhile."""
    found = tx.find(ProjectRow, _HELD_ROW, project=project_id, workspace=access.workspace_id)
    if found is None:
        raise NotFound("Project not found")
    return found


def get_settings(
    tx: Transaction, actor: Actor, project_id: str, workspace_id: str | UnsetType
) -> tuple[Access, ProjectSettings]:
    """A project's settings, locked until the unit ends, and the workspace entered for it. Raises NotFound."""
    row = tx.find(ProjectSettings, _SETTINGS, project=project_id)
    access = reach(tx, actor, row.workspace_id if row else None, workspace_id, "Project")
    assert row is not None, "reach raises for an unknown project"
    return access, row


def hold_statuses(tx: Transaction, project_id: str) -> tuple[Status, ...]:
    """The statuses of a project; nobody takes one away until the unit ends."""
    return statuses(tx.value(_HOLD, project=project_id))


def find_sla(tx: Transaction, project_id: str) -> Sla:
    """What a project promises, for work that goes on in a project whose workspace was entered when it was asked for."""
    row = tx.one(_SLA, project=project_id)
    return sla("[]", None, 0) if row is None else sla(*row)


def find_owner(tx: Transaction, project_id: str) -> str | None:
    """The workspace of a project, or None."""
    found: str | None = tx.value(_OWNER, project=project_id)
    return found


def count_projects(tx: Transaction, access: Access) -> int:
    """How many projects the workspace has."""
    return int(tx.value(_COUNT, workspace=access.workspace_id))


def check_select_fields(tx: Transaction, access: Access, project_id: str | None, field_ids: list[str]) -> None:
    """Raises Invalid where a field is no select field of the project, or of any project where none is named."""
    rows = tx.texts(_FIELDS_OF_ONE if project_id else _FIELDS_OF_ALL, workspace=access.workspace_id, project=project_id)
    known = {field.id for row in rows for field in definitions(row) if field.type == "select"}
    for field_id in field_ids:
        if field_id not in known:
            raise Invalid(f"customField.{field_id}", "is not a select field of the project")
