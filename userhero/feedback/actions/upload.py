"""Taking in a file that was uploaded for a workspace or for one of its items."""

from typing import NamedTuple

from msgspec import UnsetType

from userhero.feedback.queries import get_row
from userhero.kernel.actor import Actor
from userhero.kernel.db import Transaction
from userhero.media import Examined, UploadFields, add_media, find_attachment
from userhero.projects import get_in_workspace
from userhero.workspaces import enter_named


class Uploaded(NamedTuple):
    """A recorded file: ``attachment`` is its JSON where it was uploaded for an item."""

    file: Examined
    attachment: str | None


def take_file(
    tx: Transaction, actor: Actor, fields: UploadFields, file: Examined, workspace_id: str | UnsetType
) -> Uploaded:
    """Record a file that has been stored. Raises NotFound for an item or project that is not the workspace's."""
    if isinstance(fields.feedback_id, UnsetType):
        access = enter_named(tx, actor, workspace_id)
        project_id = None
        if not isinstance(fields.project_id, UnsetType):
            project_id = get_in_workspace(tx, access, fields.project_id).id
        add_media(tx, access, file, project_id=project_id, feedback_id=None)
        return Uploaded(file, None)
    access, row = get_row(tx, actor, fields.feedback_id, workspace_id)
    if not isinstance(fields.project_id, UnsetType):
        get_in_workspace(tx, access, fields.project_id)
    media_id = add_media(tx, access, file, project_id=row.project_id, feedback_id=row.id)
    return Uploaded(file, find_attachment(tx, row.id, media_id))
