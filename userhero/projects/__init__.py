"""Product areas: what they are called, what they ask (custom fields), which statuses and deadlines they know.

Other slices get a project of a workspace that the actor has entered through ``get_in_workspace``.
"""

from userhero.projects.actions import create_project
from userhero.projects.queries import check_select_fields, default_widget, get_in_workspace, project_of_widget
from userhero.projects.settings import Category, Priority, SlaRule, Status
from userhero.projects.tables import projects
from userhero.projects.types import NewProject, ProjectRow

__all__ = [
    "Category",
    "NewProject",
    "Priority",
    "ProjectRow",
    "SlaRule",
    "Status",
    "check_select_fields",
    "create_project",
    "default_widget",
    "get_in_workspace",
    "project_of_widget",
    "projects",
]
