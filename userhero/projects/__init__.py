"""Product areas: what they are called, what they ask (custom fields), which statuses and deadlines they know.

Other slices get a project of a workspace that the actor has entered through ``get_in_workspace``, and declare what
follows from changes of a project with ``on_statuses_changed`` and ``on_project_deletion``.
"""

from userhero.projects.actions import create_project
from userhero.projects.definitions import definitions
from userhero.projects.deletion import on_project_deletion
from userhero.projects.extracts import EXTRACTS
from userhero.projects.field_settings import CustomField, Validation
from userhero.projects.outlines import ProjectOutline, list_outlines
from userhero.projects.queries import check_select_fields, find_sla, get_in_workspace, hold_project, hold_statuses
from userhero.projects.settings import SYSTEM_IDS, Category, Priority, PrivacySettings, SlaRule, Status
from userhero.projects.sla import Sla, sla
from userhero.projects.statuses import StatusesChanged, on_statuses_changed, statuses
from userhero.projects.tables import projects
from userhero.projects.tenants import Tenant, create_tenant
from userhero.projects.types import NewProject, ProjectRow
from userhero.projects.widgets_queries import default_widget, find_template, get_widget_facts, project_of_widget
from userhero.projects.widgets_types import WidgetFacts

__all__ = [
    "EXTRACTS",
    "SYSTEM_IDS",
    "Category",
    "CustomField",
    "NewProject",
    "Priority",
    "PrivacySettings",
    "ProjectOutline",
    "ProjectRow",
    "Sla",
    "SlaRule",
    "Status",
    "StatusesChanged",
    "Tenant",
    "Validation",
    "WidgetFacts",
    "check_select_fields",
    "create_project",
    "create_tenant",
    "default_widget",
    "definitions",
    "find_sla",
    "find_template",
    "get_in_workspace",
    "get_widget_facts",
    "hold_project",
    "hold_statuses",
    "list_outlines",
    "on_project_deletion",
    "on_statuses_changed",
    "project_of_widget",
    "projects",
    "sla",
    "statuses",
]
