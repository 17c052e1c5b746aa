"""What the forms of a project's automations offer, and what ids in them stand for."""

from typing import NamedTuple, get_args

from userhero.automations.fields import CUSTOM, FIELDS, WORDS
from userhero.automations.pages.wording import ACTIONS, FIELD_WORDS, TRIGGERS
from userhero.kernel.db import Transaction
from userhero.kernel.errors import NotFound
from userhero.projects import Priority, ProjectOutline, list_outlines
from userhero.workflows import list_boards
from userhero.workspaces import Access, Teammate, list_team

CHANNELS = ("email", "slack", "webhook")


class Offers(NamedTuple):
    """All of it, for one project, by what is sent. ``values`` are those of fields that hold some words only, and what
    people read for them.
    """

    project: ProjectOutline
    projects: list[ProjectOutline]
    people: list[Teammate]
    boards: dict[str, str]
    fields: dict[str, str]
    values: dict[str, dict[str, str]]
    triggers: dict[str, str] = TRIGGERS
    actions: dict[str, str] = ACTIONS
    channels: tuple[str, ...] = CHANNELS

    @property
    def names(self) -> dict[str, str]:
        """What ids stand for in conditions and actions."""
        found = {str(field.id): field.label for field in self.project.fields} | self.boards
        found |= {each.user_id: each.name for each in self.people}
        return found | {status.id: status.label for status in self.project.statuses}


def find_offers(tx: Transaction, access: Access, project_id: str) -> Offers:
    """What there is to choose from in a project; the oldest where none is named. Raises NotFound."""
    projects = list_outlines(tx, access)
    project = next((each for each in projects if project_id in ("", each.id)), None)
    if project is None:
        raise NotFound("Project not found." if projects else "This workspace has no project yet.")
    people = list_team(tx, access)
    own = {f"{CUSTOM}{field.id}": field.label for field in project.fields}
    values = {name: dict(zip(words, words, strict=True)) for name, words in WORDS.items()}
    values["priority"] = {word: word for word in reversed(get_args(Priority))}
    values["status"] = {status.id: status.label for status in project.statuses}
    values["assigneeId"] = {each.user_id: each.name for each in people}
    values["isPublic"] = {"true": "yes", "false": "no"}
    # In the order in which they are most likely wanted.
    fields = {name: FIELD_WORDS[name] for name in FIELD_WORDS if name in FIELDS} | own | {"metadata": "Metadata …"}
    return Offers(project, projects, people, list_boards(tx, project.id), fields, values)
