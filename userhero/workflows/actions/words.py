"""The values of items and rules as they are stored."""

from userhero.kernel.db import Transaction
from userhero.kernel.errors import Invalid
from userhero.workflows.item_types import MAX_TITLE
from userhero.workspaces import Access, find_member

MAX_NAME = 200


def name_text(name: str) -> str:
    """A display name, trimmed. Raises Invalid."""
    return _text("name", name, MAX_NAME)


def title_text(title: str) -> str:
    """A title, trimmed. Raises Invalid."""
    return _text("title", title, MAX_TITLE)


def optional_text(field: str, text: str | None, most: int) -> str | None:
    """A text, trimmed; None for a blank one. Raises Invalid where it is too long."""
    trimmed = (text or "").strip()
    if len(trimmed) > most:
        raise Invalid(field, f"must have at most {most} characters")
    return trimmed or None


def check_member(tx: Transaction, access: Access, user_id: str | None, field: str) -> None:
    """Raises Invalid for whoever is no member of the workspace; nobody is fine."""
    if user_id is not None and find_member(tx, access, user_id) is None:
        raise Invalid(field, "must be a member of the workspace")


def assignee_columns(workspace_id: str, user_id: str | None) -> dict[str, str | None]:
    """The two columns that say who has an item."""
    return {"assignee_workspace_id": None if user_id is None else workspace_id, "assignee_id": user_id}


def _text(field: str, text: str, most: int) -> str:
    trimmed = text.strip()
    if not 1 <= len(trimmed) <= most:
        raise Invalid(field, f"must have 1 to {most} characters")
    return trimmed
