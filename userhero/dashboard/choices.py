"""What can be chosen from in a workspace: its projects, their statuses, its people; and what each is called."""

from typing import NamedTuple, get_args

from userhero.kernel.db import Transaction
from userhero.projects import Priority, ProjectOutline, Status, list_outlines
from userhero.workspaces import Access, Teammate, list_team

PRIORITIES: tuple[Priority, ...] = tuple(reversed(get_args(Priority)))
# What widgets offer where nobody has changed it (product defaults); any other word may be typed.
TYPES = ("bug", "feature request", "question", "other")
_UNKNOWN = "#6b7280"


class Choices(NamedTuple):
    """All of them. Where projects give a status of one id different labels, the oldest project's stands."""

    projects: list[ProjectOutline]
    people: list[Teammate]
    statuses: dict[str, Status]

    def status_label(self, status_id: str) -> str:
        """What people read for a status."""
        found = self.statuses.get(status_id)
        return status_id if found is None else found.label

    def status_color(self, status_id: str) -> str:
        """Its colour, as ``#rrggbb``."""
        found = self.statuses.get(status_id)
        return _UNKNOWN if found is None else found.color

    def person(self, user_id: str | None) -> str:
        """Somebody's name; who has left is nobody."""
        return next((each.name for each in self.people if each.user_id == user_id), "somebody who has left")

    def project(self, project_id: str) -> ProjectOutline | None:
        """A project of the workspace."""
        return next((each for each in self.projects if each.id == project_id), None)


def find_choices(tx: Transaction, access: Access) -> Choices:
    """What a workspace has to choose from."""
    projects = list_outlines(tx, access)
    statuses: dict[str, Status] = {}
    for project in projects:
        for status in project.statuses:
            statuses.setdefault(status.id, status)
    return Choices(projects, list_team(tx, access), statuses)
